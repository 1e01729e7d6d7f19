// Keys of a page: never while somebody types or composes, and never with Ctrl, Alt or ⌘.
import { onBeforeUnmount, onMounted } from "vue";

const FIELDS = "input, textarea, select, [contenteditable=true], .n-base-selection, .sheet";

export function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return event.isComposing || event.keyCode === 229 || Boolean(target?.closest(FIELDS));
}

/** Listens while the page is shown; a key that is bound does nothing else. */
export function useKeys(bound: () => Record<string, () => void>): void {
  const listen = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    // Enter on a button or a link presses it.
    if (event.key === "Enter" && (event.target as HTMLElement | null)?.closest("button, a, summary, [role=tab]")) return;
    const act = bound()[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  onMounted(() => window.addEventListener("keydown", listen));
  onBeforeUnmount(() => window.removeEventListener("keydown", listen));
}
