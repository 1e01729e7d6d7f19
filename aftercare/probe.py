"""One real message through the real gateway, as a guest would send it."""

from __future__ import annotations

import socketio

from aftercare.settings import Settings

LIMIT_S = 60


def one_message(settings: Settings) -> str:
    """Send the greeting a host page opens with and return the answer.

    Raises:
        RuntimeError: no connection, or nothing came back in a minute.
    """
    url = f"http://127.0.0.1:{settings.web_port}"
    with socketio.SimpleClient() as client:
        try:
            client.connect(url, transports=["websocket"], wait_timeout=10)
            client.emit("session_request", {"session_id": None})
            while True:
                event = client.receive(timeout=LIMIT_S)
                if event[0] == "session_confirm":
                    client.emit(
                        "user_uttered", {"message": "/greet", "session_id": event[1]}
                    )
                if event[0] == "bot_uttered" and _is_answer(event[1]):
                    return str(event[1]["text"])
        except socketio.exceptions.SocketIOError as error:
            raise RuntimeError(f"no answer to a first message: {error!r}") from error


def _is_answer(said: dict[str, object]) -> bool:
    metadata = said.get("metadata")
    return isinstance(metadata, dict) and metadata.get("sender") == "bot"
