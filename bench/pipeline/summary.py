"""What a run found, as text, Markdown and a drawing."""

import math
import pathlib

import figures
from figures import LOADS, NODE, PYTHON, TRACKING, US
from report import BUSY
from report import as_text as columns

NAMES = {"full": "all it can", "half": "half of that"}


def number(value, digits=1):
    return "—" if value is None else f"{value:,.{digits}f}"


def servers_of(run):
    return [name for name in run["servers"] if any(name in of_load for of_load in run["results"].values())]


def goals(run):
    """Rows of cells, the head first."""
    words = {True: "met", False: "**missed**", None: "—"}
    return [["wanted", "found", ""], *([what, found, words[met]] for what, found, met in figures.goals(run))]


def costs(run):
    """Rows of cells, the head first: one a workload and server."""
    rows = [["", "server", "CPU ms a frame, at half", "at full", "÷ bare, at half", "at full", "frames/s", "p50 ms, at half",
             "p95", "p99", "MB", "faces"]]
    for workload, results in run["results"].items():
        bare = {load: [told for of_server in results.values() for told in of_server.get(f"bare, {load}", [])]
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
    """Rows of cells, the head first: the peers' CPU of a frame, to ours."""
    there = [peer for peer in (PYTHON, NODE) if peer in run["servers"]]
    columns_of = [(peer, ours, load) for peer in there for ours in (US, TRACKING) if ours in run["servers"]
                  for load in LOADS]
    rows = [["", *(f"{peer} ÷ {ours}, at {load}" for peer, ours, load in columns_of)]]
    for workload in run["results"]:
        rows.append([workload, *(number(figures.of_us(run, workload, peer, load, ours))
                                 for peer, ours, load in columns_of)])
    return rows if there else []


def sweep(run):
    """Rows of cells, the head first: one a server and offered load."""
    rows = [["server", "offered", "frames/s", "processed", "p50 ms", "p99 ms", "dropped", "unanswered", "Jain", "MB",
             "server's CPU", "load's CPU", "sent late, p99 ms"]]
    for name, points in run["sweep"].items():
        for percent, told in points.items():
            dropped = ", ".join(f"{share(count, told['sent'])} {reason}" for reason, count in told["refused"].items())
            rows.append([name, f"{percent} %", number(told["sent"] / told["seconds"], 0),
                         share(told["results"], told["sent"]), number(told["p50_ms"]), number(told["p99_ms"]),
                         dropped or "none", str(told["unanswered"]), number(told["jain"], 3),
                         number(told["resident_mb"], 0), f"{told['server_busy']:.0%}", f"{told['load_busy']:.0%}",
                         number(told["late_p99_ms"])])
    return rows


def share(part, whole):
    return f"{min(1, part / whole):.0%}"


def greed(run):
    """Rows of cells, the head first."""
    rows = [["server", "round", "others' frames processed", "with the greedy one", "p50 ms", "with it", "p99 ms", "with it",
             "the greedy one's frames processed"]]
    for name, rounds in run["greed"].items():
        for i, (without, with_it) in enumerate(rounds):
            rows.append([name, str(i + 1), *(f"{told['results'] / told['sent']:.1%}" for told in (without, with_it)),
                         *(number(told[figure]) for figure in ("p50_ms", "p99_ms") for told in (without, with_it)),
                         share(with_it["greedy"]["results"], with_it["greedy"]["sent"])])
    return rows


def agreement(run):
    """Rows of cells, the head first."""
    rows = [["server", "images", "faces", "found by both", "same emotion", "greatest distance of a side, px"]]
    for name, workloads in run["agreement"].items():
        for workload, told in workloads.items():
            rows.append([name, workload, str(told["faces"]), str(told["found_by_both"]), str(told["same_emotion"]),
                         number(told["greatest_offset_px"])])
    return rows


def as_text(run):
    tables = [goals(run), costs(run), against_peers(run), sweep(run), greed(run), agreement(run)]
    return "\n\n".join(columns(rows) for rows in tables if rows)


def markdown(rows, words=1):
    if not rows:
        return "No others were measured."
    head, *body = rows
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *body])


def spans(runs):
    """How long they took, in words."""
    found = sorted({round(told["seconds"], 1) for told in runs})
    return " or ".join(f"{seconds:g} s" for seconds in found) or "no time"


def as_markdown(run):
    told = run["machine"]
    text = (pathlib.Path(__file__).parent / "report.md.in").read_text(encoding="utf-8")
    busy = BUSY if told["load_average_before"] > told["cores"] / 2 else ""
    if TRACKING not in run["servers"]:
        busy += "\n**This server knows no `vision.detect_every`: nothing is measured with tracking.**\n"
    return text.format(
        busy=busy, goals=markdown(goals(run)), costs=markdown(costs(run), 2), peers=markdown(against_peers(run)),
        sweep=markdown(sweep(run)), greed=markdown(greed(run)), agreement=markdown(agreement(run), 2),
        servers="\n".join(f"- **{name}**: {what}" for name, what in run["servers"].items()),
        sizes=", ".join(f"{workload}: {size / 1000:.0f} KB" for workload, size in run["image_bytes"].items()),
        sweep_spans=spans(told for loads in run["sweep"].values() for told in loads.values()),
        greed_spans=spans(told for pairs in run["greed"].values() for pair in pairs for told in pair),
        rounds=run["rounds"], seconds=run["seconds"], model=run["model"], **told)


def rounded(value):
    """The same structure with its floats at four digits after the point."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


COLOURS = {US: "#2a78b5", TRACKING: "#3a9a5b", PYTHON: "#c9a227", NODE: "#7a7a7a"}


def chart(run):
    """Latency of processed frames and how many are processed, by offered load, as an SVG drawing."""
    points = {name: [(int(percent), told) for percent, told in of_server.items()]
              for name, of_server in run["sweep"].items()}
    slowest = max(told["p99_ms"] for of_server in points.values() for _, told in of_server)
    decades = [10 ** i for i in range(0, len(str(int(slowest))) + 1)]
    marks = []

    def panel(left, title, place, ticks, lines):
        """A panel of 300×220 at `left`; `place` gives the height of a value from 0 to 1."""
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
    latency = [(name, [(percent, told[figure]) for percent, told in of_server], dashes)
               for name, of_server in points.items()
               for figure, dashes in (("p50_ms", ' stroke-dasharray="4 3"'), ("p99_ms", ""))]
    panel(60, "ms of processed frames: p99, and p50 dashed", lambda ms: math.log10(max(ms, 1)) / top,
          [(decade, f"{decade:,}") for decade in decades], latency)
    processed = [(name, [(percent, min(1, told["results"] / told["sent"])) for percent, told in of_server], "")
                 for name, of_server in points.items()]
    panel(440, "share of frames processed", lambda part: part,
          [(part / 4, f"{part * 25} %") for part in range(5)], processed)
    for i, name in enumerate(points):
        marks.append(f'<text x="{60 + i * 110}" y="304" fill="{COLOURS[name]}">{name}</text>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="770" height="315" font-family="sans-serif" font-size="12">'
            '<rect width="770" height="315" fill="white"/>' + "".join(marks) + "</svg>\n")
