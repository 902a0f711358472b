"""How much memory a solver's process may take: a share of what this machine, or container, has.

    limit  =  SHARE / processes x min( physical memory, limit of the control group )

Linux counts data that is private and can be written (RLIMIT_DATA); other Unixes address space
(RLIMIT_AS), which macOS does not enforce. Windows has neither: there is no limit there.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

SHARE = 0.5
"""Of the machine's memory; the rest is for this program, and for whatever else runs."""
SMALLEST = 512 * 2**20
"""Libraries alone take a fifth of it [bytes]."""
GROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def limit_bytes(*, processes: int = 1) -> int | None:
    """What one of so many solver processes at once may take; None where memory is unknown."""
    memory = machine_bytes()
    return None if memory is None else max(SMALLEST, int(memory * SHARE / processes))


def machine_bytes() -> int | None:
    """Memory that this process could have at most; None where the system does not say."""
    known: list[int] = []
    with suppress(ValueError, OSError, AttributeError):  # AttributeError: no sysconf on Windows
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in GROUP_LIMITS:
        with suppress(ValueError, OSError):  # ValueError: the limit is `max`
            known.append(int(path.read_text()))
    return min((number for number in known if number > 0), default=None)


def keep_within(limit: int) -> bool:
    """Limit this process from now on [bytes]; whether the system took the limit."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    _, most = resource.getrlimit(kind)
    within = limit if most == resource.RLIM_INFINITY else min(limit, most)
    try:
        resource.setrlimit(kind, (within, most))
    except (ValueError, OSError):
        return False
    return True
