// Who is signed in, and what they may do.
import { reactive } from "vue";
import type { SessionInfo } from "./types.ts";

const CHOSEN = "console-dark";
const computer = window.matchMedia("(prefers-color-scheme: dark)");

export const session = reactive<{ info: SessionInfo | null; dark: boolean }>({
  info: null,
  dark: (localStorage.getItem(CHOSEN) ?? (computer.matches ? "1" : "0")) === "1",
});

/** The form follows the computer until somebody chooses one by hand. */
computer.addEventListener("change", (event) => {
  if (localStorage.getItem(CHOSEN) === null) session.dark = event.matches;
});

export function chooseDark(dark: boolean): void {
  session.dark = dark;
  localStorage.setItem(CHOSEN, dark ? "1" : "0");
}

export const may = (right: string): boolean => session.info?.rights.includes(right) ?? false;
