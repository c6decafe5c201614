// The table of cookies, and what the person who is signed in lets us keep.

import { query } from "/requests.js";
import { locale, t } from "/texts.js";

const choice = document.getElementById("choice");
const answer = document.getElementById("answer");
const CHOICE = "version functional analytics given";
let version = 0;

function lasts(seconds) {
  const days = Math.round(seconds / 86400);
  return days > 0 ? t("{days} days", { days }) : t("{minutes} minutes", { minutes: Math.round(seconds / 60) });
}

function show(given) {
  if (!given) return;
  choice.elements.functional.checked = given.functional;
  choice.elements.analytics.checked = given.analytics;
  answer.textContent = t("This is your choice since {when}.", { when: new Date(given.given).toLocaleString(locale) });
  answer.className = "answer good";
}

async function save(event) {
  event.preventDefault();
  const { functional, analytics } = choice.elements;
  const mutation = `mutation($input: SetConsentInput!) { setConsent(input: $input) { consent { ${CHOICE} } userErrors { message } } }`;
  try {
    const input = { version, functional: functional.checked, analytics: analytics.checked };
    const { setConsent } = await query(mutation, { input });
    show(setConsent.consent);
  } catch (error) {
    answer.textContent = error.message;
    answer.className = "answer bad";
  }
}

async function open() {
  const table = await (await fetch("/cookies.json")).json();
  version = table.version;
  const list = document.getElementById("cookies");
  for (const cookie of table.cookies) {
    const name = document.createElement("dt");
    name.textContent = cookie.name;
    const what = document.createElement("dd");
    what.textContent = t("{category}, at most {time}: {purpose}.", { category: t(cookie.category), time: lasts(cookie.seconds), purpose: t(cookie.purpose) });
    list.append(name, what);
  }
  // Who is not signed in has nothing to choose: only what is necessary is kept.
  const own = await query(`{ consent { ${CHOICE} } }`).catch(() => null);
  if (own) {
    choice.hidden = false;
    show(own.consent);
  }
}

choice.addEventListener("submit", save);
open();
