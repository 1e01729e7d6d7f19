// What the assistant remembers of a talk, in words: no codes and no JSON for who answers.
import { i18n } from "../i18n.ts";
import { word } from "../format.ts";

export interface Fact { name: string; label: string; value: string }
interface Heard { emotion: string; strength?: number }

// What the assistant keeps for itself: it tells whoever takes over nothing.
const ITS_OWN = new Set(["nonce", "confirmed", "misses", "offered", "narrowed", "later", "offer", "focus", "line", "outcome", "requested_slot"]);
const GROUPS: Record<string, string[]> = { case_kind: ["request", "case_kind"], reason: ["reason"], topic: ["action"], requested_slot: ["slot"] };

/** The word of the first group that has one. */
const named = (groups: string[], code: string): string => groups.map((group) => word(group, code)).find((found) => found !== code) ?? code;

function mood(value: object): string {
  const { t } = i18n.global;
  const heard = ((value as { heard?: Heard[] }).heard ?? []).filter((item) => item.emotion);
  const last = heard.at(-1);
  if (!last) return t("mood_none");
  const said = t("mood_said", { mood: word("mood", last.emotion), strength: Math.round((last.strength ?? 0) * 100) });
  const before = [...new Set(heard.slice(0, -1).map((item) => word("mood", item.emotion)))];
  return before.length ? said + t("mood_before", { moods: before.join(" → ") }) : said;
}

function shown(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => shown(name, item)).join(" · ");
  if (name === "mood" && typeof value === "object" && value) return mood(value);
  if (typeof value === "object") return JSON.stringify(value);
  return named(GROUPS[name] ?? [], String(value));
}

/** Every slot that holds something. */
export function facts(slots: Record<string, unknown> | null | undefined): Fact[] {
  return Object.entries(slots ?? {})
    .filter(([, value]) => value !== null && value !== "" && value !== false && !(Array.isArray(value) && !value.length))
    .map(([name, value]) => ({ name, label: word("slot", name), value: shown(name, value) }));
}

/** What helps who takes a chat over; the order is shown beside it already. */
export const toldFacts = (slots: Record<string, unknown> | null | undefined): Fact[] =>
  facts(slots).filter(({ name }) => !ITS_OWN.has(name) && name !== "order_no" && !(name === "mood" && calm(slots?.mood)));

/** Whether the customer was never anything but calm: that is no news. */
const calm = (mood: unknown): boolean => ((mood as { heard?: Heard[] }).heard ?? []).every((item) => !item.emotion || item.emotion === "neutral");
