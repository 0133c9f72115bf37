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


def jain(values):
    """Jain's fairness index: 1 if all get the same, 1/n if one gets everything, 0 if all get nothing."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 0.0


def fair_shares(demands, total):
    """The max-min fair division of `total`: all get the same, except that nobody gets more than its demand; what these leave
    is divided among the others."""
    shares, left = [0.0] * len(demands), total
    ascending = sorted(range(len(demands)), key=demands.__getitem__)
    for position, i in enumerate(ascending):
        shares[i] = min(demands[i], left / (len(demands) - position))
        left -= shares[i]
    return shares


def fairness(cameras, scenes):
    """How evenly the accounts share the workers, measured by worker time. Each camera is an account of its own; it has the
    number of frames that it sent, that of its results, and the worker time of the latter. A frame that was dropped took
    none. Camera i shows scene i modulo their number.

    Jain's index is that of normalized allocations (Jain, Chiu and Hawe 1984; Jain, Durresi and Babic 1999): each account's
    worker time is divided by its share in the max-min fair division of all worker time that was used. The demand of an
    account is the time that all of its frames would have taken, at the mean of its results. So an account whose demand is
    below an equal part counts as served fully if it got what it asked for, and the others divide what it leaves. If all
    demand more than an equal part, as in overload, this is Jain's index of the worker times themselves. Accounts that sent
    nothing do not count; an account that got nothing counts as 0."""
    used_ms = [camera["worker_ms"] for camera in cameras]
    mean_ms = sum(used_ms) / max(1, sum(camera["results"] for camera in cameras))
    demands_ms = [camera["sent"] * (camera["worker_ms"] / camera["results"] if camera["results"] else mean_ms)
                  for camera in cameras]
    fair_ms = fair_shares(demands_ms, sum(used_ms))
    of_fair = [used / fair for used, fair in zip(used_ms, fair_ms) if fair]

    def scene(first):
        """The figures of the cameras that show one scene."""
        some = slice(first, None, len(scenes))
        results = sum(camera["results"] for camera in cameras[some])
        return {"accounts": len(cameras[some]), "frame_ms": sum(used_ms[some]) / results if results else None,
                "processed": results / max(1, sum(camera["sent"] for camera in cameras[some])),
                "of_fair_share": sum(used_ms[some]) / sum(fair_ms[some]) if any(fair_ms[some]) else None}

    return {"jain_of_worker_time": jain(of_fair), "least_of_fair_share": min(of_fair, default=0.0),
            "most_of_fair_share": max(of_fair, default=0.0),
            "scenes": {name: scene(i) for i, name in enumerate(scenes)}}


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


def least_jain(run, server):
    """The lowest of Jain's indices by worker time; None if they were not all measured."""
    by_load = run.get("fairness", {}).get(server, {})  # runs recorded before it was measured do not have it
    if not by_load.keys() >= set(FAIRNESS_LOADS):
        return None
    return min(by_load[load]["jain_of_worker_time"] for load in FAIRNESS_LOADS)


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
        if not {LOW_LOAD, OVERLOAD} <= sweep.keys():
            continue
        overloaded = sweep[OVERLOAD]
        at_most(f"{server}: p99 latency of processed frames at {OVERLOAD} % load at most {MAX_P99_GROWTH} × that at {LOW_LOAD} %",
                overloaded["p99_ms"] / sweep[LOW_LOAD]["p99_ms"], MAX_P99_GROWTH)
        at_most(f"{server}: memory growth at {OVERLOAD} % load at most {MAX_MEMORY_GROWTH:.0%}",
                overloaded["resident_mb"] / overloaded["resident_before_mb"] - 1, MAX_MEMORY_GROWTH, "{:+.1%}")
        at_least(f"{server}: Jain's fairness index over accounts by worker time at {' and '.join(FAIRNESS_LOADS)} % load at "
                 f"least {MIN_JAIN}", least_jain(run, server), MIN_JAIN, "{:.3f}")
        at_most(f"{server}: no unanswered frames",
                sum(figures["unanswered"] for figures in sweep.values()), 0, "{}")
        lost = greed(run, server)
        at_most(f"{server}: a client that sends six times as often costs the others at most {MAX_GREED:.0%} of their frames",
                lost and lost[0], MAX_GREED, "{:+.1%}")
        at_most(f"{server}: a client that sends six times as often raises the others' median latency by at most {MAX_GREED:.0%}",
                lost and lost[1], MAX_GREED, "{:+.1%}")
    return rows
