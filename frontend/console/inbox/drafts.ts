/** What is written but not sent, by conversation; in memory only, for it may name a customer. */
export interface Draft {
  text: string;
  /** A note must never become an answer by a change of chats. */
  note: boolean;
  file: { id: string; name: string } | null;
  /** The same for every try to send it, so that none is stored twice. */
  id: string;
}
const drafts = new Map<string, Draft>();
export const empty = (): Draft => ({ text: "", note: false, file: null, id: crypto.randomUUID() });

export function draftOf(id: string): Draft {
  return drafts.get(id) ?? empty();
}

export function keepDraft(id: string, draft: Draft): void {
  if (draft.text || draft.file) drafts.set(id, { ...draft });
  else drafts.delete(id);
}

export function dropDrafts(): void {
  drafts.clear();
}
