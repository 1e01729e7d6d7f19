// What is on record, in words: no JSON, no codes, money as money.
import { i18n } from "../i18n.ts";
import { absolute, word, yuan } from "../format.ts";

// Names and codes of a detail are those of other pages.
const LABELS = ["audit.what", "settings", "slot"];
const GROUPS: Record<string, string[]> = {
  role: ["role"], verdict: ["verdict"], state: ["review_state", "case_state"], skills: ["family"], languages: ["language"], kind: ["request", "case_kind"],
  field: ["audit.fields"], outcome: ["audit.outcomes"], purpose: ["customers.purposes", "purpose"],
};
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** The word of the first group that has one. */
const named = (groups: string[], code: string): string => groups.map((group) => word(group, code)).find((found) => found !== code) ?? code;

export function label(name: string): string {
  // A role or a day may stand as the name of a value.
  return named([...LABELS, "role", "family"], name).replaceAll("_", " ");
}

export function value(name: string, given: unknown): string {
  const { t } = i18n.global;
  if (given === null || given === undefined || given === "") return t("audit.what.none");
  if (typeof given === "boolean") return t(given ? "audit.what.yes" : "audit.what.no");
  if (typeof given === "number") return /(^|_)fen$/.test(name) ? yuan(given) : String(given);
  if (Array.isArray(given)) return given.length ? given.map((one) => (Array.isArray(one) ? one.join("–") : value(name, one))).join(t("people.and")) : t("audit.what.none");
  // What a group of values is about says how each is read.
  if (typeof given === "object") return Object.entries(given).map(([key, one]) => `${label(key)} ${value(/_fen$/.test(name) ? name : key, one)}`).join(t("people.and"));
  const text = String(given);
  return MOMENT.test(text) ? absolute(text) : named(GROUPS[name] ?? [], text);
}

export function told(action: string, target: string, detail: Record<string, unknown> | null): string {
  // A setting's name is what was changed; its value is read by that name.
  if (action === "settings.change") return value(target, detail?.value);
  return Object.entries(detail ?? {}).map(([name, given]) => `${label(name)}: ${value(name, given)}`).join(" · ");
}

// What was done is one click from where it was done.
const OF_TALKS = ["talk", "review", "reveal", "quality", "finding", "words"];
export function linkOf(action: string, target: string): string | null {
  if (/^AS\d{8,}$/.test(target)) return `/cases/${target}`;
  // A number is a finding's or a message's own.
  return OF_TALKS.includes(action.split(".")[0]!) && /\D/.test(target) ? `/review/${target}` : null;
}
/** An unguessable id is of no use to the eye. */
export function short(action: string, target: string): string {
  if (action === "settings.change") return label(target);
  return target.length > 24 ? `${target.slice(0, 10)}…` : target;
}
