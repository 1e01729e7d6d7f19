"""Upgrade a database and be killed in the middle: `python migrate_and_die.py URL N`.

The process ends by SIGKILL, as a power cut would end it, right before the N-th
statement that changes the schema or its version; without N it goes to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade

CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")


def main(url: str, last: int) -> None:
    """Upgrade; end at the `last`-th change."""
    engine = make_engine(url)
    done = 0

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal done
        if statement.lstrip().upper().startswith(CHANGES):
            done += 1
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    upgrade(engine)
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
