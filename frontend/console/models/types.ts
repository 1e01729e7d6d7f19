// What the routes of the models send.
export interface Scores { n: number; accuracy: number; macro_f1: number; entity_f1: number }
export interface Stories { total: number; failed: number; names: string[]; text: string }
export interface Metrics {
  current: Scores; candidate: Scores; stories: Stories | null;
  heldout: { text: string; intent: string; before: string; after: string }[];
  replay: { n: number; changed: number; intent?: number; entities?: number; action?: number };
}
export interface Model { id: number; name: string; fingerprint: string; data_version: string; size: number; made_by: string; made_at: string; took_s: number; metrics: Metrics | null; judged_against: string | null; in_use: boolean }
export interface Line { step: string; at: string; about?: string; done?: number; of?: number; name?: string; version?: string }
export interface Task { id: number; kind: string; state: "queued" | "running" | "done" | "failed"; by: string; at: string; started_at: string | null; ended_at: string | null; lines: Line[]; result: (Stories & { model: string }) | null; error: string | null }
export interface Models {
  items: Model[]; history: { model_id: number | null; name: string | null; step: string; by: string; at: string }[];
  in_use: { name: string; model_id: number | null }; passed_over: string | null; can_roll_back: boolean; training: Task | null; answers: string | null;
}
export interface Side { intent: string; confidence: number; entities: { entity: string; value: string }[]; action?: string }
export interface Replayed { id: number; conversation_id: string; text: string; changed: string[]; before: Side; after: Side }
