// What an agent must not miss: a sound, the number in the title, one warning for all who wait too long.
import { computed, reactive } from "vue";
import { session } from "./session.ts";
import type { Row } from "./types.ts";

interface State { waiting: number; unread: number; rows: Row[]; now: number; silenced: boolean }
export const alarm = reactive<State>({ waiting: 0, unread: 0, rows: [], now: Date.now(), silenced: localStorage.getItem("console-silent") === "1" });
const TITLE = "Aftercare";

export const waitedSeconds = (row: Row, now: number): number | null =>
  row.waiting_since ? Math.max(0, Math.round((now - Date.parse(row.waiting_since)) / 1000)) : null;

/** Who has waited beyond the shop's warning, the longest first. */
export const late = computed(() => {
  const limit = session.info?.settings.warn_s ?? 100;
  const me = session.info?.account.id;
  return alarm.rows
    .filter((row) => row.owner === "waiting" || row.agent?.id === me)
    .map((row) => ({ row, seconds: waitedSeconds(row, alarm.now) ?? 0 }))
    .filter((item) => item.seconds >= limit)
    .sort((a, b) => b.seconds - a.seconds);
});

export function showCount(waiting: number): void {
  if (waiting > alarm.waiting) beep();
  alarm.waiting = waiting;
  badge();
}

/** Another message in one's own chat; counted until the page is looked at. */
export function heard(): void {
  beep(660);
  if (document.hidden) alarm.unread += 1;
  badge();
}

export function looked(): void {
  alarm.unread = 0;
  badge();
}

export function silence(on: boolean): void {
  alarm.silenced = on;
  localStorage.setItem("console-silent", on ? "1" : "0");
}

function badge(): void {
  const count = alarm.waiting + alarm.unread;
  document.title = count ? `(${count}) ${TITLE}` : TITLE;
}

export function beep(tone = 880): void {
  // A browser lets a page sound only after its first click.
  if (alarm.silenced || !navigator.userActivation?.hasBeenActive) return;
  const audio = new AudioContext();
  const sound = audio.createOscillator();
  sound.connect(audio.destination);
  sound.frequency.value = tone;
  sound.start();
  sound.stop(audio.currentTime + 0.12);
  sound.onended = () => void audio.close();
}
