// What the customer routes of the API send; money in fen, shares 0…1.
export interface Listed {
  id: string; name: string; phone: string; since: string; segment: string | null; band: string | null; bought: number | null; spent_fen: number | null;
  recency_days: number | null; expected_fen: number | null; churn_risk: number | null; made_at: string | null; tags: string[];
}
export interface Profile extends Listed {
  why: { r: number; f: number; m: number; every_days: number; silent_days: number; expected_orders: number } | null;
  consents: Record<"personalised" | "marketing" | "survey", boolean>;
  preferences: { categories: { category: string; count: number }[]; hours: number[] } | null;
  satisfaction: { mean: number | null; scores: { score: number; at: string }[] };
  orders: { order_no: string; placed_at: string; paid_fen: number }[];
  cases: { case_no: string; kind: string; state: string; reason: string; opened_at: string }[];
  talks: { id: string; created_at: string; last: { text: string; at: string } | null }[];
  campaigns: { name: string; arm: string; at: string }[];
}
export interface Share { value: number | null; low: number | null; high: number | null; count: number }
export interface Campaign {
  id: number; name: string; kind: "accessory" | "voucher" | "care"; state: "draft" | "running" | "stopped"; text: string; after_days: number; control_share: number; outcome_days: number; made_by: string; started_by: string | null;
  result: { treated: Share; control: Share; difference: number | null; low: number | null; high: number | null; p: number | null; sure: boolean; fewer_is_better: boolean; waiting: number; fen_each: { treated: number | null; control: number | null } };
}
