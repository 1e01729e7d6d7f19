// The shapes of the console's API; times are ISO 8601, money is in fen.
export interface Account { id: number; login: string; name: string; role: string; skills: string[]; languages: string[]; cap: number | null; totp: boolean }
export interface Settings { warn_notice_s: number; warn_s: number; alert_s: number; cap: number; close_reasons: string[]; low_confidence: number; recall_s: number; limit_fen: Record<string, number | null>; [key: string]: unknown }
export interface SessionInfo { account: Account; csrf: string; rights: string[]; presence: Presence; settings: Settings; advice: string[] }
export type Presence = "online" | "break" | "offline";
export type Owner = "new" | "bot" | "waiting" | "human" | "closed";
export interface Row {
  id: string; customer: { id: string | null; name: string | null; guest: boolean }; owner: Owner;
  agent: { id: number; name: string } | null; created_at: string; waiting_since: string | null; waited_s: number | null;
  level: "none" | "notice" | "warn" | "alert"; trigger: string | null; priority: 0 | 1 | 2; snoozed: boolean; snoozed_until: string | null;
  tags: string[]; unread: number; messages: number; last: { seq: number; sender: string; text: string; at: string; file?: boolean } | null;
  test: boolean; model?: string | null; review: "none" | "reviewed" | "later"; min_confidence?: number | null; intents?: string[]; hit?: { seq: number; text: string } | null;
}
export interface Counts { mine: number; waiting: number; all: number; snoozed: number }
export interface Entity { entity: string; value?: string; start: number; end: number }
export interface Explanation { words?: { text: string; weight: number }[]; [key: string]: unknown }
export interface Understanding {
  intent?: { name: string; confidence: number } | null; intent_ranking?: { name: string; confidence: number }[];
  entities?: Entity[]; slots?: Record<string, unknown>; actions?: { name: string; policy: string | null; confidence: number | null }[];
  active_loop?: string | null; explanation?: Explanation | null; took_ms?: number;
}
export interface Annotation { message_id: number; verdict: string; intent: string | null; entities: Entity[] | null; flag: boolean; note: string; author: string; at: string; text?: string; was?: string }
export interface Message {
  id: number; seq: number; sender: "customer" | "bot" | "agent" | "system"; text: string; at: string; answered_at: string | null;
  quick_replies?: { title: string; payload: string }[]; card?: Record<string, unknown>; image?: string; title?: string;
  file?: { url: string; name: string; type: string }; agent?: { id: number; name: string }; recalled?: boolean;
  mood?: { kind: string; polarity: string; strength: number; probability: number; words: string[] } | null;
  understanding: Understanding | null; annotation: Annotation | null;
}
export interface Talk extends Row {
  summary: string | null; order_no: string | null; case_no: string | null; slots: Record<string, unknown>;
  customer_read_seq: number;
  handover: { trigger: string | null; summary: string | null; said: string[]; asked_at: string; order_no: string | null; case_no: string | null; skill: string | null; language: string | null; identity: { name: string; phone: string } | null; understood: { name: string; confidence: number } | null } | null;
  identity: { name: string | null; phone: string | null; id: string | null } | null;
  can: { take: boolean; speak: boolean; give_back: boolean; close: boolean; force: boolean };
}
export interface Verdict { request: string; allowed: boolean; rule: string; basis: string; amount_fen: number; freight: string; deadline: string | null; needs_human: boolean; evidence: boolean }
export interface OrderLine { line_id: string; title: string; variant: string; quantity: number; paid_fen: number; refunded_fen: number; image: string; fulfilment: string; verdicts: Verdict[] }
export interface Case {
  case_no: string; kind: string; state: string; reason: string; detail: string; title: string; order_no: string; amount_fen: number; refunded_fen: number;
  freight: string; rule: string; basis: string; deadline: string | null; days_left: number | null; needs_human: boolean; opened_at: string; actions: string[];
  conversation_id: string | null; pending: Approval | null; approvals?: Approval[]; history?: { at: string; actor: string; rule: string; before: string; after: string }[];
}
export interface Approval { id: number; case_no: string; action: string; amount_fen: number; note: string; by: { id: number; name: string }; state: string; second: { id: number; name: string } | null; at: string; decided_at: string | null }
export interface Order { order_no: string; placed_at: string; paid_fen: number; receiver_phone: string; receiver_region: string; lines: OrderLine[]; parcels: { carrier: string; tracking_no: string; delivered_at: string | null; stalled: boolean; events: { at: string; place: string; text: string }[] }[] }
export interface Customer {
  customer: { id: string; name: string; phone: string; since: string } | null;
  orders: Order[];
  value: { segment: string; orders: number; money_fen: number; last_days: number; expected_orders: number; churn_risk: number } | null;
  risk: { score: number; basis: string; reasons: string[] } | null;
  cases: Case[]; segment: string | null; hints: { kind: string; text: string }[];
}
export interface DeskEvent { at: string; kind: string; actor: string; before: string; after: string; detail: Record<string, unknown> | null }
export interface Note { id: number; text: string; author: { id: number; name: string }; at: string }
export interface Mention { conversation_id: string; note_id: number; text: string; author: { id: number; name: string }; at: string }
export interface After { tags: string[]; end: "" | "snooze" | "give_back" | "close"; reason: string }
export interface Canned { id: number; short: string; title: string; text: string; after?: After | null }
export interface NluGroup { key: string; text: string; answer: string; reasons: string[]; intent: string | null; confidence: number | null; ranking: { name: string; confidence: number }[]; size: number; messages: { id: number; conversation_id: string; seq: number; text: string }[] }
