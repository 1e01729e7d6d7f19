/** rasa-webchat 1.0.1 in jsdom, as a page would embed it; prints what it showed.
 *  node webchat.mjs <url> <text> */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JSDOM, VirtualConsole } from "jsdom";

const [, , url, text] = process.argv;
const source = readFileSync(createRequire(import.meta.url).resolve("rasa-webchat/lib/index.js"), "utf8");
const errors = [];
const quiet = new VirtualConsole();
quiet.on("jsdomError", (error) => errors.push(String(error.message)));
const dom = new JSDOM(`<!doctype html><div id="webchat"></div>`, {
  url,
  runScripts: "outside-only",
  pretendToBeVisual: true,
  virtualConsole: quiet,
});
const { window } = dom;
window.matchMedia = () => ({ matches: false, addListener() {}, removeListener() {} });
window.HTMLElement.prototype.scrollTo = () => {};
window.HTMLElement.prototype.scrollIntoView = () => {};
window.eval(source);
window.WebChat.default(
  { selector: "#webchat", initPayload: "/get_started", socketUrl: url, socketPath: "/socket.io/", embedded: true, storage: "session", customData: {} },
  null,
);

const shown = () => [...window.document.querySelectorAll(".rw-response")].map((item) => item.textContent);

async function until(ready, seconds = 25) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (ready()) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

/** Types as a person would: React only sees the native setter and its event. */
function type(words) {
  const field = window.document.querySelector(".rw-new-message");
  if (!field) throw new Error(`no field: ${window.document.body.innerHTML.slice(0, 300)}`);
  const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value");
  set.call(field, words);
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
  // jsdom has no named access to a form's fields, which the client uses.
  Object.defineProperty(field.form, "message", { value: field, configurable: true });
  field.form.dispatchEvent(new window.Event("submit", { bubbles: true, cancelable: true }));
}

// The notice of what is stored comes before the greeting.
const greeted = await until(() => shown().length > 1);
const before = shown().length;
type(text);
// An empty one is the typing indicator.
const answered = await until(() => shown().slice(before).some(Boolean));
const buttons = [...window.document.querySelectorAll(".rw-reply")].map((item) => item.textContent);
const result = { greeted, answered, shown: shown(), buttons, errors };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
