// Setting second factors up: the same dialogs from an account and from a sign-in that asks for one.

import { addPasskey } from "/passkeys.js";
import { ask } from "/requests.js";
import { locale, t } from "/texts.js";

// Shows why something was not done, in the dialog or page where it was asked.
export function say(place, error) {
  place.textContent = error ? error.message : "";
  place.className = error ? "answer bad" : "answer";
  if (error?.elsewhere) {
    const link = document.createElement("a");
    link.href = error.elsewhere;
    link.textContent = t("Open it there");
    place.append(" ", link);
  }
}

// Opens a dialog; gives what `done` gives once its form is sent and that works, or undefined where it is closed before.
export function open(id, done, prepare) {
  const dialog = document.getElementById(id);
  const form = dialog.querySelector("form");
  const answer = dialog.querySelector(".answer");
  form.reset();
  say(answer, null);
  prepare?.(form);
  return new Promise((resolve) => {
    let result;
    const submit = async (event) => {
      event.preventDefault();
      const button = form.querySelector("button:not([type=button])");
      button.disabled = true;
      say(answer, null);
      try {
        result = await done(Object.fromEntries(new FormData(form)));
        dialog.close();
      } catch (error) {
        // Who is in has typed no address.
        if (error.code === "CREDENTIALS_REFUSED") error.message = t("The password is not right.");
        say(answer, error);
        form.elements[error.field]?.focus();
      } finally {
        button.disabled = false;
      }
    };
    form.addEventListener("submit", submit);
    dialog.addEventListener("close", () => {
      form.removeEventListener("submit", submit);
      form.reset();
      resolve(result);
    }, { once: true });
    dialog.showModal();
  });
}

// Either a password or a code, as the field was filled.
export function proofOf({ password, code }) {
  return code?.trim() ? { code } : { password };
}

// Begins to set an authenticator app up, for who shows that it is they.
export function beginApp(proof) {
  return ask("/auth/second-factor/totp/begin", proof);
}

// Makes the app count that was begun with; gives recovery codes to who has none.
export async function confirmApp(app, step = {}) {
  const picture = document.getElementById("app-picture");
  const svg = app.qrCode && new DOMParser().parseFromString(app.qrCode, "image/svg+xml").documentElement;
  picture.replaceChildren(...(svg ? [svg] : []));
  document.getElementById("app-key").textContent = app.key.replace(/(.{4})(?=.)/g, "$1 ");
  const enrolled = await open("app-dialog", ({ code }) => ask("/auth/second-factor/totp/confirm", { ...step, code }));
  picture.replaceChildren();
  document.getElementById("app-key").textContent = "";
  return enrolled;
}

function deviceName() {
  const system = navigator.userAgentData?.platform || navigator.platform || t("device");
  return `${system}, ${new Date().toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric" })}`;
}

// Adds a passkey; gives recovery codes to who has none.
export function setUpPasskey({ token, hasApp }) {
  const done = ({ label, ...again }) => addPasskey(label, token ? { token } : proofOf(again));
  return open("passkey-dialog", done, (form) => {
    form.elements.label.value = deviceName();
    form.querySelector("[data-again]").hidden = Boolean(token);
    form.elements.password.required = !token && !hasApp;
    form.querySelector("[data-code]").hidden = !hasApp;
  });
}

// Recovery codes are shown once: the dialog closes only by its own button.
export function showCodes(codes) {
  if (!codes?.length) return Promise.resolve();
  const dialog = document.getElementById("codes-dialog");
  const list = document.getElementById("codes");
  list.replaceChildren(...codes.map((code) => {
    const item = document.createElement("li");
    item.textContent = code;
    return item;
  }));
  const copied = document.getElementById("codes-copied");
  copied.textContent = "";
  document.getElementById("codes-copy").onclick = async () => {
    await navigator.clipboard.writeText(codes.join("\n"));
    copied.textContent = t("Copied.");
  };
  document.getElementById("codes-print").onclick = () => window.print();
  document.getElementById("codes-kept").onclick = () => dialog.close();
  dialog.oncancel = (event) => event.preventDefault();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      list.replaceChildren();
      resolve();
    }, { once: true });
    dialog.showModal();
  });
}

for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
