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

  /** Whether the panel is open, for this tab alone. Nothing that was written is kept. */
  get open(): boolean {
    return attempt(() => sessionStorage.getItem(`${this.key}:open`)) === "1";
  }

  set open(open: boolean) {
    attempt(() => sessionStorage.setItem(`${this.key}:open`, open ? "1" : ""));
  }
}

/** Storage that is forbidden or full costs the memory, never the talk. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
