/** One talk with a given socket.io-client; prints what happened as JSON.
 *  node socketio.mjs <sio2|sio3|sio4> <url> <first text> <second text> */
const [, , name, url, first, second] = process.argv;
const { default: io } = await import(name);
const seen = { connected: false, error: null, session: null, notice: null, said: [], again: null, history: 0 };

function finish(code = 0) {
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(code));
}

setTimeout(() => finish(1), 30_000);
const socket = io(url, { transports: ["polling", "websocket"], reconnection: false });
const once = (event) => new Promise((done) => socket.once(event, done));

for (const event of ["connect_error", "error"]) {
  socket.on(event, (error) => {
    seen.error = String(error?.message ?? error);
    finish();
  });
}

async function say(text) {
  const answer = once("bot_uttered");
  socket.emit("user_uttered", { message: text, session_id: seen.session });
  const { text: said, quick_replies: replies } = await answer;
  seen.said.push(said);
  return replies ?? [];
}

socket.on("connect", async () => {
  seen.connected = true;
  const confirmed = once("session_confirm");
  const told = once("bot_uttered");
  socket.emit("session_request", { session_id: null });
  seen.session = await confirmed;
  // Before anything is stored, what will be.
  seen.notice = (await told).text;
  await say(first);
  const replies = await say(second);
  seen.buttons = replies.map((reply) => reply.payload);
  // The page is loaded again: the same session goes on.
  const other = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  other.on("connect", () => other.emit("session_request", { session_id: seen.session }));
  other.on("session_confirm", (session) => {
    seen.again = session;
    other.emit("history_request", { session_id: session, after_seq: 0 }, (found) => {
      seen.history = found.messages.length;
      finish();
    });
  });
});
