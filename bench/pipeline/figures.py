"""What the figures of a run come to: ratios, fairness, and whether the goals are met."""

import os
import statistics

US, TRACKING, PYTHON, NODE = "emostream", "tracking", "fastapi", "human"
LOADS = ("half", "full")                          # of what a server is capable of
BARE_THREADS = {"half": 1, "full": os.cpu_count()}  # of the bare loop, for as much to go on beside it
CALM, CROWDED, FAIR_AT = "50", "400", ("200", "400")  # % of capacity

MOST_OF_BARE, MOST_OF_BARE_TRACKING = 1.10, 0.6
LEAST_PYTHON, LEAST_NODE = 8, 20
MOST_P99_GROWTH, MOST_MEMORY_GROWTH, LEAST_JAIN, MOST_GREED = 3, 0.05, 0.98, 0.05


def jain(counts):
    """Jain's index of fairness: 1 if all get the same, 1/n if one gets all."""
    squares = sum(count * count for count in counts)
    return sum(counts) ** 2 / (len(counts) * squares) if squares else 0.0


def median(rounds, figure):
    values = [each[figure] for each in rounds if each.get(figure) is not None]
    return statistics.median(values) if values else None


def ratio(these, those, figure="cpu_ms"):
    """The median of the rounds' ratios, so that drift of the machine does not matter; None without both."""
    ratios = [a[figure] / b[figure] for a, b in zip(these, those) if a.get(figure) and b.get(figure)]
    return statistics.median(ratios) if ratios else None


def of_bare(run, workload, server, load):
    """CPU of a frame, to that of the loop with nothing around, which ran right before and after."""
    results = run["results"][workload].get(server, {})
    return ratio(results.get(load, []), results.get(f"bare, {load}", []))


def mean(these, those):
    """Of each figure."""
    return {name: (value + those[name]) / 2 for name, value in these.items()}


def best(run):
    """Ours as it is shipped."""
    return TRACKING if TRACKING in run["servers"] else US


def of_us(run, workload, peer, load, ours):
    """CPU of a frame, to ours."""
    results = run["results"][workload]
    return ratio(results.get(peer, {}).get(load, []), results.get(ours, {}).get(load, []))


def each(run, figure):
    """What `figure` makes of all workloads and loads, as far as there is something."""
    values = [figure(workload, load) for workload in run["results"] for load in LOADS]
    return [value for value in values if value is not None]


def greed(run, server):
    """(share of their frames, share of latency) that the others lose to one who sends six times as often."""
    rounds = run["greed"].get(server)
    if not rounds:
        return None
    processed = [1 - (with_it["results"] / with_it["sent"]) / (without["results"] / without["sent"])
                 for without, with_it in rounds]
    latency = [with_it["p50_ms"] / without["p50_ms"] - 1 for without, with_it in rounds]
    return statistics.median(processed), statistics.median(latency)


def goals(run):
    """(what is wanted, what was found, whether that is enough or None where nothing was measured)."""
    found = []

    def at_most(what, value, limit, form="{:.2f}"):
        found.append((what, "—" if value is None else form.format(value), None if value is None else value <= limit))

    def at_least(what, value, limit, form="{:.2f}"):
        found.append((what, "—" if value is None else form.format(value), None if value is None else value >= limit))

    at_most(f"CPU of a frame at most {MOST_OF_BARE:.2f} × the bare loop's, each frame searched",
            max(each(run, lambda w, l: of_bare(run, w, US, l)), default=None), MOST_OF_BARE)
    at_most(f"at most {MOST_OF_BARE_TRACKING} × with tracking",
            max(each(run, lambda w, l: of_bare(run, w, TRACKING, l)), default=None), MOST_OF_BARE_TRACKING)
    for peer, least in ((PYTHON, LEAST_PYTHON), (NODE, LEAST_NODE)):
        at_least(f"at least {least} × less than {peer}'s, with tracking if there is",
                 min(each(run, lambda w, l, p=peer: of_us(run, w, p, l, best(run))), default=None), least, "{:.1f}")
    for server in (US, TRACKING):
        sweep = run["sweep"].get(server, {})
        if not {CALM, CROWDED, *FAIR_AT} <= sweep.keys():
            continue
        crowded = sweep[CROWDED]
        at_most(f"{server}: p99 of processed frames at {CROWDED} % at most {MOST_P99_GROWTH} × that at {CALM} %",
                crowded["p99_ms"] / sweep[CALM]["p99_ms"], MOST_P99_GROWTH)
        at_most(f"{server}: memory flat at {CROWDED} %, {MOST_MEMORY_GROWTH:.0%} at most",
                crowded["resident_mb"] / crowded["resident_before_mb"] - 1, MOST_MEMORY_GROWTH, "{:+.1%}")
        at_least(f"{server}: Jain's index among equals at {' and '.join(FAIR_AT)} % at least {LEAST_JAIN}",
                 min(sweep[load]["jain"] for load in FAIR_AT), LEAST_JAIN, "{:.3f}")
        at_most(f"{server}: frames of which a client heard nothing: none",
                sum(figures["unanswered"] for figures in sweep.values()), 0, "{}")
        lost = greed(run, server)
        at_most(f"{server}: one that sends six times as often costs others at most {MOST_GREED:.0%} of their frames",
                lost and lost[0], MOST_GREED, "{:+.1%}")
        at_most(f"{server}: and of their median latency", lost and lost[1], MOST_GREED, "{:+.1%}")
    return found
