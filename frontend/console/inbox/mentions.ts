// @names in a note: what is being typed, and whom the text names.
export interface Colleague { id: number; name: string; state: string; load: number; cap: number }

/** The colleagues the last word begins to name; none where it does not begin with @. */
export function offered(text: string, colleagues: Colleague[]): Colleague[] {
  const begun = /@([^\s@]*)$/.exec(text);
  if (!begun) return [];
  const typed = begun[1]!.toLowerCase();
  return colleagues.filter((person) => person.name.toLowerCase().includes(typed)).slice(0, 6);
}

export const complete = (text: string, name: string): string => text.replace(/@[^\s@]*$/, `@${name} `);

export const named = (text: string, colleagues: Colleague[]): number[] =>
  colleagues.filter((person) => text.includes(`@${person.name}`)).map((person) => person.id);
