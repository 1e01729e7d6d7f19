// What the planning routes of the API send; money in fen, half-hours from midnight.
export interface PlanDay {
  day: string; ahead: number; contacts: number; low80: number; high80: number; low95: number; high95: number; naive: number; planned: number;
  need: number; need_hours: number; duty_hours: number; missing: number; missing_hours: number; spare_hours: number; missing_at: number | null;
  refund_fen: number; refund_low_fen: number; refund_high_fen: number;
}
export interface Work { share: number; asked: number; contacts: number; talk_s: number; talks: number; patience_s: number; waits: number; at_once: number; target_share: number; within_s: number; hours: [number, number] }
export interface Plan {
  state: "none" | "planned"; first: string; made_at: string; days: PlanDay[];
  warnings: { day: string; days_ahead: number; expected: number; usual: number; probability: number; cause: string }[];
  refunds: { total_fen: number; low80_fen: number; high80_fen: number; refunds: number; mean_fen: number; per_day: number } | null;
  total: { contacts: number; need_hours: number; duty_hours: number; missing_hours: number };
  basis: { history_days: number; models: Record<string, number>; work: Work; assumed: boolean };
}
export interface HalfHour { at: number; contacts: number; low80: number; high80: number; need: number; duty: number; gap: number }
export interface DayDetail extends PlanDay { why: Record<string, number>; slots: HalfHour[]; work: Work }
export interface Errors {
  days: number; in80: number; in95: number; refunds_in80: number | null;
  contacts: { wape: number | null; naive_wape: number | null; ratio: number | null };
  refunds: { wape: number | null; naive_wape: number | null; ratio: number | null } | null;
  people: { off: number; naive_off: number };
}
export interface Past { groups: Record<string, Errors>; days: { day: string; contacts: number; low80: number; high80: number; naive: number; came: number }[]; parts: { first: string; expected: number; used: number; off: number } | null }
export interface Part {
  part_no: string; name: string; spus: string[]; on_hand: number; on_order: number; lead_days: number; unit_fen: number; short_fen: number; owed: number;
  order: number; up_to: number; expected: number; low80: number; high80: number; service: number; service_now: number;
  cost_too_few_fen: number; cost_too_many_fen: number; cost_too_few_now_fen: number;
  why: { weeks: number[]; cycle_days: number; ratio: number; hold_fen: number };
}
export interface Rota { people: { id: number; name: string }[]; shifts: { account_id: number; day: string; begins: number; ends: number }[] }

/** Half-hour number or minutes as hh:mm. */
export const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
