"""What ./bench.sh pipeline makes of its figures."""

import pathlib
import sys
import unittest

sys.path[1:1] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("socketio", "pipeline")]

import agreement  # noqa: E402
import figures  # noqa: E402
import summary  # noqa: E402
from figures import NODE, PYTHON, TRACKING, US  # noqa: E402


def load(cpu_ms, **more):
    return {"cpu_ms": cpu_ms, "per_second": 100, "p50_ms": 10, "p95_ms": 15, "p99_ms": 20, "resident_mb": 100,
            "resident_before_mb": 100, "sent": 200, "results": 100, "seconds": 1, "refused": {"replaced": 100},
            "unanswered": 0, "jain": 1, "server_busy": 2, "load_busy": 0.1, "late_p99_ms": 1, "faces": 1} | more


def a_run():
    of_server = {US: 10, TRACKING: 4, PYTHON: 40, NODE: 120}
    bare = {"bare, half": [load(10)], "bare, full": [load(10)]}
    results = {name: {"half": [load(ms)], "full": [load(ms)]} | bare for name, ms in of_server.items()}
    points = {percent: load(10) for percent in ("50", "200", "400")}
    pair = [load(10), load(10, greedy={"sent": 60, "results": 10})]
    machine = {"date": "today", "cpu": "a CPU", "cores": 2, "memory_gb": 8, "kernel": "6", "load_average_before": 0}
    return {"machine": machine, "model": "a model", "rounds": 1, "seconds": 1,
            "servers": {name: "what it is" for name in of_server},
            "image_bytes": {"small": 1000}, "results": {"small": results}, "sweep": {US: points, TRACKING: dict(points)},
            "greed": {US: [pair], TRACKING: [pair]},
            "agreement": {PYTHON: {"small": agreement.compare([], [])}}}


def missed(run):
    return [what for what, _, met in figures.goals(run) if met is False]


class Fairness(unittest.TestCase):
    def test_is_one_if_all_get_the_same(self):
        self.assertEqual(figures.jain([7, 7, 7]), 1)

    def test_is_a_share_of_one_if_one_gets_all(self):
        self.assertAlmostEqual(figures.jain([9, 0, 0]), 1 / 3)

    def test_of_nothing_is_none(self):
        self.assertEqual(figures.jain([0, 0]), 0)


class Ratios(unittest.TestCase):
    def test_are_taken_within_a_round(self):
        self.assertEqual(figures.ratio([load(2), load(20), load(6)], [load(1), load(10), load(1)]), 2)

    def test_are_to_the_mean_of_before_and_after(self):
        self.assertEqual(figures.mean({"cpu_ms": 1}, {"cpu_ms": 3}), {"cpu_ms": 2})

    def test_leave_out_what_failed(self):
        self.assertEqual(figures.ratio([{}, load(20)], [load(1), load(10)]), 2)
        self.assertIsNone(figures.ratio([{}], [load(1)]))


class Goals(unittest.TestCase):
    def test_are_met_or_missed(self):
        self.assertEqual([words.split(",")[0] for words in missed(a_run())], [])
        run = a_run()
        run["results"]["small"][US]["full"] = [load(11.5)]
        run["results"]["small"][NODE]["half"] = [load(70)]
        self.assertEqual(len(missed(run)), 2)

    def test_judge_the_crowd(self):
        run = a_run()
        run["sweep"][US] |= {"400": load(10, p99_ms=61, resident_mb=106, jain=0.9, unanswered=1)}
        self.assertEqual(len(missed(run)), 4)

    def test_judge_greed_by_its_cost_to_others(self):
        run = a_run()
        run["greed"][US] = [[load(10), load(10, results=90, p50_ms=12)]]
        lost, slower = figures.greed(run, US)
        self.assertAlmostEqual(lost, 0.1)
        self.assertAlmostEqual(slower, 0.2)
        self.assertEqual(len(missed(run)), 2)

    def test_are_those_of_the_server_without_tracking_where_there_is_none(self):
        run = a_run()
        del run["servers"][TRACKING], run["results"]["small"][TRACKING], run["sweep"][TRACKING]
        self.assertEqual(len(missed(run)), 2)  # 4 times less than one, 12 times less than the other

    def test_say_nothing_of_what_was_not_measured(self):
        run = a_run()
        del run["servers"][PYTHON], run["results"]["small"][PYTHON], run["sweep"][US]
        self.assertIn(("—", None), [(found, met) for what, found, met in figures.goals(run) if PYTHON in what])


class Agreement(unittest.TestCase):
    def face(self, x, emotion="happiness", side=10):
        return {"box": {"x": x, "y": 0, "width": side, "height": side}, "dominant_emotion": emotion}

    def test_matches_faces_where_they_are(self):
        ours = [{"faces": [self.face(0), self.face(50)]}]
        theirs = [{"faces": [self.face(51, "anger"), self.face(1, side=12)]}]
        self.assertEqual(agreement.compare(ours, theirs),
                         {"faces": 2, "found_by_both": 2, "same_emotion": 1, "greatest_offset_px": 3})

    def test_counts_faces_of_one_alone(self):
        told = agreement.compare([{"faces": [self.face(0)]}], [{"faces": [self.face(30), self.face(60)]}])
        self.assertEqual((told["faces"], told["found_by_both"]), (2, 0))


class Summary(unittest.TestCase):
    def test_has_all_that_was_found(self):
        text = summary.as_markdown(a_run())
        for word in ("fastapi ÷ tracking, at half", "50% replaced", "a CPU", "| small | bare loop |"):
            self.assertIn(word, text)
        self.assertNotIn("missed", text)
        self.assertIn("polyline", summary.chart(a_run()))

    def test_does_without_the_others(self):
        run = a_run()
        for name in (PYTHON, NODE):
            del run["servers"][name], run["results"]["small"][name]
        run["agreement"] = {}
        self.assertIn("No others were measured", summary.as_markdown(run))


if __name__ == "__main__":
    unittest.main()
