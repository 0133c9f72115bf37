"""Figures derived from a run: ratios, fairness, and whether the goals are met."""

import os
import statistics

EMOSTREAM, TRACKING, PYTHON, NODE = "emostream", "tracking", "fastapi", "human"
LOADS = ("half", "full")  # of a server's capacity
BARE_THREADS = {"half": 1, "full": os.cpu_count()}  # threads of the bare loop, by load
LOW_LOAD, OVERLOAD, FAIRNESS_LOADS = "50", "400", ("200", "400")  # % of capacity

MAX_OF_BARE, MAX_OF_BARE_TRACKING = 1.10, 0.6
MIN_PYTHON, MIN_NODE = 8, 20
MAX_P99_GROWTH, MAX_MEMORY_GROWTH, MIN_JAIN, MAX_GREED = 3, 0.05, 0.98, 0.05


def jain(counts):
    """Jain's fairness index: 1 if all get the same, 1/n if one gets everything, 0 if all get nothing."""
    squares = sum(count * count for count in counts)
    return sum(counts) ** 2 / (len(counts) * squares) if squares else 0.0


def median(rounds, figure):
    values = [each[figure] for each in rounds if each.get(figure) is not None]
    return statistics.median(values) if values else None


def ratio(these, those, figure="cpu_ms"):
    """The median of the rounds' ratios, which is not affected by slow changes in the machine's speed; None if no round
    measured both."""
    ratios = [a[figure] / b[figure] for a, b in zip(these, those) if a.get(figure) and b.get(figure)]
    return statistics.median(ratios) if ratios else None


def of_bare(run, workload, server, load):
    """CPU time per frame divided by that of the bare loop, which ran immediately before and after."""
    results = run["results"][workload].get(server, {})
    return ratio(results.get(load, []), results.get(f"bare, {load}", []))


def mean(these, those):
    """The mean of each figure of two runs."""
    return {name: (value + those[name]) / 2 for name, value in these.items()}


def default_server(run):
    """The server that the goals compare with the peers: with tracking, if that was measured."""
    return TRACKING if TRACKING in run["servers"] else EMOSTREAM


def of_emostream(run, workload, peer, load, server):
    """CPU time per frame of a peer divided by that of Emostream's `server`."""
    results = run["results"][workload]
    return ratio(results.get(peer, {}).get(load, []), results.get(server, {}).get(load, []))


def each(run, figure):
    """The values of `figure(workload, load)` for all workloads and loads that were measured."""
    values = [figure(workload, load) for workload in run["results"] for load in LOADS]
    return [value for value in values if value is not None]


def greed(run, server):
    """What a client that sends six times as often costs the others: (share of processed frames lost, relative growth of the
    median latency); None if it was not measured."""
    rounds = run["greed"].get(server)
    if not rounds:
        return None
    lost = [1 - (with_it["results"] / with_it["sent"]) / (without["results"] / without["sent"])
            for without, with_it in rounds]
    latency = [with_it["p50_ms"] / without["p50_ms"] - 1 for without, with_it in rounds]
    return statistics.median(lost), statistics.median(latency)


def goals(run):
    """A list of (goal, measured value, whether the goal is met, or None if it was not measured)."""
    rows = []

    def at_most(what, value, limit, form="{:.2f}"):
        rows.append((what, "—" if value is None else form.format(value), None if value is None else value <= limit))

    def at_least(what, value, limit, form="{:.2f}"):
        rows.append((what, "—" if value is None else form.format(value), None if value is None else value >= limit))

    at_most(f"CPU time per frame, detection in every frame: at most {MAX_OF_BARE:.2f} × bare loop",
            max(each(run, lambda w, l: of_bare(run, w, EMOSTREAM, l)), default=None), MAX_OF_BARE)
    at_most(f"CPU time per frame, with tracking: at most {MAX_OF_BARE_TRACKING} × bare loop",
            max(each(run, lambda w, l: of_bare(run, w, TRACKING, l)), default=None), MAX_OF_BARE_TRACKING)
    for peer, least in ((PYTHON, MIN_PYTHON), (NODE, MIN_NODE)):
        ours = default_server(run)
        at_least(f"CPU time per frame of {peer}: at least {least} × that of {ours}",
                 min(each(run, lambda w, l, p=peer: of_emostream(run, w, p, l, ours)), default=None), least, "{:.1f}")
    for server in (EMOSTREAM, TRACKING):
        sweep = run["sweep"].get(server, {})
        if not {LOW_LOAD, OVERLOAD, *FAIRNESS_LOADS} <= sweep.keys():
            continue
        overloaded = sweep[OVERLOAD]
        at_most(f"{server}: p99 latency of processed frames at {OVERLOAD} % load at most {MAX_P99_GROWTH} × that at {LOW_LOAD} %",
                overloaded["p99_ms"] / sweep[LOW_LOAD]["p99_ms"], MAX_P99_GROWTH)
        at_most(f"{server}: memory growth at {OVERLOAD} % load at most {MAX_MEMORY_GROWTH:.0%}",
                overloaded["resident_mb"] / overloaded["resident_before_mb"] - 1, MAX_MEMORY_GROWTH, "{:+.1%}")
        at_least(f"{server}: Jain's fairness index at {' and '.join(FAIRNESS_LOADS)} % load at least {MIN_JAIN}",
                 min(sweep[load]["jain"] for load in FAIRNESS_LOADS), MIN_JAIN, "{:.3f}")
        at_most(f"{server}: no unanswered frames",
                sum(figures["unanswered"] for figures in sweep.values()), 0, "{}")
        lost = greed(run, server)
        at_most(f"{server}: a client that sends six times as often costs the others at most {MAX_GREED:.0%} of their frames",
                lost and lost[0], MAX_GREED, "{:+.1%}")
        at_most(f"{server}: a client that sends six times as often raises the others' median latency by at most {MAX_GREED:.0%}",
                lost and lost[1], MAX_GREED, "{:+.1%}")
    return rows
