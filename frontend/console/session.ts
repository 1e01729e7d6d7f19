// Who is signed in, and what they may do.
import { reactive } from "vue";
import type { SessionInfo } from "./types.ts";

export const session = reactive<{ info: SessionInfo | null; dark: boolean }>({
  info: null,
  dark: localStorage.getItem("console-dark") === "1",
});

export const may = (right: string): boolean => session.info?.rights.includes(right) ?? false;
