"""How the process gets its memory from the system."""

import ctypes

# mallopt(3): the numbers of the parameters, of glibc's <malloc.h>.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8


def keep_freed():
    """Let glibc keep what is freed for the next allocation; elsewhere nothing happens.

    By default it maps each large tensor anew and unmaps it when it is freed, so the kernel zeroes every
    page of every activation in every step: half of a training step's time on two cores.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_ARENA_MAX, 1)  # torch's backward pass runs in a thread of its own; what it frees is for all
