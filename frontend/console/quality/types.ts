export interface Finding {
  id: number; conversation_id: string; seq: number; rule: string; version: string; severity: string; basis: string; speaker: string;
  sentence: string; words: string; live: boolean; at: string; state: string; dispute: string; note: string; decided_by: string | null; person: string | null;
}
export interface Overview {
  summary: { talks: number; score: number | null; rules: ({ rule: string } & Record<string, number | string>)[]; agents: { name: string; findings: number }[]; precision: number | null; decided: number };
  transfers: { triggers: { trigger: string; made: number; missed: number }[]; reverse: Record<string, number> };
  yields: { risk: Yield; lot: Yield; lift: number | null; estimated: number | null };
}
export interface Yield { read: number; faulty: number; share: number | null }
export interface Pick { conversation_id: string; why: string; risk: number; score: number; picked_at: string }
export interface Card { rule: string; points: number; severity: string }
