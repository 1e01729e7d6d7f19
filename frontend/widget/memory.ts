// What outlives a reload of the page. A browser may forbid keeping anything.

export class Memory {
  constructor(private readonly key: string) {}

  /** The conversation's id, for as long as the browser keeps it. */
  get session(): string | null {
    return attempt(() => localStorage.getItem(this.key)) ?? null;
  }

  set session(id: string | null) {
    attempt(() => id ? localStorage.setItem(this.key, id) : localStorage.removeItem(this.key));
  }

  /** A value of this tab alone: what is written and not yet sent, whether the panel is open. */
  get<T>(name: string): T | null {
    const kept = attempt(() => sessionStorage.getItem(`${this.key}:${name}`));
    return kept ? attempt(() => JSON.parse(kept) as T) ?? null : null;
  }

  set(name: string, value: unknown): void {
    attempt(() => sessionStorage.setItem(`${this.key}:${name}`, JSON.stringify(value)));
  }
}

/** Storage that is forbidden or full costs the memory, never the talk. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
