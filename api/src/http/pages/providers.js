// To a provider and back: buttons on the page for signing in, the page that people come back to, and the one where they link.

import { showPasskey } from "/passkeys.js";
import { ask, goIn, post } from "/requests.js";
import { t } from "/texts.js";

const back = location.pathname.match(/^\/auth\/oidc\/([a-z0-9-]+)\/return$/);
const answer = document.getElementById("answer");

function say(text, good) {
  answer.textContent = text;
  answer.className = good ? "answer good" : "answer bad";
}

async function all() {
  const response = await fetch("/auth/providers");
  return response.ok ? response.json() : [];
}

async function offer(place) {
  for (const { id, name } of await all()) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = t("Sign in with {provider}", { provider: name });
    button.addEventListener("click", async () => {
      const remember = document.querySelector("#sign-in [name=remember]").checked;
      try {
        location.assign((await post(`/auth/oidc/${id}/begin`, { remember })).url);
      } catch (error) {
        say(error.message, false);
      }
    });
    place.append(button);
  }
}

function entered(said) {
  if (said.linked) return say(t("The account is linked. You can sign in with it from now on."), true);
  if (said.enrolment) {
    return say(t("Your company asks for a second factor, which you have not set up yet. Sign in with your password to do so."), false);
  }
  if (!said.secondFactor) return goIn();
  const section = document.getElementById("second-factor");
  section.hidden = false;
  const passkey = section.querySelector("#with-passkey");
  passkey.hidden = !said.secondFactor.methods.includes("passkey");
  passkey.addEventListener("click", () => {
    showPasskey({ token: said.secondFactor.token }).then(entered, (error) => say(error.message, false));
  });
  section.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { token: said.secondFactor.token };
    for (const name of ["code", "recoveryCode"]) {
      const typed = event.target.elements[name].value.trim();
      if (typed) body[name] = typed;
    }
    try {
      await post("/auth/second-factor", body);
      goIn();
    } catch (error) {
      say(error.message, false);
    }
  });
}

async function comeBack(provider) {
  const said = new URLSearchParams(location.search);
  // Neither the history nor a link that is copied has the code.
  history.replaceState(null, "", "/providers");
  if (!said.has("code")) return say(t("The provider did not sign you in. Begin again."), false);
  const brought = { code: said.get("code"), state: said.get("state") || "" };
  if (said.has("iss")) brought.iss = said.get("iss");
  try {
    entered(await ask(`/auth/oidc/${provider}/finish`, brought));
  } catch (error) {
    say(error.message, false);
  }
}

async function showOwn(section) {
  const [form, providers] = [section.querySelector("form"), await all()];
  section.hidden = false;
  form.hidden = providers.length === 0;
  if (form.hidden) say(t("No provider is set up here."), false);
  for (const { id, name } of providers) form.elements.provider.append(new Option(name, id));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [what, { provider, password }] = [event.submitter.value, form.elements];
    try {
      const said = await ask(`/auth/oidc/${provider.value}/${what}`, { password: password.value });
      if (said.url) return location.assign(said.url);
      say(t("The account is unlinked."), true);
    } catch (error) {
      say(error.message, false);
    }
  });
}

const [place, own] = [document.getElementById("providers"), document.getElementById("own")];
if (back) comeBack(back[1]);
else if (own) showOwn(own);
else if (place) offer(place);
