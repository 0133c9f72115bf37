"""The progress line of long work."""

import sys
import time

WIDTH = 24  # characters of the bar
TERMINAL, FILE = 0.1, 60.0  # seconds between two drawings


def duration(seconds):
    """Seconds as text: 45 s, 2.5 min."""
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


class Progress:
    """A line on stderr: what is done, how much of it, the time left. On a terminal it is drawn over, in a
    file there is one a minute.

    `ahead` is how much is to be done in the same way after `total`; it counts in the time left.
    """

    def __init__(self, what, total, ahead=0, to=None, clock=time.monotonic):
        self.what, self.total, self.ahead = what, total, ahead
        self.to, self.clock = to or sys.stderr, clock
        self.began = self.drawn = clock()

    def show(self, done, note=str):
        """`done` of the total are done; what `note()` gives when it is drawn is put in front of the time left."""
        ended, over, now = done == self.total, self.to.isatty(), self.clock()
        if not ended and now - self.drawn < (TERMINAL if over else FILE):
            return
        self.drawn = now
        spent = now - self.began
        left = spent / done * (self.total - done + self.ahead)
        times = f"{duration(left)} left" if left else duration(spent)
        bar = "#" * (WIDTH * done // self.total)
        words = "  ".join(filter(None, (note(), times)))
        line = f"{self.what} [{bar:<{WIDTH}}] {words}"
        print(f"\r{line}   " if over else line, end="\n" if ended or not over else "", file=self.to, flush=True)
