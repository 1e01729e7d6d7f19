import { JSDOM } from "jsdom";

/** Puts a page behind the globals that the widget's code uses. */
export function openPage(): JSDOM {
  const dom = new JSDOM("<!doctype html><body></body>", { url: "http://shop.test/" });
  Object.assign(globalThis, { window: dom.window, document: dom.window.document });
  return dom;
}
