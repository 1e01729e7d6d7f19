// What happens now, pushed by the server; after a gap the pages ask again.
import { io, type Socket } from "socket.io-client";

type Handler = (data: never) => void;
const handlers = new Map<string, Set<Handler>>();
let socket: Socket | null = null;
let watched: string | null = null;

export function connect(): void {
  if (socket) return;
  socket = io("/console", { path: "/socket.io", reconnectionDelayMax: 5000 });
  socket.on("connect", () => {
    if (watched) ask(watched);
    tell("reconnected", undefined);
  });
  socket.on("disconnect", () => tell("disconnected", undefined));
  socket.onAny((event: string, data: unknown) => tell(event, data));
}

export function disconnect(): void {
  socket?.close();
  socket = null;
  watched = null;
}

export function watch(id: string | null): void {
  if (watched) socket?.emit("unwatch", { conversation_id: watched });
  watched = id;
  if (id) ask(id);
}

/** Watches a talk and says when: what was said before that is to be asked for. */
function ask(id: string): void {
  socket?.emit("watch", { conversation_id: id }, () => tell("watched", id));
}

/** Listens to an event and returns what stops it. */
export function on<T>(event: string, handler: (data: T) => void): () => void {
  const listed = handlers.get(event) ?? new Set<Handler>();
  handlers.set(event, listed);
  listed.add(handler as Handler);
  return () => listed.delete(handler as Handler);
}

function tell(event: string, data: unknown): void {
  for (const handler of handlers.get(event) ?? []) (handler as (data: unknown) => void)(data);
}
