"""Read before anything loads numpy: tests do their maths in one thread.

Threads of OpenMP wait by spinning: on a busy machine a fit of a quarter of a second
took over a minute, and what waited for it timed out.
"""

from __future__ import annotations

import os

from aftercare.children import ONE_THREAD

for _name, _value in ONE_THREAD.items():
    os.environ.setdefault(_name, _value)
