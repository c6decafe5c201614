// The two calls of a browser that make and show passkeys, between the two requests that begin and end each.

import { ask, post } from "/requests.js";
import { t } from "/texts.js";

export const canPasskeys = Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON);

let waiting = null;

function explain(error) {
  if (error.name === "NotAllowedError") return new Error(t("No passkey was chosen. Try again, or use another way."));
  if (error.name === "InvalidStateError") return new Error(t("This device has a passkey of yours already."));
  if (error.name === "AbortError") return error;
  return new Error(t("The browser can't do this: {why}", { why: error.message }));
}

// Passkeys belong to one address. Elsewhere there is nothing to ask the browser for.
function checkPlace(origin) {
  if (origin === location.origin) return;
  const there = new Error(t("Passkeys work at {address} only.", { address: origin }));
  there.elsewhere = origin + location.pathname;
  throw there;
}

// Makes a passkey, from a session or with the token of an enrolment.
export async function addPasskey(label, proof) {
  const begun = await ask("/auth/passkeys/add/begin", proof);
  checkPlace(begun.origin);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.options);
  const made = await navigator.credentials.create({ publicKey }).catch((error) => { throw explain(error); });
  const confirm = { ceremony: begun.ceremony, label, credential: made.toJSON() };
  if (proof.token) confirm.token = proof.token;
  return ask("/auth/passkeys/add/confirm", confirm);
}

// Signs in with a passkey: alone, or with the token that a password gave. `mediation` is "conditional" where the browser offers
// passkeys in a field; that gives way to whoever asks outright.
export async function showPasskey({ token, remember, mediation } = {}) {
  waiting?.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const step = token ? { token } : {};
  const begun = await post("/auth/passkeys/sign-in/begin", step);
  checkPlace(begun.origin);
  if (signal.aborted) throw new DOMException("another one was asked for", "AbortError");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
  const shown = await navigator.credentials.get({ publicKey, mediation, signal }).catch((error) => { throw explain(error); });
  const remembered = typeof remember === "function" ? remember() : Boolean(remember);
  return post("/auth/passkeys/sign-in/finish", {
    ...step, ceremony: begun.ceremony, credential: shown.toJSON(), remember: remembered,
  });
}
