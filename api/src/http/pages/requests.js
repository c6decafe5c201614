// What the pages ask: JSON by POST. An access token that has ended is renewed on the way, once for all who wait for it.

import { refusal, t } from "/texts.js";

let renewal = null;

async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { ok: response.ok, said: await response.json().catch(() => ({})) };
}

function why(said) {
  const error = (said.errors || [])[0] || { message: t("Something went wrong on our side. Try again in a minute.") };
  const { code, ...more } = error.extensions ?? { code: error.code, field: error.field };
  return Object.assign(new Error(refusal(error.message, code)), { code, ...more });
}

// Gives what is answered, or throws why not: with `code`, and `field` where one is to blame.
export async function post(path, body) {
  const { ok, said } = await send(path, body);
  if (ok) return said;
  throw why(said);
}

// The same for who is in.
export async function ask(path, body) {
  const first = await send(path, body);
  if (first.ok) return first.said;
  if (why(first.said).code !== "UNAUTHENTICATED") throw why(first.said);
  renewal ??= post("/auth/refresh", {}).finally(() => { renewal = null; });
  await renewal;
  return post(path, body);
}

// What GraphQL answers in `data`; a payload with `userErrors` counts as a refusal.
export async function query(document, variables) {
  const said = await ask("/graphql", { query: document, variables });
  if (said.errors) throw why(said);
  for (const payload of Object.values(said.data)) {
    if (payload?.userErrors?.length) throw why({ errors: payload.userErrors });
  }
  return said.data;
}

// Somebody is in: the app's other tabs look whether they are still theirs.
export function goIn(path = afterwards()) {
  new BroadcastChannel("kilter-session").postMessage("signed-in");
  location.replace(path);
}

// Where the app was left for signing in; else its first page. The app writes it, nobody else can: it is this tab's.
function afterwards() {
  const next = sessionStorage.getItem("kilter-next");
  sessionStorage.removeItem("kilter-next");
  return next?.startsWith("/") && !next.startsWith("//") ? next : "/";
}
