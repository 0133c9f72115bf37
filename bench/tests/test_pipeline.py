"""Tests of how ./bench.sh pipeline evaluates its measurements."""

import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(ROOT / "bench" / folder) for folder in ("common", "pipeline")]

import agreement  # noqa: E402
import figures  # noqa: E402
import report  # noqa: E402
from figures import EMOSTREAM, NODE, PYTHON, TRACKING  # noqa: E402


def make_figures(cpu_ms, **more):
    return {"cpu_ms": cpu_ms, "per_second": 100, "p50_ms": 10, "p95_ms": 15, "p99_ms": 20, "resident_mb": 100,
            "resident_before_mb": 100, "sent": 200, "results": 100, "seconds": 1, "refused": {"replaced": 100},
            "unanswered": 0, "server_busy": 2, "load_busy": 0.1, "late_p99_ms": 1, "faces": 1} | more


def camera(sent, results, worker_ms):
    return {"sent": sent, "results": results, "worker_ms": worker_ms}


def make_run():
    cpu_ms = {EMOSTREAM: 10, TRACKING: 4, PYTHON: 40, NODE: 120}
    bare = {"bare, half": [make_figures(10)], "bare, full": [make_figures(10)]}
    results = {name: {"half": [make_figures(ms)], "full": [make_figures(ms)]} | bare for name, ms in cpu_ms.items()}
    points = {percent: make_figures(10) for percent in ("50", "200", "400")}
    fair = {percent: make_figures(10, **figures.fairness([camera(10, 10, 100)] * 2, ["one", "four"])) for percent in ("200", "400")}
    pair = [make_figures(10), make_figures(10, greedy={"sent": 60, "results": 10})]
    machine = {"date": "today", "cpu": "a CPU", "cores": 2, "memory_gb": 8, "kernel": "6", "load_average_before": 0}
    return {"machine": machine, "model": "a model", "rounds": 1, "seconds": 1,
            "servers": {name: "description" for name in cpu_ms},
            "image_bytes": {"small": 1000}, "results": {"small": results}, "sweep": {EMOSTREAM: points, TRACKING: dict(points)},
            "fairness": {EMOSTREAM: fair, TRACKING: dict(fair)}, "greed": {EMOSTREAM: [pair], TRACKING: [pair]},
            "agreement": {PYTHON: {"small": agreement.compare([], [])}}}


def missed(run):
    """The goals that were measured and are not met."""
    return [goal for goal, _, met in figures.goals(run) if met is False]


class Jain(unittest.TestCase):
    def test_is_one_if_all_clients_get_the_same(self):
        self.assertEqual(figures.jain([7, 7, 7]), 1)

    def test_is_one_nth_if_one_of_n_clients_gets_everything(self):
        self.assertAlmostEqual(figures.jain([9, 0, 0]), 1 / 3)

    def test_is_zero_if_no_client_gets_anything(self):
        self.assertEqual(figures.jain([0, 0]), 0)


class FairShares(unittest.TestCase):
    def test_are_equal_if_all_demand_more(self):
        self.assertEqual(figures.fair_shares([50, 90, 40], 90), [30, 30, 30])

    def test_never_exceed_the_demand_and_divide_what_that_leaves(self):
        self.assertEqual(figures.fair_shares([90, 10, 40], 100), [50, 10, 40])

    def test_are_the_demands_if_they_can_all_be_met(self):
        self.assertEqual(figures.fair_shares([10, 30], 100), [10, 30])


class Fairness(unittest.TestCase):
    def jain(self, *cameras):
        return figures.fairness(cameras, ["a scene"])["jain_of_worker_time"]

    def test_is_one_if_accounts_get_the_same_time_for_different_numbers_of_frames(self):
        self.assertAlmostEqual(self.jain(camera(100, 40, 400), camera(100, 10, 400)), 1)

    def test_is_less_than_one_if_accounts_get_the_same_number_of_frames_for_different_times(self):
        self.assertAlmostEqual(self.jain(camera(100, 20, 200), camera(100, 20, 600)), 0.8)

    def test_is_one_if_an_account_gets_less_because_it_demands_less(self):
        self.assertAlmostEqual(self.jain(camera(10, 10, 100), camera(100, 90, 900)), 1)

    def test_is_less_than_one_if_an_account_gets_less_than_it_demands_and_than_the_others(self):
        self.assertLess(self.jain(camera(10, 5, 50), camera(100, 95, 950)), 0.95)

    def test_counts_accounts_that_got_nothing_but_not_those_that_sent_nothing(self):
        self.assertAlmostEqual(self.jain(camera(100, 10, 100), camera(100, 0, 0)), 0.5)
        self.assertAlmostEqual(self.jain(camera(100, 10, 100), camera(0, 0, 0)), 1)

    def test_is_zero_if_no_worker_time_is_reported(self):
        self.assertEqual(self.jain(camera(100, 10, 0), camera(100, 10, 0)), 0)

    def test_is_reported_with_the_figures_of_each_scene(self):
        found = figures.fairness([camera(100, 40, 200), camera(100, 20, 400), camera(100, 40, 200)], ["one", "four"])
        self.assertEqual(found["scenes"]["one"]["accounts"], 2)
        self.assertEqual((found["scenes"]["one"]["frame_ms"], found["scenes"]["four"]["frame_ms"]), (5, 20))
        self.assertAlmostEqual(found["scenes"]["four"]["of_fair_share"], 1.5)
        self.assertAlmostEqual(found["least_of_fair_share"], 0.75)
        self.assertAlmostEqual(found["most_of_fair_share"], 1.5)


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
        run["sweep"][EMOSTREAM] |= {"400": make_figures(10, p99_ms=61, resident_mb=106, unanswered=1)}
        run["fairness"][EMOSTREAM] |= {"400": {"jain_of_worker_time": 0.9}}
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

    def test_compares_the_worker_time_of_accounts_by_scene(self):
        rows = report.fairness(make_run())
        self.assertEqual(rows[1:3], [[EMOSTREAM, "200 %", "one", "1", "10.00", "100%", "1.000", "1.000", "1.00", "1.00"],
                                     [EMOSTREAM, "200 %", "four", "1", "10.00", "100%", "1.000", "", "", ""]])

    def test_can_be_made_of_a_run_without_fairness(self):
        run = make_run()
        del run["fairness"]
        self.assertIn("not measured in this run", report.as_markdown(run))
        self.assertEqual(len([goal for goal, _, met in figures.goals(run) if "Jain" in goal and met is None]), 2)

    def test_can_be_made_of_the_recorded_run(self):
        run = json.loads((ROOT / "docs/benchmarks/pipeline.json").read_text(encoding="utf-8"))
        self.assertIn("| emostream | 400 % |", report.as_markdown(run))
        self.assertTrue(report.as_text(run))

    def test_can_be_made_without_peers(self):
        run = make_run()
        for name in (PYTHON, NODE):
            del run["servers"][name], run["results"]["small"][name]
        run["agreement"] = {}
        self.assertIn("No other servers were measured", report.as_markdown(run))


if __name__ == "__main__":
    unittest.main()
