"""The action server as one process, on loopback by default: `python -m actions`.

`python -m rasa_sdk` keeps a manager and a worker; when only the manager dies,
the worker keeps the port and nobody can take its place.
"""

from __future__ import annotations

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions import handover, knowledge, mood, recommend
from aftercare import heap, logs, telemetry
from aftercare.cover import cover_logs
from aftercare.settings import get_settings


def main() -> None:
    """Serve every action of this package until a signal."""
    settings = get_settings()
    cover_logs()
    logs.configure(settings, "actions")
    telemetry.configure(settings, "actions")
    executor = ActionExecutor()
    executor.register_package("actions")
    mood.warm()
    knowledge.warm()
    recommend.warm()
    handover.warm()
    app = create_app(executor, cors_origins=[])
    heap.settle()
    app.after_server_stop(lambda *_: telemetry.close())
    app.run(
        host=settings.part_host,
        port=settings.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
