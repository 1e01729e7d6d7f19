// What the knowledge routes of the API send.
export interface Article {
  key: string;
  version: number;
  state: "draft" | "live" | "retired";
  title: string;
  questions: string[];
  body: string;
  intents: string[];
  categories: string[];
  claims: Record<string, unknown>;
  valid_from: string | null;
  valid_to: string | null;
  source: string;
  author: string;
  made_at: string;
  approved_by?: string | null;
  used?: number;
  helpful?: number;
  unhelpful?: number;
}

export interface Fault {
  key: string;
  title: string;
  kind: "past" | "contradicts" | "unknown";
  what: string;
  says: unknown;
  holds: unknown;
}
