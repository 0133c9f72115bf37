"""The results of a run as text, a Markdown report and a chart. Figures are ms of CPU time per face."""

import pathlib
import statistics

import tables

BATCHES = ("1", "2", "4", "8")
CROP = "160"  # side of the cropped square in pixels; typical of a face near a webcam
MAX_MS, MAX_OF_REFERENCE, MIN_BATCH_GAIN = 1.5, 0.25, 1.3


def median(run, figure):
    """The median of `figure(round)` over the rounds."""
    return statistics.median(figure(each) for each in run["results"])


def goals(run):
    """A list of (goal, measured value, whether the goal is met)."""
    face = median(run, lambda r: r["served"]["1"] + r["crop"][CROP])
    share = median(run, lambda r: r["served"]["1"] / r["reference"]["1"])
    gain = median(run, lambda r: r["served"]["1"] / r["served"]["8"])
    return [
        (f"crop and classify a single face in at most {MAX_MS} ms", f"{face:.2f} ms", face <= MAX_MS),
        (f"classify a single face in at most {MAX_OF_REFERENCE} of the reference's time", f"{share:.2f}",
         share <= MAX_OF_REFERENCE),
        (f"a face in a batch of 8 at least {MIN_BATCH_GAIN} times cheaper than a single face", f"{gain:.2f}",
         gain >= MIN_BATCH_GAIN),
    ]


def costs(run):
    """Table: CPU time per face by network and batch size."""
    names = list(run["networks"])
    rows = [["", *names]]
    for batch in BATCHES:
        title = "ms per face, single" if batch == "1" else f"ms per face, batch of {batch}"
        rows.append([title, *(f"{median(run, lambda r, n=name: r[n][batch]):.3f}" for name in names)])
    rows.append(["single ÷ batch of 8", *(f"{median(run, lambda r, n=name: r[n]['1'] / r[n]['8']):.2f}"
                                        for name in names)])
    for batch in ("1", "8"):
        title = "÷ reference, single" if batch == "1" else f"÷ reference, batch of {batch}"
        rows.append([title, *(f"{median(run, lambda r, n=name: r[n][batch] / r['reference'][batch]):.2f}"
                              for name in names)])
    rows.append(["file size, MB", *(f"{run['networks'][name]['bytes'] / 1e6:.1f}" for name in names)])
    return rows


def crops(run):
    """Table: CPU time of cropping by the side of the cropped square."""
    return [["side of the cropped square, pixels", "ms"],
            *([side, f"{median(run, lambda r, s=side: r['crop'][s]):.3f}"] for side in run["results"][0]["crop"])]


def goal_table(run):
    """Table: the goals and whether they are met."""
    return [["goal", "measured", "met"], *([goal, measured, "yes" if met else "no"] for goal, measured, met in goals(run))]


def as_text(run):
    return "\n\n".join(tables.as_text(rows) for rows in (goal_table(run), costs(run), crops(run)))


def as_markdown(run):
    text = (pathlib.Path(__file__).parent / "report.md.in").read_text(encoding="utf-8")
    return text.format(
        goals=tables.as_markdown(goal_table(run)), table=tables.as_markdown(costs(run)), crops=tables.as_markdown(crops(run)),
        networks="\n".join(f"- **{name}**: {network['what']}" for name, network in run["networks"].items()),
        rounds=run["rounds"], **run["machine"])


def chart(run):
    """An SVG bar chart of the CPU time per face of each network, single and in batches of eight."""
    left, width, bar, gap = 130, 480, 18, 14
    figures = [(name, batch, median(run, lambda r, n=name, b=batch: r[n][b]))
               for name in run["networks"] for batch in ("1", "8")]
    scale = width / max(ms for _, _, ms in figures)
    marks, y = [], 40
    for name, batch, ms in figures:
        if batch == "1":
            marks.append(f'<text x="{left - 10}" y="{y + bar + 4}" text-anchor="end">{name}</text>')
        colour = "#2a78b5" if name == "served" else "#7a7a7a"
        label = "single" if batch == "1" else "batch of 8"
        marks.append(f'<rect x="{left}" y="{y}" width="{max(1, ms * scale):.0f}" height="{bar - 3}" fill="{colour}"/>'
                     f'<text x="{left + ms * scale + 5:.0f}" y="{y + 12}">{ms:.2f}, {label}</text>')
        y += bar + (gap if batch == "8" else 0)
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="720" height="' + str(y) +
            '" font-family="sans-serif" font-size="12">' + f'<rect width="720" height="{y}" fill="white"/>'
            f'<text x="{left}" y="22" font-size="14">ms of CPU time per face</text>' + "".join(marks) + "</svg>\n")
