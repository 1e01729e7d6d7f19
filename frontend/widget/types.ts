export interface QuickReply { title: string; payload: string }
export interface LineItem {
  order_no: string; line_id: string; title: string; variant: string; quantity: number;
  paid_text: string; image: string; status_text: string; payload: string;
}
export interface TrackEvent { at: string; place: string; text: string }
export type Card =
  | { card: "order_lines"; items: LineItem[] }
  | { card: "tracking"; events: TrackEvent[] };
export interface Message {
  seq: number; sender: "customer" | "bot" | "agent" | "system"; text: string;
  at?: string; quick_replies?: QuickReply[]; card?: Card; image?: string; recalled?: boolean;
  file?: { url: string; name: string };
}
export interface Ack { ok: boolean; seq?: number; reason?: string; message?: string }
export type Owner = "new" | "bot" | "waiting" | "human" | "closed";
export type Link = "connecting" | "online" | "offline" | "unauthorised";
export interface Pending { clientId: string; text: string; shown: string }
