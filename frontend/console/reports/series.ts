// What a chart shows, and how figures become it.
export interface Series { name: string; data: (number | null)[]; kind?: "bar" | "line"; stack?: string; band?: "low" | "high"; dashed?: boolean }

export interface Dashboards {
  volume: { at: string; customer: number; bot: number; agent: number; conversations: number }[];
  waiting: { hour: number; median_s: number; p90_s: number; count: number }[];
  reply: { within_target: number; count: number; rate: number | null; first_median_s: number | null; average_s: number | null };
  resolved: { bot: number; human: number; rate: number | null; by_family: { family: string; bot: number; human: number }[] };
  handover: { trigger: string; count: number }[]; fallback: { count: number; of: number; rate: number | null };
  sentiment: { day: string; mean: number; negative: number; count: number }[];
  satisfaction: { count: number; mean: number | null; content: number | null; low: number | null; high: number | null; by_day: { day: string; mean: number; count: number }[] };
  refunds: { amount_fen: number; count: number; by_reason: { reason: string; count: number; amount_fen: number }[]; by_day: { day: string; amount_fen: number }[] };
  cases: { open: number; overdue: number; by_state: { state: string; count: number }[]; by_age: { age: string; count: number }[] };
  agents: { id: number; name: string; chats: number; replies: number; within_target: number; first_median_s: number | null }[];
}
interface Band { low80: number; high80: number; low95: number; high95: number }
export interface Outlook {
  contacts: { basis: string; past: { day: string; count: number }[]; ahead: ({ day: string; expected: number } & Band)[] };
  wait_now: { expected_s: number | null; lo80_s: number | null; hi80_s: number | null; basis: string; ahead: number };
  wait_by_hour: { at: string; hour: number; expected_s: number; lo80_s: number; hi80_s: number; count: number }[];
}

/** Two stacked lines that draw the band between a low and a high. */
export function band(name: string, low: (number | null)[], high: (number | null)[]): Series[] {
  const height = high.map((top, i) => (top === null || low[i] === null || low[i] === undefined ? null : round(top - low[i]!)));
  return [
    { name: `${name} `, data: low, kind: "line", stack: name, band: "low" },
    { name, data: height, kind: "line", stack: name, band: "high" },
  ];
}

export const round = (value: number, places = 1): number => Math.round(value * 10 ** places) / 10 ** places;

/** Past counts and the days ahead on one axis. */
export function contactsChart(outlook: Outlook["contacts"], words: { came: string; expected: string; band: string }): { labels: string[]; series: Series[] } {
  const before = outlook.past.map(() => null);
  const after = outlook.ahead.map(() => null);
  const ahead = (pick: (day: Outlook["contacts"]["ahead"][number]) => number): (number | null)[] => [...before, ...outlook.ahead.map((day) => round(pick(day)))];
  return {
    labels: [...outlook.past.map((x) => x.day), ...outlook.ahead.map((x) => x.day)],
    series: [
      { name: words.came, data: [...outlook.past.map((x) => x.count), ...after], kind: "bar" },
      { name: words.expected, data: ahead((x) => x.expected), kind: "line", dashed: true },
      ...band(words.band, ahead((x) => x.low80), ahead((x) => x.high80)),
    ],
  };
}
