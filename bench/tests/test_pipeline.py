"""Tests of how ./bench.sh pipeline evaluates its measurements."""

import pathlib
import sys
import unittest

sys.path[1:1] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("common", "pipeline")]

import agreement  # noqa: E402
import figures  # noqa: E402
import report  # noqa: E402
from figures import EMOSTREAM, NODE, PYTHON, TRACKING  # noqa: E402


def make_figures(cpu_ms, **more):
    return {"cpu_ms": cpu_ms, "per_second": 100, "p50_ms": 10, "p95_ms": 15, "p99_ms": 20, "resident_mb": 100,
            "resident_before_mb": 100, "sent": 200, "results": 100, "seconds": 1, "refused": {"replaced": 100},
            "unanswered": 0, "jain": 1, "server_busy": 2, "load_busy": 0.1, "late_p99_ms": 1, "faces": 1} | more


def make_run():
    cpu_ms = {EMOSTREAM: 10, TRACKING: 4, PYTHON: 40, NODE: 120}
    bare = {"bare, half": [make_figures(10)], "bare, full": [make_figures(10)]}
    results = {name: {"half": [make_figures(ms)], "full": [make_figures(ms)]} | bare for name, ms in cpu_ms.items()}
    points = {percent: make_figures(10) for percent in ("50", "200", "400")}
    pair = [make_figures(10), make_figures(10, greedy={"sent": 60, "results": 10})]
    machine = {"date": "today", "cpu": "a CPU", "cores": 2, "memory_gb": 8, "kernel": "6", "load_average_before": 0}
    return {"machine": machine, "model": "a model", "rounds": 1, "seconds": 1,
            "servers": {name: "description" for name in cpu_ms},
            "image_bytes": {"small": 1000}, "results": {"small": results}, "sweep": {EMOSTREAM: points, TRACKING: dict(points)},
            "greed": {EMOSTREAM: [pair], TRACKING: [pair]},
            "agreement": {PYTHON: {"small": agreement.compare([], [])}}}


def missed(run):
    """The goals that were measured and are not met."""
    return [goal for goal, _, met in figures.goals(run) if met is False]


class Fairness(unittest.TestCase):
    def test_is_one_if_all_clients_get_the_same(self):
        self.assertEqual(figures.jain([7, 7, 7]), 1)

    def test_is_one_nth_if_one_of_n_clients_gets_everything(self):
        self.assertAlmostEqual(figures.jain([9, 0, 0]), 1 / 3)

    def test_is_zero_if_no_client_gets_anything(self):
        self.assertEqual(figures.jain([0, 0]), 0)


class Ratios(unittest.TestCase):
    def test_are_computed_within_each_round(self):
        self.assertEqual(figures.ratio([make_figures(2), make_figures(20), make_figures(6)], [make_figures(1), make_figures(10), make_figures(1)]), 2)

    def test_mean_averages_each_figure_of_two_runs(self):
        self.assertEqual(figures.mean({"cpu_ms": 1}, {"cpu_ms": 3}), {"cpu_ms": 2})

    def test_skip_failed_rounds(self):
        self.assertEqual(figures.ratio([{}, make_figures(20)], [make_figures(1), make_figures(10)]), 2)
        self.assertIsNone(figures.ratio([{}], [make_figures(1)]))


class Goals(unittest.TestCase):
    def test_are_met_or_missed(self):
        self.assertEqual(missed(make_run()), [])
        run = make_run()
        run["results"]["small"][EMOSTREAM]["full"] = [make_figures(11.5)]
        run["results"]["small"][NODE]["half"] = [make_figures(70)]
        self.assertEqual(len(missed(run)), 2)

    def test_cover_overload(self):
        run = make_run()
        run["sweep"][EMOSTREAM] |= {"400": make_figures(10, p99_ms=61, resident_mb=106, jain=0.9, unanswered=1)}
        self.assertEqual(len(missed(run)), 4)

    def test_cover_the_cost_of_a_greedy_client_to_others(self):
        run = make_run()
        run["greed"][EMOSTREAM] = [[make_figures(10), make_figures(10, results=90, p50_ms=12)]]
        lost, slower = figures.greed(run, EMOSTREAM)
        self.assertAlmostEqual(lost, 0.1)
        self.assertAlmostEqual(slower, 0.2)
        self.assertEqual(len(missed(run)), 2)

    def test_use_the_server_without_tracking_if_tracking_was_not_measured(self):
        run = make_run()
        del run["servers"][TRACKING], run["results"]["small"][TRACKING], run["sweep"][TRACKING]
        self.assertEqual(len(missed(run)), 2)  # the peers use 4 and 12 times its CPU time; the goals are 8 and 20

    def test_are_neither_met_nor_missed_if_not_measured(self):
        run = make_run()
        del run["servers"][PYTHON], run["results"]["small"][PYTHON], run["sweep"][EMOSTREAM]
        self.assertIn(("—", None), [(measured, met) for goal, measured, met in figures.goals(run) if PYTHON in goal])


class Agreement(unittest.TestCase):
    def face(self, x, emotion="happiness", side=10):
        return {"box": {"x": x, "y": 0, "width": side, "height": side}, "dominant_emotion": emotion}

    def test_matches_faces_by_position(self):
        ours = [{"faces": [self.face(0), self.face(50)]}]
        theirs = [{"faces": [self.face(51, "anger"), self.face(1, side=12)]}]
        self.assertEqual(agreement.compare(ours, theirs),
                         {"faces": 2, "found_by_both": 2, "same_emotion": 1, "greatest_offset_px": 3})

    def test_counts_the_faces_of_the_server_that_found_more(self):
        counts = agreement.compare([{"faces": [self.face(0)]}], [{"faces": [self.face(30), self.face(60)]}])
        self.assertEqual((counts["faces"], counts["found_by_both"]), (2, 0))


class Report(unittest.TestCase):
    def test_contains_the_results_and_the_machine(self):
        text = report.as_markdown(make_run())
        for part in ("fastapi ÷ tracking, half load", "50% replaced", "a CPU", "| small | bare loop |"):
            self.assertIn(part, text)
        self.assertNotIn("missed", text)
        self.assertIn("polyline", report.chart(make_run()))

    def test_can_be_made_without_peers(self):
        run = make_run()
        for name in (PYTHON, NODE):
            del run["servers"][name], run["results"]["small"][name]
        run["agreement"] = {}
        self.assertIn("No other servers were measured", report.as_markdown(run))


if __name__ == "__main__":
    unittest.main()
