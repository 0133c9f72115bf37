"""What a run found: as rows of one table, in Markdown and JSON."""

import dataclasses
import datetime
import math
import os
import pathlib
import platform
import statistics

US = "emostream"


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the table: a figure of one load, and what we want of it."""

    title: str
    load: str
    figure: str
    to_floor: float = None  # at most this many times the floor's
    to_node: float = None   # at most this share of Node's
    at_most: float = None   # of ours, absolute
    digits: int = 1


ROWS = [
    Row("CPU µs per echo, 64 B text", "echo text 64 B", "cpu_us", to_floor=1.3, to_node=0.45),
    Row("CPU µs per echo, 16 KB binary", "echo binary 16 KB", "cpu_us", to_floor=1.3, to_node=0.31),
    Row("CPU µs per echo, 64 KB text", "echo text 64 KB", "cpu_us", to_floor=1.3, to_node=0.14),
    Row("CPU µs per delivered broadcast", "broadcast", "cpu_us", to_floor=1.3, to_node=0.63),
    Row("Echoes/s, 64 B text", "echo text 64 B", "per_second", digits=0),
    Row("Echoes/s, 16 KB binary", "echo binary 16 KB", "per_second", digits=0),
    Row("Echoes/s, 64 KB text", "echo text 64 KB", "per_second", digits=0),
    Row("Deliveries/s", "broadcast", "per_second", digits=0),
    Row("CPU µs per echo at the same load, 64 B text", "same load, text 64 B", "cpu_us", to_floor=1.3, to_node=0.45),
    Row("CPU µs per echo at the same load, 16 KB binary", "same load, binary 16 KB", "cpu_us", to_floor=1.3, to_node=0.31),
    Row("CPU µs per echo at the same load, 64 KB text", "same load, text 64 KB", "cpu_us", to_floor=1.3, to_node=0.14),
    Row("p50 µs at the same load, 64 B text", "same load, text 64 B", "p50_us", digits=0),
    Row("p99 µs at the same load, 64 B text", "same load, text 64 B", "p99_us", to_node=0.5, digits=0),
    Row("p50 µs at the same load, 16 KB binary", "same load, binary 16 KB", "p50_us", digits=0),
    Row("p99 µs at the same load, 16 KB binary", "same load, binary 16 KB", "p99_us", to_node=0.5, digits=0),
    Row("p50 µs at the same load, 64 KB text", "same load, text 64 KB", "p50_us", digits=0),
    Row("p99 µs at the same load, 64 KB text", "same load, text 64 KB", "p99_us", to_node=0.5, digits=0),
    Row("Resident KB per idle connection", "idle", "resident_kb", at_most=6),
    Row("Connections/s", "idle", "per_second", digits=0),
    Row("CPU µs per connection", "idle", "cpu_us"),
]


def machine():
    """The machine in words, and whether it had anything else to do."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory_gb),
        "kernel": platform.release().split("-")[0],
        "load_average_before": round(os.getloadavg()[0], 1),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
    }


def median(results, load, server, figure):
    """Over the rounds; None if the server did not keep up in most of them, or was not measured."""
    rounds = results.get(load, {}).get(server, [])
    values = [r[figure] for r in rounds if r.get(figure) is not None]
    return statistics.median(values) if 2 * len(values) > len(rounds) else None


def ratio(results, row, other):
    """Ours to the other's: the median of the rounds' ratios, so that drift of the machine does not matter."""
    if median(results, row.load, other, row.figure) is None:
        return None
    of_load = results.get(row.load, {})
    pairs = zip(of_load.get(US, []), of_load.get(other, []))
    ratios = [a[row.figure] / b[row.figure] for a, b in pairs if a.get(row.figure) and b.get(row.figure)]
    return statistics.median(ratios) if ratios else None


def verdict(results, row):
    """Whether our targets are met, in words; empty where there are none."""
    wanted = [(row.to_floor, ratio(results, row, "floor"), "{} × floor"),
              (row.to_node, ratio(results, row, "node"), "{} × Node"),
              (row.at_most, median(results, row.load, US, row.figure), "{}")]
    told = [f"≤ {words.format(limit)}: {'yes' if value <= limit else 'no'}"
            for limit, value, words in wanted if limit is not None and value is not None]
    return "; ".join(told)


def chart(results, kinds):
    """The CPU of an event as a multiple of the floor's, one bar a server, as an SVG drawing; logarithmic."""
    floor = {row: median(results, row.load, "floor", row.figure)
             for row in ROWS if row.to_floor and "same load" not in row.load}
    shown = [kind.name for kind in kinds if kind.name != "floor"]
    colours = dict(zip(shown, ("#2a78b5", "#7a7a7a", "#c9a227")))
    left, scale, bar, gap = 250, 130, 14, 14  # pixels; scale: for a factor of ten
    marks, y = [], 40
    for row, base in floor.items():
        marks.append(f'<text x="{left - 10}" y="{y + 27}" text-anchor="end">{row.title.removeprefix("CPU µs per ")}</text>')
        for name in shown:
            times = median(results, row.load, name, row.figure) / base
            width = max(1, scale * math.log10(times))
            marks.append(f'<rect x="{left}" y="{y}" width="{width:.0f}" height="{bar - 2}" fill="{colours[name]}"/>'
                         f'<text x="{left + width + 5:.0f}" y="{y + 10}">{name} {times:.1f} ×</text>')
            y += bar
        y += gap
    target = left + scale * math.log10(1.3)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{y}" font-family="sans-serif" font-size="12">'
            f'<rect width="720" height="{y}" fill="white"/>'
            f'<text x="{left}" y="22" font-size="14">CPU of an event, as a multiple of the floor\'s (line: our target)</text>'
            + "".join(marks) +
            f'<line x1="{target:.0f}" x2="{target:.0f}" y1="32" y2="{y - gap}" stroke="black" stroke-dasharray="3"/></svg>\n')


def table(results, kinds):
    """Rows of cells, the head first."""
    names = [kind.name for kind in kinds]
    others = [name for name in ("node", "floor") if name in names and US in names]
    lines = [["", *names, *(f"÷ {name}" for name in others), "target"]]
    for row in ROWS:
        if row.load not in results:
            continue
        values = [median(results, row.load, name, row.figure) for name in names]
        cells = ["—" if v is None else f"{v:,.{row.digits}f}" for v in values]
        ratios = [ratio(results, row, name) for name in others]
        cells += ["—" if r is None else f"{r:.2f}" for r in ratios]
        lines.append([row.title, *cells, verdict(results, row)])
    return lines


def as_text(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(w) if i in (0, len(line) - 1) else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(line, widths))).rstrip() for line in lines)


def as_markdown(run, kinds, lines):
    told = run["machine"]
    rates = ", ".join(f"{load.removeprefix('same load, ')}: {rate:,.0f}/s" for load, rate in run["rates"].items())
    busy = BUSY if told["load_average_before"] > told["cores"] / 2 else ""
    head, *body = lines
    rule = ["---"] + ["---:"] * (len(head) - 2) + ["---"]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *body])
    servers = "\n".join(f"- **{kind.name}**: {kind.what}" for kind in kinds)
    return TEXT.format(rows=rows, servers=servers, rates=rates, rounds=run["rounds"], seconds=run["seconds"],
                       idle=run["idle_connections"], busy=busy, **told)


BUSY = "\n**The machine was busy with other work: rates and latencies mean little, CPU is somewhat too high.**\n"
TEXT = (pathlib.Path(__file__).parent / "report.md.in").read_text(encoding="utf-8")
