// Who is signed in, and what they may do.
import { reactive } from "vue";
import type { SessionInfo } from "./types.ts";

const computer = window.matchMedia("(prefers-color-scheme: dark)");

export const session = reactive<{ info: SessionInfo | null; dark: boolean }>({
  info: null,
  dark: (localStorage.getItem("console-dark") ?? (computer.matches ? "1" : "0")) === "1",
});

/** The form follows the computer until somebody chooses one by hand. */
computer.addEventListener("change", (event) => {
  if (localStorage.getItem("console-dark") === null) session.dark = event.matches;
});

export function chooseDark(dark: boolean): void {
  session.dark = dark;
  localStorage.setItem("console-dark", dark ? "1" : "0");
}

export const may = (right: string): boolean => session.info?.rights.includes(right) ?? false;
