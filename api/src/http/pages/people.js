// The forms where people come in. Each posts its fields as JSON; a token of a link stands behind the # and is sent only when asked to.

import { start as showAccount } from "/account.js";
import { beginApp, confirmApp, say, setUpPasskey, showCodes } from "/dialogs.js";
import { canPasskeys, showPasskey } from "/passkeys.js";
import { goIn, post } from "/requests.js";
import { fill, t } from "/texts.js";

const page = location.pathname.slice(1) || "sign-in";
const answer = document.getElementById("answer");
let section = document.getElementById(page) || document.getElementById("sign-in");
let token = location.hash.slice(1);

const AFTER = {
  "sign-up": "We have sent you a mail. Follow its link within two hours, then sign in.",
  "verify": "Your address is confirmed. You can sign in now.",
  "forgot-password": "If somebody has this address, a link is on its way. It is good for an hour.",
  "reset-password": "Your new password is set. You can sign in with it.",
  "invitation": "Welcome. You can sign in now.",
};
const THEN_SIGN_IN = ["verify", "reset-password", "invitation"];

function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  for (const box of form.querySelectorAll("input[type=checkbox]")) fields[box.name] = box.checked;
  if ("token" in form.dataset) fields.token = token;
  // A code is of one kind or the other.
  for (const name of ["code", "recoveryCode"]) if (name in fields && !fields[name].trim()) delete fields[name];
  return fields;
}

function turnTo(name, step) {
  section.hidden = true;
  section = document.getElementById(name);
  section.hidden = false;
  token = step.token;
  say(answer, null);
}

// The password was right; a second factor is asked for, one of those that they have.
function askForFactor(step) {
  turnTo("second-factor", step);
  for (const part of section.querySelectorAll("[data-method]")) {
    part.hidden = !step.methods.includes(part.dataset.method) || (part.dataset.method === "passkey" && !canPasskeys);
  }
  section.querySelector("form").hidden = !step.methods.some((method) => method !== "passkey");
  section.querySelector("button:not([hidden]), label:not([hidden]) input")?.focus();
}

// The password was right; the company asks for a second factor that they have yet to set up.
function askForEnrolment(step) {
  turnTo("enrolment", step);
  section.querySelector("#enrol-passkey").hidden = !canPasskeys;
}

function entered(said) {
  if (said.secondFactor) return askForFactor(said.secondFactor);
  if (said.enrolment) return askForEnrolment(said.enrolment);
  if (section.id === "guest") goIn("/");
  else goIn();
}

async function enrol(setUp) {
  say(answer, null);
  try {
    const enrolled = await setUp({ token });
    if (!enrolled) return;
    await showCodes(enrolled.recoveryCodes);
    goIn();
  } catch (error) {
    say(answer, error);
  }
}

// A long form shows three fields at most at a time. What is hidden keeps what was typed.
function showStep(form, step) {
  const steps = [...form.querySelectorAll("fieldset")];
  if (!step || steps.length === 0) return;
  for (const one of steps) one.hidden = one !== step;
  fill(form.querySelector(".steps"), { step: steps.indexOf(step) + 1 });
  // What is not seen can't be complained of: it was looked at before the step was left.
  for (const one of steps) for (const input of one.querySelectorAll("input")) input.required = one === step;
  step.querySelector("input").focus();
}

function leadThrough(form) {
  const [first, second] = form.querySelectorAll("fieldset");
  for (const input of second.querySelectorAll("input")) input.required = false;
  form.querySelector("[data-next]").addEventListener("click", () => {
    if (form.reportValidity()) showStep(form, second);
  });
  form.querySelector("[data-back]").addEventListener("click", () => showStep(form, first));
}

async function submit(event) {
  event.preventDefault();
  const form = event.currentTarget;
  // Enter in a step that is not the last leads to the next one.
  const next = form.querySelector("fieldset:not([hidden]) [data-next]");
  if (next) return next.click();
  const button = form.querySelector("button:not([type=button])");
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  button.disabled = true;
  say(answer, null);
  try {
    const said = await post(form.dataset.post, fieldsOf(form));
    if (["sign-in", "second-factor", "guest"].includes(section.id)) return entered(said);
    form.hidden = true;
    answer.textContent = t(AFTER[section.id]);
    answer.className = "answer good";
    history.replaceState(null, "", location.pathname);
    if (THEN_SIGN_IN.includes(section.id)) {
      const link = document.createElement("a");
      link.href = "/sign-in";
      link.textContent = t("Sign in");
      answer.append(" ", link);
    }
  } catch (error) {
    say(answer, error);
    const input = error.field && form.elements[error.field];
    if (input) {
      showStep(form, input.closest("fieldset"));
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  } finally {
    button.disabled = false;
  }
}

async function signInWithPasskey(asked) {
  say(answer, null);
  try {
    entered(await showPasskey(asked));
  } catch (error) {
    if (error.name !== "AbortError") say(answer, error);
  }
}

// Browsers that can offer passkeys among the addresses that they fill in; asked once somebody is about to type.
async function offerPasskeys() {
  const remember = () => section.querySelector("[name=remember]").checked;
  if (!canPasskeys || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const email = section.querySelector("[name=email]");
  email.addEventListener("focus", async () => {
    try {
      entered(await showPasskey({ mediation: "conditional", remember }));
    } catch {
      // Nobody asked for one outright: who types a password has nothing to be told.
    }
  }, { once: true });
}

async function showInvitation() {
  try {
    const said = await post("/auth/invitations/see", { token });
    const shown = { company: said.company, role: t(said.role), email: said.email };
    for (const place of section.querySelectorAll("[data-filled]")) fill(place, shown);
    section.querySelector(".hint").hidden = false;
  } catch (error) {
    section.querySelector("form").hidden = true;
    say(answer, error);
  }
}

for (const form of document.querySelectorAll("form[data-steps]")) leadThrough(form);
for (const form of document.querySelectorAll("form[data-post]")) form.addEventListener("submit", submit);
document.title = `${section.dataset.title || section.querySelector("h1").textContent.trim()} · Kilter`;
document.body.dataset.page = section.id;
section.hidden = false;
if (section.id === "account") showAccount();
if (section.id === "sign-in") {
  document.getElementById("with-passkey").hidden = !canPasskeys;
  document.getElementById("with-passkey").addEventListener("click", () => {
    signInWithPasskey({ remember: section.querySelector("[name=remember]").checked });
  });
  document.getElementById("factor-passkey").addEventListener("click", () => signInWithPasskey({ token }));
  document.getElementById("enrol-passkey").addEventListener("click", () => enrol(setUpPasskey));
  document.getElementById("enrol-app").addEventListener("click", () => enrol(async (step) => confirmApp(await beginApp(step), step)));
  offerPasskeys();
}
if (section.id === "sign-up") {
  section.querySelector("[name=timeZone]").value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const zone of Intl.supportedValuesOf("timeZone")) document.getElementById("zones").append(new Option(zone));
}
if (section.querySelector("[data-token]") && !token) {
  section.querySelector("form").hidden = true;
  say(answer, new Error(t("This page is opened by a link: that in a mail, or that which Kilter prints when it starts.")));
} else if (section.id === "guest") {
  section.querySelector("form").requestSubmit();
} else if (section.id === "invitation") {
  showInvitation();
}
