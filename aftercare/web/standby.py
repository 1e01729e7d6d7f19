"""A web process that has loaded everything and waits until it is needed.

What the console works out with takes seconds to load; the process that takes over
from a dead one has done that before. It serves nothing, opens no database and
holds no port until it is told to (`aftercare/spare.py`).
"""

from __future__ import annotations

import sys

GO = "go"


def main(arguments: list[str]) -> int:
    """Load, wait for the word on standard input, then be uvicorn.

    The end of the input is the end of whom we wait for: nothing is served then.
    """
    import uvicorn

    import aftercare.web.serve  # noqa: F401  it is what takes the time

    if sys.stdin.readline().strip() != GO:
        return 0
    uvicorn.main(args=arguments, prog_name="uvicorn")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
