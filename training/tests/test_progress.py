"""The progress line tells what is done and the time left, and keeps files short."""

import io
import unittest

from progress import Progress, duration


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self):
        return True


class ProgressLine(unittest.TestCase):
    def shown(self, to, **more):
        """What is written of three parts, each of 30 seconds."""
        now = iter([0, 30, 60, 90])
        progress = Progress("part", 3, to=to, clock=lambda: next(now), **more)
        for done in (1, 2, 3):
            progress.show(done, lambda: "loss 1")
        return to.getvalue().replace("\n", "\r").strip("\r").split("\r")

    def test_grows_on_a_terminal(self):
        one, two, three = self.shown(Screen())
        self.assertIn(f"part [{'#' * 8:<24}] loss 1  1.0 min left", one)
        self.assertIn(f"[{'#' * 16:<24}] loss 1  30 s left", two)
        self.assertIn(f"[{'#' * 24}] loss 1  1.5 min", three)

    def test_is_a_line_a_minute_in_a_file(self):
        two, three = self.shown(io.StringIO(), ahead=3)
        self.assertIn("2.0 min left", two)
        self.assertIn("1.5 min left", three)

    def test_is_not_drawn_at_every_step(self):
        screen, now = Screen(), iter([0, 0.01, 0.02, 0.03])
        progress = Progress("step", 3, to=screen, clock=lambda: next(now))
        for done in (1, 2, 3):
            progress.show(done)
        self.assertEqual(screen.getvalue().count("step"), 1)

    def test_durations(self):
        self.assertEqual([duration(s) for s in (0, 59, 60, 150)], ["0 s", "59 s", "1.0 min", "2.5 min"])


if __name__ == "__main__":
    unittest.main()
