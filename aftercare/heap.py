"""What a process keeps for ever is not searched for garbage again and again.

The models, the dictionary and the packages of the web process are about a million
objects. A full collection walks them all with the interpreter standing still: half a
second, every ten seconds at 20 messages a second (seen on 2026-11-26).
"""

from __future__ import annotations

import gc


def settle() -> None:
    """Set aside all that lives now; call it once what is kept for ever was made."""
    gc.collect()
    gc.freeze()
