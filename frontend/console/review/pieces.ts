// A text cut at its entities, in order, without overlaps.
import type { Entity } from "../types.ts";

export interface Piece { text: string; start: number; entity: string | null }

export function pieces(text: string, entities: Entity[]): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const item of [...entities].sort((a, b) => a.start - b.start)) {
    if (item.start < at || item.end > text.length || item.end <= item.start) continue;
    if (item.start > at) found.push({ text: text.slice(at, item.start), start: at, entity: null });
    found.push({ text: text.slice(item.start, item.end), start: item.start, entity: item.entity });
    at = item.end;
  }
  if (at < text.length) found.push({ text: text.slice(at), start: at, entity: null });
  return found;
}
