"""The results of a run as a table, a Markdown report and a chart."""

import dataclasses
import math
import pathlib
import statistics

import tables
from machine import busy_note

US = "emostream"


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table: a figure of one load, and its targets."""

    title: str
    load: str
    figure: str
    to_floor: float = None  # upper limit as a multiple of the floor's figure
    to_node: float = None   # upper limit as a multiple of Node's figure
    at_most: float = None   # upper limit of this library's figure
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


def median(results, load, server, figure):
    """The median over the rounds; None unless the server was measured and kept up in most rounds."""
    rounds = results.get(load, {}).get(server, [])
    values = [r[figure] for r in rounds if r.get(figure) is not None]
    return statistics.median(values) if 2 * len(values) > len(rounds) else None


def ratio(results, row, other):
    """This library's figure divided by the other server's: the median of the rounds' ratios, which is not affected by slow changes
    in the machine's speed."""
    if median(results, row.load, other, row.figure) is None:
        return None
    of_load = results.get(row.load, {})
    pairs = zip(of_load.get(US, []), of_load.get(other, []))
    ratios = [a[row.figure] / b[row.figure] for a, b in pairs if a.get(row.figure) and b.get(row.figure)]
    return statistics.median(ratios) if ratios else None


def target(results, row):
    """The row's targets and whether they are met; empty if it has none or they were not measured."""
    wanted = [(row.to_floor, ratio(results, row, "floor"), "{} × floor"),
              (row.to_node, ratio(results, row, "node"), "{} × Node"),
              (row.at_most, median(results, row.load, US, row.figure), "{}")]
    texts = [f"≤ {words.format(limit)}: {'yes' if value <= limit else 'no'}"
             for limit, value, words in wanted if limit is not None and value is not None]
    return "; ".join(texts)


def chart(results, kinds):
    """An SVG bar chart of the CPU time per event as a multiple of the floor's, on a logarithmic scale."""
    floor = {row: median(results, row.load, "floor", row.figure)
             for row in ROWS if row.to_floor and "same load" not in row.load}
    shown = [kind.name for kind in kinds if kind.name != "floor"]
    colours = dict(zip(shown, ("#2a78b5", "#7a7a7a", "#c9a227")))
    left, scale, bar, gap = 250, 130, 14, 14  # pixels; scale is the width of a factor of ten
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
    target_x = left + scale * math.log10(1.3)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{y}" font-family="sans-serif" font-size="12">'
            f'<rect width="720" height="{y}" fill="white"/>'
            f'<text x="{left}" y="22" font-size="14">CPU time per event, as a multiple of the floor\'s (dashed line: target)</text>'
            + "".join(marks) +
            f'<line x1="{target_x:.0f}" x2="{target_x:.0f}" y1="32" y2="{y - gap}" stroke="black" stroke-dasharray="3"/></svg>\n')


def table(results, kinds):
    """Rows of cells; the first is the header."""
    names = [kind.name for kind in kinds]
    others = [name for name in ("node", "floor") if name in names and US in names]
    rows = [["", *names, *(f"÷ {name}" for name in others), "target"]]
    for row in ROWS:
        if row.load not in results:
            continue
        values = [median(results, row.load, name, row.figure) for name in names]
        cells = ["—" if v is None else f"{v:,.{row.digits}f}" for v in values]
        ratios = [ratio(results, row, name) for name in others]
        cells += ["—" if r is None else f"{r:.2f}" for r in ratios]
        rows.append([row.title, *cells, target(results, row)])
    return rows


def as_markdown(run, kinds, rows):
    rates = ", ".join(f"{load.removeprefix('same load, ')}: {rate:,.0f}/s" for load, rate in run["rates"].items())
    servers = "\n".join(f"- **{kind.name}**: {kind.what}" for kind in kinds)
    text = (pathlib.Path(__file__).parent / "report.md.in").read_text(encoding="utf-8")
    return text.format(rows=tables.as_markdown(rows, last_left=True), servers=servers, rates=rates, rounds=run["rounds"],
                       seconds=run["seconds"], idle=run["idle_connections"], busy=busy_note(run["machine"]), **run["machine"])
