"""A progress line for long computations."""

import sys
import time

BAR_WIDTH = 24  # characters
TERMINAL_INTERVAL, FILE_INTERVAL = 0.1, 60.0  # seconds between two updates


def duration(seconds):
    """Seconds as text: 45 s, 2.5 min."""
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


class Progress:
    """Shows the progress and the remaining time, at the end the elapsed time, on stderr.

    On a terminal the line is overwritten; in a file a line is added once a minute. `following` is the number of
    equal steps that come after `total`; they are included in the remaining time.
    """

    def __init__(self, label, total, following=0, to=None, clock=time.monotonic):
        self.label, self.total, self.following = label, total, following
        self.to, self.clock = to or sys.stderr, clock
        self.started = self.updated = clock()

    def show(self, done, detail=str):
        """Reports that `done` of `total` are done; `detail()` gives text to show before the time."""
        finished, terminal, now = done == self.total, self.to.isatty(), self.clock()
        if not finished and now - self.updated < (TERMINAL_INTERVAL if terminal else FILE_INTERVAL):
            return
        self.updated = now
        elapsed = now - self.started
        remaining = elapsed / done * (self.total - done + self.following)
        timing = f"{duration(remaining)} left" if remaining else duration(elapsed)
        bar = "#" * (BAR_WIDTH * done // self.total)
        text = "  ".join(filter(None, (detail(), timing)))
        line = f"{self.label} [{bar:<{BAR_WIDTH}}] {text}"
        print(f"\r{line}   " if terminal else line, end="\n" if finished or not terminal else "", file=self.to,
              flush=True)
