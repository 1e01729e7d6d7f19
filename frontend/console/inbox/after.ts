// What a canned reply does to the chat once it is sent, in words.
import { i18n } from "../i18n.ts";
import { word } from "../format.ts";
import type { After } from "../types.ts";

export function doneAfter(after: After | null | undefined): string {
  if (!after) return "";
  const { t } = i18n.global;
  const end = after.end ? t(`macro.${after.end}`, { reason: word("close_reason", after.reason) }) : "";
  return [...after.tags.map((tag) => `#${tag}`), end].filter(Boolean).join(t("people.and"));
}
