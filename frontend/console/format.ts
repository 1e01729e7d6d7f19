// Times in the shop's zone, money in yuan, words for codes.
import { i18n } from "./i18n.ts";

const ZONE = "Asia/Shanghai";
const full = new Intl.DateTimeFormat("zh-CN", { dateStyle: "medium", timeStyle: "medium", timeZone: ZONE });
const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: ZONE, hour12: false });
const day = new Intl.DateTimeFormat("zh-CN", { month: "2-digit", day: "2-digit", timeZone: ZONE });

export const absolute = (iso: string | null): string => (iso ? full.format(new Date(iso)) : "");
export const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

export function relative(iso: string | null, now: number): string {
  if (!iso) return "";
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return i18n.global.t("time.seconds", { n: seconds });
  if (seconds < 3600) return i18n.global.t("time.minutes", { n: Math.floor(seconds / 60) });
  const at = new Date(iso);
  return seconds < 43_200 ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
}

/** The word for a code, the code itself where there is none. */
export function word(group: string, code: string | null | undefined): string {
  if (!code) return "";
  const key = `${group}.${code}`;
  return i18n.global.te(key) ? i18n.global.t(key) : code;
}
