"""The progress line on terminals and in files."""

import io
import unittest

from progress import Progress, duration


class Terminal(io.StringIO):
    def isatty(self):
        return True


class ProgressLine(unittest.TestCase):
    def lines(self, to, **options):
        """The lines written for three steps of 30 seconds each."""
        now = iter([0, 30, 60, 90])
        progress = Progress("part", 3, to=to, clock=lambda: next(now), **options)
        for done in (1, 2, 3):
            progress.show(done, lambda: "loss 1")
        return to.getvalue().replace("\n", "\r").strip("\r").split("\r")

    def test_shows_every_step_on_a_terminal(self):
        one, two, three = self.lines(Terminal())
        self.assertIn(f"part [{'#' * 8:<24}] loss 1  1.0 min left", one)
        self.assertIn(f"[{'#' * 16:<24}] loss 1  30 s left", two)
        self.assertIn(f"[{'#' * 24}] loss 1  1.5 min", three)

    def test_writes_one_line_per_minute_to_a_file(self):
        two, three = self.lines(io.StringIO(), following=3)
        self.assertIn("2.0 min left", two)
        self.assertIn("1.5 min left", three)

    def test_limits_the_update_rate_on_a_terminal(self):
        terminal, now = Terminal(), iter([0, 0.01, 0.02, 0.03])
        progress = Progress("step", 3, to=terminal, clock=lambda: next(now))
        for done in (1, 2, 3):
            progress.show(done)
        self.assertEqual(terminal.getvalue().count("step"), 1)

    def test_formats_durations(self):
        self.assertEqual([duration(s) for s in (0, 59, 60, 150)], ["0 s", "59 s", "1.0 min", "2.5 min"])


if __name__ == "__main__":
    unittest.main()
