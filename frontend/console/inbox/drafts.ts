/** What is written but not sent, by conversation; in memory only, for it may name a customer. */
const drafts = new Map<string, string>();

export function draftOf(id: string): string {
  return drafts.get(id) ?? "";
}

export function keepDraft(id: string, text: string): void {
  if (text) drafts.set(id, text);
  else drafts.delete(id);
}

export function dropDrafts(): void {
  drafts.clear();
}
