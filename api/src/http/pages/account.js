// The account of who is in: second factors, passkeys, sessions.

import { beginApp, confirmApp, open, proofOf, say, setUpPasskey, showCodes } from "/dialogs.js";
import { canPasskeys } from "/passkeys.js";
import { ask, post, query } from "/requests.js";
import { locale, t } from "/texts.js";

const page = document.getElementById("account");
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const ROLES = { ADMIN: "Admin", MANAGER: "Manager", OPERATOR: "Operator", AUDITOR: "Auditor" };
let factors;

function made(tag, text, kind) {
  const element = document.createElement(tag);
  element.textContent = text ?? "";
  if (kind) element.className = kind;
  return element;
}

function moment(text) {
  const at = new Date(text);
  const shown = made("time", at.toLocaleString(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));
  shown.dateTime = text;
  shown.title = at.toLocaleString(locale, { dateStyle: "full", timeStyle: "long" });
  return shown;
}

// A row: what it is, what is known of it, and what can be done with it.
function row(name, facts, action) {
  const item = made("li");
  const text = made("div");
  const line = made("p", "", "facts");
  facts.filter(Boolean).forEach((fact, index) => line.append(...(index ? [" · ", fact] : [fact])));
  text.append(made("b", name), line);
  item.append(text, ...(action ? [action] : []));
  return item;
}

function button(text, label, act) {
  const element = made("button", text, "plain");
  element.type = "button";
  element.setAttribute("aria-label", label);
  element.addEventListener("click", () => attempt(act));
  return element;
}

// Does something and shows how things stand then; says why not where it is refused.
async function attempt(act) {
  say(part("answer"), null);
  try {
    await act();
    await show();
  } catch (error) {
    if (["UNAUTHENTICATED", "SECOND_FACTOR_NEEDED"].includes(error.code)) return location.replace("/sign-in");
    say(part("answer"), error);
  }
}

// Asks once more who it is, for something that can't be undone.
function again(title, text, takesCode, done) {
  const prepare = (form) => {
    document.getElementById("again-title").textContent = title;
    document.getElementById("again-text").textContent = text;
    form.querySelector("[data-code]").hidden = !takesCode;
    form.elements.password.required = !takesCode;
    form.querySelector("button:not([type=button])").textContent = title;
  };
  return open("again-dialog", (typed) => done(proofOf(typed)), prepare);
}

async function setUp(enrolled) {
  await showCodes((await enrolled)?.recoveryCodes);
}

function removePasskey(passkey) {
  const text = t("“{name}” signs nobody in any more. Delete it on your device too.", { name: passkey.label });
  return again(t("Remove passkey"), text, factors.totp, (proof) => ask("/auth/passkeys/remove", { passkey: passkey.id, ...proof }));
}

async function addApp() {
  const text = t("Then you scan a code with the app on your phone.");
  const app = await again(t("Set up the app"), text, false, beginApp);
  if (app) await setUp(confirmApp(app));
}

function removeApp() {
  const text = t("Codes of your app are not asked for any more. Your recovery codes go with your last second factor.");
  return again(t("Remove authenticator app"), text, false, (proof) => ask("/auth/second-factor/totp/remove", proof));
}

function renewCodes() {
  const text = t("The codes that you have now are of no use afterwards.");
  return setUp(again(t("Make new codes"), text, false, (proof) => ask("/auth/second-factor/recovery-codes", proof)));
}

function changePassword() {
  const document = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { message field code } } }";
  return open("password-dialog", (input) => query(document, { input }));
}

function endSession(session) {
  const document = "mutation($input: EndSessionInput!) { endSession(input: $input) { userErrors { message } } }";
  return query(document, { input: { sessionId: session.id } });
}

function showSessions(sessions) {
  const rows = sessions.map((session) => {
    const { browser, system } = session;
    const name = browser && system ? t("{browser} on {system}", { browser, system }) : browser || system || t("A device");
    const facts = [session.present && t("this one"), session.address, spanned("last used {when}", session.used)];
    return row(name, facts, session.present ? null : button(t("Sign out"), t("Sign out {name}", { name }), () => endSession(session)));
  });
  part("sessions").replaceChildren(...rows);
  part("end-others").hidden = sessions.length < 2;
}

function showFactors() {
  const { totp, recoveryCodes, passkeys, passkeysAt } = factors;
  const app = totp
    ? row(t("Authenticator app"), [t("On: a code is asked for after your password")], button(t("Remove"), t("Remove the authenticator app"), removeApp))
    : row(t("Authenticator app"), [t("Off")], button(t("Set up"), t("Set up an authenticator app"), addApp));
  const hasFactor = totp || passkeys.length > 0;
  const codes = row(t("Recovery codes"), [hasFactor ? t("{left} of 10 left", { left: recoveryCodes }) : t("Made with your first second factor")],
    hasFactor && button(t("Make new codes"), t("Make new recovery codes"), renewCodes));
  const password = row(t("Password"), [t("Changing it ends your other sessions")], button(t("Change"), t("Change your password"), changePassword));
  part("factors").replaceChildren(password, app, codes);
  const rows = passkeys.map((passkey) => row(passkey.label,
    [spanned("added {when}", passkey.added), passkey.used ? spanned("last used {when}", passkey.used) : t("never used")],
    button(t("Remove"), t("Remove the passkey {name}", { name: passkey.label }), () => removePasskey(passkey))));
  part("passkeys").replaceChildren(...rows);
  part("no-passkeys").hidden = passkeys.length > 0;
  const add = part("add-passkey");
  const isHere = passkeysAt === location.origin;
  add.hidden = !canPasskeys || !isHere;
  const note = part("passkeys-note");
  note.replaceChildren();
  if (!passkeysAt) {
    note.append(t("Passkeys need an address with a name. This Kilter is reached by an IP address; an admin can set public_url."));
  } else if (!isHere) {
    const link = made("a", passkeysAt);
    link.href = `${passkeysAt}/account`;
    note.append(...around("Browsers bind passkeys to one address. Sign in there to add one: {address}", link));
  } else if (!canPasskeys) {
    note.append(t("This browser is too old for passkeys."));
  }
}

// A text with an element in place of its only blank.
function around(english, element) {
  const [before, after] = t(english).split(/\{\w+\}/);
  return [before, element, after];
}

function spanned(english, at) {
  const span = made("span");
  span.append(...around(english, moment(at)));
  return span;
}

async function show() {
  const [{ viewer, sessions }, own] = await Promise.all([
    query("{ viewer { name tenantName role } sessions { id present used address browser system } }"),
    ask("/auth/second-factor/list", {}),
  ]);
  factors = own;
  part("name").textContent = viewer.name ?? t("Your account");
  part("company").textContent = `${viewer.tenantName} · ${t(ROLES[viewer.role] ?? viewer.role)}`;
  showFactors();
  showSessions(sessions);
  page.setAttribute("aria-busy", "false");
}

export function start() {
  part("add-passkey").addEventListener("click", () => attempt(() => setUp(setUpPasskey({ hasApp: factors.totp }))));
  const others = "mutation { endOtherSessions { userErrors { message } } }";
  part("end-others").addEventListener("click", () => attempt(() => query(others)));
  part("sign-out").addEventListener("click", () => {
    post("/auth/sign-out", {}).then(() => location.replace("/sign-in"), (error) => say(part("answer"), error));
  });
  return attempt(() => {});
}
