// One way for the pages to do something that may be refused, and to say so.
import { useMessage } from "naive-ui";

/** Returns a function that runs work and shows why it failed, if it did. */
export function useAttempt(): (work: () => Promise<void>) => Promise<void> {
  const message = useMessage();
  return async (work) => {
    try {
      await work();
    } catch (error) {
      message.error((error as Error).message);
    }
  };
}

export const percent = (share: number | null | undefined, digits = 0): string =>
  share === null || share === undefined ? "–" : `${(share * 100).toFixed(digits)}%`;

/** A share with its interval, as "80% (71–87%)". */
export function span(found: { value: number | null; low: number | null; high: number | null } | null | undefined): string {
  if (!found || found.value === null) return "–";
  return `${percent(found.value)} (${percent(found.low).replace("%", "")}–${percent(found.high)})`;
}
