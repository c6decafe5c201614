// What the pages say, in the language of who looks at them. They are written in English; texts/<language>.json says the rest by it, and
// refusals by the words or the code that the server refuses with. `api/web/src/i18n/pages.test.ts` holds that nothing is missing.

const LANGUAGES = { en: "English", de: "Deutsch", et: "Eesti", es: "Español" };
// Where the app keeps what was chosen.
const KEPT = "kilter-language";

function chosen() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, sessionStorage.getItem(KEPT), localStorage.getItem(KEPT), ...navigator.languages];
  return wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag in LANGUAGES) ?? "en";
}

async function load(language) {
  if (language === "en") return {};
  try {
    return await (await fetch(`/texts/${language}.json`)).json();
  } catch {
    // English is better than nothing.
    return {};
  }
}

const language = chosen();
const { texts = {}, refusals = {} } = await load(language);

// For dates and numbers; English is written as the browser does.
export const locale = language === "en" ? undefined : language;

export function t(english, values = {}) {
  return (texts[english] ?? english).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

// Why something was refused: by its own words, else by its code.
export function refusal(message, code) {
  const told = refusals[message] ?? refusals[code] ?? message;
  const begun = told.charAt(0).toUpperCase() + told.slice(1);
  return begun.endsWith(".") ? begun : `${begun}.`;
}

// Fills a text whose parts are known only now.
export function fill(element, values) {
  element.textContent = t(element.dataset.filled, values);
}

function translate(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const english = node.data.trim();
    if (english) node.data = node.data.replace(english, () => t(english));
  }
  for (const element of root.querySelectorAll("[aria-label]")) element.setAttribute("aria-label", t(element.getAttribute("aria-label")));
  for (const element of root.querySelectorAll("[data-title]")) element.dataset.title = t(element.dataset.title);
}

function offerLanguages() {
  const foot = document.querySelector(".foot");
  if (!foot) return;
  for (const [tag, name] of Object.entries(LANGUAGES)) {
    if (tag === language) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.lang = tag;
    button.textContent = name;
    button.addEventListener("click", () => {
      sessionStorage.setItem(KEPT, tag);
      const here = new URL(location.href);
      here.searchParams.delete("lang");
      // The same page with its token behind the #: only the language is another.
      history.replaceState(null, "", here);
      location.reload();
    });
    foot.append(" · ", button);
  }
}

document.documentElement.lang = language;
document.title = document.title.split(" · ").map((part) => t(part)).join(" · ");
translate(document.body);
for (const element of document.querySelectorAll("[data-filled]")) fill(element, { step: 1, company: t("a company") });
offerLanguages();
