// Moments to snooze until, on the shop's clock (Asia/Shanghai, no summer time).
const ZONE_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export type SnoozeKey = "message" | "30" | "120" | "evening" | "morning" | "pick";

/** The next moment at which it is so many o'clock in the shop. */
export function nextHour(now: number, hour: number): number {
  const midnight = Math.floor((now + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS;
  const at = midnight + hour * 3_600_000;
  return at > now ? at : at + DAY_MS;
}

/** What may be chosen now: this evening is offered while it is still ahead. */
export function choices(now: number): SnoozeKey[] {
  const evening = nextHour(now, 18) - now < nextHour(now, 0) - now;
  return ["message", "30", "120", ...(evening ? ["evening" as const] : []), "morning", "pick"];
}

/** The moment of a choice as the API takes it; null is the next message. */
export function untilOf(key: Exclude<SnoozeKey, "pick">, now: number): string | null {
  if (key === "message") return null;
  if (key === "evening") return new Date(nextHour(now, 18)).toISOString();
  if (key === "morning") return new Date(nextHour(nextHour(now, 0), 9)).toISOString();
  return new Date(now + Number(key) * 60_000).toISOString();
}
