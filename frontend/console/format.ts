// Times in the shop's zone, money in yuan, words for codes.
import { i18n } from "./i18n.ts";

const ZONE = "Asia/Shanghai";
const FORMS = {
  full: { dateStyle: "medium", timeStyle: "medium", hour12: false },
  clock: { hour: "2-digit", minute: "2-digit", hour12: false },
  date: { dateStyle: "long" },
  day: { month: "2-digit", day: "2-digit" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;
const made = new Map<string, Intl.DateTimeFormat>();

/** A moment in the chosen language; making a format is slow, so each is kept. */
export function written(form: keyof typeof FORMS, at: Date): string {
  const language = i18n.global.locale.value;
  const key = `${language} ${form}`;
  const found = made.get(key) ?? new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...FORMS[form], timeZone: ZONE });
  made.set(key, found);
  return found.format(at);
}

export const absolute = (iso: string | null): string => (iso ? written("full", new Date(iso)) : "");
export const dayOf = (iso: string): string => written("date", new Date(iso));
export const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

/** The law or rule behind a decision, as one cites it in this language; named by the policy engine. */
export function basisOf(named: string): string {
  const known = i18n.global.tm("basis") as Record<string, string>;
  // A shop's own longer term names the law it goes beyond.
  const law = /^merchant rule; law: (.+)$/.exec(named)?.[1];
  return known[named] ?? (law ? i18n.global.t("basis_over_law", { law: basisOf(law) }) : named);
}

/** How long something has lasted, as one would say it. */
export function lasted(seconds: number): string {
  const { t } = i18n.global;
  if (seconds < 120) return t("time.for_seconds", { n: seconds });
  return seconds < 7200 ? t("time.for_minutes", { n: Math.floor(seconds / 60) }) : t("time.for_hours", { n: Math.floor(seconds / 3600) });
}

export function relative(iso: string | null, now: number): string {
  if (!iso) return "";
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return i18n.global.t("time.seconds", { n: seconds });
  if (seconds < 3600) return i18n.global.t("time.minutes", { n: Math.floor(seconds / 60) });
  const at = new Date(iso);
  return seconds < 43_200 ? written("clock", at) : `${written("day", at)} ${written("clock", at)}`;
}

/** The word for a code, the code itself where there is none. */
export function word(group: string, code: string | null | undefined): string {
  if (!code) return "";
  const key = `${group}.${code}`;
  return i18n.global.te(key) ? i18n.global.t(key) : code;
}
