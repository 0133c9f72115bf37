"""The results of a run as text, a Markdown report and a chart."""

import math
import pathlib

import figures
import tables
from figures import EMOSTREAM, LOADS, NODE, PYTHON, TRACKING
from machine import busy_note


def number(value, digits=1):
    return "—" if value is None else f"{value:,.{digits}f}"


def servers_of(run):
    return [name for name in run["servers"] if any(name in of_load for of_load in run["results"].values())]


def goals(run):
    """Table: the goals and whether they are met."""
    words = {True: "met", False: "**missed**", None: "—"}
    return [["goal", "measured", ""], *([goal, measured, words[met]] for goal, measured, met in figures.goals(run))]


def costs(run):
    """Table: cost and latency by workload and server."""
    rows = [["", "server", "CPU ms per frame, half load", "full load", "÷ bare, half load", "full load", "frames/s", "p50 ms, half load",
             "p95", "p99", "MB", "faces"]]
    for workload, results in run["results"].items():
        bare = {load: [each for of_server in results.values() for each in of_server.get(f"bare, {load}", [])]
                for load in LOADS}
        rows.append([workload, "bare loop", *(number(figures.median(bare[load], "cpu_ms"), 2) for load in LOADS), "", "",
                     number(figures.median(bare["full"], "per_second"), 0), "", "", "", "",
                     number(figures.median(bare["full"], "faces"))])
        for name in servers_of(run):
            half, full = results[name]["half"], results[name]["full"]
            rows.append(["", name, *(number(figures.median(rounds, "cpu_ms"), 2) for rounds in (half, full)),
                         *(number(figures.of_bare(run, workload, name, load), 2) for load in LOADS),
                         number(figures.median(full, "per_second"), 0),
                         *(number(figures.median(half, figure)) for figure in ("p50_ms", "p95_ms", "p99_ms")),
                         number(figures.median(full, "resident_mb"), 0), number(figures.median(full, "faces"))])
    return rows


def against_peers(run):
    """Table: the peers' CPU time per frame divided by Emostream's; empty if no peer was measured."""
    measured = [peer for peer in (PYTHON, NODE) if peer in run["servers"]]
    columns_of = [(peer, ours, load) for peer in measured for ours in (EMOSTREAM, TRACKING) if ours in run["servers"]
                  for load in LOADS]
    rows = [["", *(f"{peer} ÷ {ours}, {load} load" for peer, ours, load in columns_of)]]
    for workload in run["results"]:
        rows.append([workload, *(number(figures.of_emostream(run, workload, peer, load, ours))
                                 for peer, ours, load in columns_of)])
    return rows if measured else []


def sweep(run):
    """Table: throughput and latency by server and offered load."""
    rows = [["server", "offered", "scheduled frames/s", "processed", "p50 ms", "p99 ms", "dropped", "unanswered", "MB",
             "server's CPU", "generator's CPU", "sent late, p99 ms"]]
    for name, points in run["sweep"].items():
        for percent, each in points.items():
            dropped = ", ".join(f"{share(count, each['sent'])} {reason}" for reason, count in each["refused"].items())
            rows.append([name, f"{percent} %", number(each["sent"] / each["seconds"], 0),
                         share(each["results"], each["sent"]), number(each["p50_ms"]), number(each["p99_ms"]),
                         dropped or "none", str(each["unanswered"]), number(each["resident_mb"], 0),
                         f"{each['server_busy']:.0%}", f"{each['load_busy']:.0%}", number(each["late_p99_ms"])])
    return rows


def share(part, whole):
    return f"{min(1, part / whole):.0%}"


def fairness(run):
    """Table: the worker time of accounts whose frames take different times, by server and offered load."""
    rows = [["server", "offered", "scene", "accounts", "ms per frame", "processed", "worker time ÷ fair share",
             "Jain, all accounts", "least ÷ fair share", "most"]]
    for name, by_load in run.get("fairness", {}).items():
        for percent, each in by_load.items():
            of_all = [number(each[figure], digits) for figure, digits in
                      (("jain_of_worker_time", 3), ("least_of_fair_share", 2), ("most_of_fair_share", 2))]
            for scene, figures_of in each["scenes"].items():
                rows.append([name, f"{percent} %", scene, str(figures_of["accounts"]), number(figures_of["frame_ms"], 2),
                             f"{figures_of['processed']:.0%}", number(figures_of["of_fair_share"], 3), *of_all])
                of_all = [""] * len(of_all)
    return rows if len(rows) > 1 else []


def greed(run):
    """Table: the effect of a greedy client on the others."""
    rows = [["server", "round", "others' frames processed", "with the greedy client", "p50 ms", "with it", "p99 ms", "with it",
             "the greedy client's frames processed"]]
    for name, rounds in run["greed"].items():
        for i, (without, with_it) in enumerate(rounds):
            rows.append([name, str(i + 1), *(f"{each['results'] / each['sent']:.1%}" for each in (without, with_it)),
                         *(number(each[figure]) for figure in ("p50_ms", "p99_ms") for each in (without, with_it)),
                         share(with_it["greedy"]["results"], with_it["greedy"]["sent"])])
    return rows


def agreement(run):
    """Table: how well the other servers' results agree with those of the first."""
    rows = [["server", "images", "faces", "found by both", "same emotion", "largest offset of a box side, px"]]
    for name, workloads in run["agreement"].items():
        for workload, each in workloads.items():
            rows.append([name, workload, str(each["faces"]), str(each["found_by_both"]), str(each["same_emotion"]),
                         number(each["greatest_offset_px"])])
    return rows


def as_text(run):
    results = [goals(run), costs(run), against_peers(run), sweep(run), fairness(run), greed(run), agreement(run)]
    return "\n\n".join(tables.as_text(rows) for rows in results if rows)


def markdown(rows, left=1):
    return tables.as_markdown(rows, left) if rows else "No other servers were measured."


def durations(runs):
    """The durations of the runs, as text."""
    found = sorted({round(each["seconds"], 1) for each in runs})
    return " or ".join(f"{seconds:g} s" for seconds in found) or "0 s"


def fairness_as_markdown(run):
    rows = fairness(run)
    if not rows:
        return "This was not measured in this run, whose clients shared four accounts."
    spans = durations(each for by_load in run["fairness"].values() for each in by_load.values())
    return f"{tables.as_markdown(rows, 3)}\n\nEach load is one run of {spans}."


def as_markdown(run):
    text = (pathlib.Path(__file__).parent / "report.md.in").read_text(encoding="utf-8")
    busy = busy_note(run["machine"])
    if TRACKING not in run["servers"]:
        busy += "\n**This server has no setting `vision.detect_every`: tracking is not measured.**\n"
    return text.format(
        busy=busy, goals=markdown(goals(run)), costs=markdown(costs(run), 2), peers=markdown(against_peers(run)),
        sweep=markdown(sweep(run)), fairness=fairness_as_markdown(run), greed=markdown(greed(run)), agreement=markdown(agreement(run), 2),
        servers="\n".join(f"- **{name}**: {what}" for name, what in run["servers"].items()),
        sizes=", ".join(f"{workload}: {size / 1000:.0f} KB" for workload, size in run["image_bytes"].items()),
        sweep_spans=durations(each for loads in run["sweep"].values() for each in loads.values()),
        greed_spans=durations(each for pairs in run["greed"].values() for pair in pairs for each in pair),
        rounds=run["rounds"], seconds=run["seconds"], model=run["model"], **run["machine"])


COLOURS = {EMOSTREAM: "#2a78b5", TRACKING: "#3a9a5b", PYTHON: "#c9a227", NODE: "#7a7a7a"}


def chart(run):
    """An SVG chart of the latency of processed frames and the share of processed frames, by offered load."""
    points = {name: [(int(percent), each) for percent, each in of_server.items()]
              for name, of_server in run["sweep"].items()}
    slowest = max(each["p99_ms"] for of_server in points.values() for _, each in of_server)
    decades = [10 ** i for i in range(0, len(str(int(slowest))) + 1)]
    marks = []

    def panel(left, title, place, ticks, lines):
        """Draws a panel of 300×220 pixels at `left`; `place` maps a value to its height from 0 to 1."""
        def x(percent):
            return left + percent / 400 * 300

        def y(value):
            return 260 - place(value) * 220

        marks.append(f'<text x="{left}" y="24" font-size="14">{title}</text>')
        for value, words in ticks:
            marks.append(f'<line x1="{left}" x2="{left + 300}" y1="{y(value):.0f}" y2="{y(value):.0f}" stroke="#ddd"/>'
                         f'<text x="{left - 6}" y="{y(value) + 4:.0f}" text-anchor="end">{words}</text>')
        for percent in (0, 100, 200, 300, 400):
            marks.append(f'<text x="{x(percent):.0f}" y="278" text-anchor="middle">{percent} %</text>')
        for name, values, dashes in lines:
            path = " ".join(f"{x(percent):.0f},{y(value):.0f}" for percent, value in values)
            marks.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"{dashes}/>')

    top = len(decades) - 1
    latency = [(name, [(percent, each[figure]) for percent, each in of_server], dashes)
               for name, of_server in points.items()
               for figure, dashes in (("p50_ms", ' stroke-dasharray="4 3"'), ("p99_ms", ""))]
    panel(60, "latency of processed frames, ms (dashed: p50, solid: p99)", lambda ms: math.log10(max(ms, 1)) / top,
          [(decade, f"{decade:,}") for decade in decades], latency)
    processed = [(name, [(percent, min(1, each["results"] / each["sent"])) for percent, each in of_server], "")
                 for name, of_server in points.items()]
    panel(440, "share of frames processed", lambda part: part,
          [(part / 4, f"{part * 25} %") for part in range(5)], processed)
    for i, name in enumerate(points):
        marks.append(f'<text x="{60 + i * 110}" y="304" fill="{COLOURS[name]}">{name}</text>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="770" height="315" font-family="sans-serif" font-size="12">'
            '<rect width="770" height="315" fill="white"/>' + "".join(marks) + "</svg>\n")
