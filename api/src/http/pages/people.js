// The forms where people come in. Each posts its fields as JSON; a token of a link stands behind the # and is sent only when asked to.
"use strict";

const page = location.pathname.slice(1) || "sign-in";
const answer = document.getElementById("answer");
let section = document.getElementById(page) || document.getElementById("sign-in");
let token = location.hash.slice(1);

const AFTER = {
  "sign-in": "You are signed in.",
  "second-factor": "You are signed in.",
  "sign-up": "We have sent you a mail. Follow its link within two hours, then sign in.",
  "verify": "Your address is confirmed. You can sign in now.",
  "forgot-password": "If somebody has this address, a link is on its way. It is good for an hour.",
  "reset-password": "Your new password is set. You can sign in with it.",
  "invitation": "Welcome. You can sign in now.",
};
const THEN_SIGN_IN = ["verify", "reset-password", "invitation"];

function say(text, good) {
  answer.textContent = text;
  answer.className = good ? "good" : "bad";
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said;
  const error = (said.errors || [])[0] || { message: "Something went wrong. Try again later." };
  throw Object.assign(new Error(error.message), { field: (error.extensions || {}).field });
}

function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  for (const box of form.querySelectorAll("input[type=checkbox]")) fields[box.name] = box.checked;
  if ("token" in form.dataset) fields.token = token;
  // A code is of one kind or the other.
  for (const name of ["code", "recoveryCode"]) if (name in fields && !fields[name].trim()) delete fields[name];
  return fields;
}

// The password was right; a code is asked for.
function askForCode(step) {
  section.hidden = true;
  section = document.getElementById("second-factor");
  section.hidden = false;
  token = step.token;
  answer.textContent = "";
  section.querySelector("input").focus();
}

async function submit(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  button.disabled = true;
  say("", true);
  try {
    const said = await post(form.dataset.post, fieldsOf(form));
    if (said.secondFactor) return askForCode(said.secondFactor);
    if (said.enrolment) throw new Error("Your company asks for a second factor, which you have not set up yet. Ask an admin.");
    form.hidden = true;
    say(AFTER[section.id], true);
    history.replaceState(null, "", location.pathname);
    if (THEN_SIGN_IN.includes(section.id)) {
      const link = document.createElement("a");
      link.href = "/sign-in";
      link.textContent = "Sign in";
      answer.append(" ", link);
    }
  } catch (error) {
    say(error.message, false);
    const input = error.field && form.elements[error.field];
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  } finally {
    button.disabled = false;
  }
}

async function showInvitation() {
  try {
    const said = await post("/auth/invitations/see", { token });
    for (const place of section.querySelectorAll("[data-said]")) place.textContent = said[place.dataset.said];
  } catch (error) {
    section.querySelector("form").hidden = true;
    say(error.message, false);
  }
}

for (const form of document.querySelectorAll("form")) form.addEventListener("submit", submit);
document.title = `${section.querySelector("h1").textContent.trim()} · Kilter`;
section.hidden = false;
const zones = document.getElementById("zones");
if (section.id === "sign-up") {
  section.querySelector("[name=timeZone]").value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const zone of Intl.supportedValuesOf("timeZone")) zones.append(new Option(zone));
}
if (section.querySelector("[data-token]") && !token) {
  section.querySelector("form").hidden = true;
  say("This page is opened by the link in a mail.", false);
} else if (section.id === "invitation") {
  showInvitation();
}
