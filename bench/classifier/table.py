"""What a run found, as text, Markdown and a drawing. Figures are ms of CPU a face."""

import pathlib
import statistics

from report import as_text as columns

BATCHES = ("1", "2", "4", "8")
CROP = "160"  # pixels: the frame of a face near a webcam
MOST_MS, MOST_OF_REFERENCE, LEAST_BATCHED = 1.5, 0.25, 1.3


def median(run, of):
    """The median over the rounds of what `of` makes of one."""
    return statistics.median(of(figures) for figures in run["results"])


def goals(run):
    """(what is wanted, what was found, whether that is enough)."""
    face = median(run, lambda r: r["served"]["1"] + r["crop"][CROP])
    share = median(run, lambda r: r["served"]["1"] / r["reference"]["1"])
    gain = median(run, lambda r: r["served"]["1"] / r["served"]["8"])
    return [
        (f"a face alone, cut out and classified, in {MOST_MS} ms at most", f"{face:.2f} ms", face <= MOST_MS),
        (f"classified in {MOST_OF_REFERENCE} of the reference's time at most", f"{share:.2f}",
         share <= MOST_OF_REFERENCE),
        (f"a face of a batch of 8 at least {LEAST_BATCHED} times cheaper than alone", f"{gain:.2f}",
         gain >= LEAST_BATCHED),
    ]


def lines(run):
    """Rows of cells, the head first."""
    names = list(run["networks"])
    rows = [["", *names]]
    for batch in BATCHES:
        title = "ms a face, alone" if batch == "1" else f"ms a face, {batch} at once"
        rows.append([title, *(f"{median(run, lambda r, n=name: r[n][batch]):.3f}" for name in names)])
    rows.append(["alone ÷ 8 at once", *(f"{median(run, lambda r, n=name: r[n]['1'] / r[n]['8']):.2f}"
                                        for name in names)])
    for batch in ("1", "8"):
        title = "÷ reference, alone" if batch == "1" else f"÷ reference, {batch} at once"
        rows.append([title, *(f"{median(run, lambda r, n=name: r[n][batch] / r['reference'][batch]):.2f}"
                              for name in names)])
    rows.append(["file, MB", *(f"{run['networks'][name]['bytes'] / 1e6:.1f}" for name in names)])
    return rows


def crops(run):
    """Rows of cells, the head first."""
    return [["frame of the face, pixels", "ms"],
            *([side, f"{median(run, lambda r, s=side: r['crop'][s]):.3f}"] for side in run["results"][0]["crop"])]


def wanted(run):
    """Rows of cells, the head first."""
    return [["wanted", "found", "met"],
            *([what, found, "yes" if enough else "no"] for what, found, enough in goals(run))]


def as_text(run):
    return "\n\n".join(columns(rows) for rows in (wanted(run), lines(run), crops(run)))


def markdown(rows):
    head, *body = rows
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *body])


def as_markdown(run):
    told = run["machine"]
    text = (pathlib.Path(__file__).parent / "report.md.in").read_text(encoding="utf-8")
    return text.format(
        wanted=markdown(wanted(run)), table=markdown(lines(run)), crops=markdown(crops(run)),
        networks="\n".join(f"- **{name}**: {network['what']}" for name, network in run["networks"].items()),
        rounds=run["rounds"], **told)


def chart(run):
    """ms a face of each network alone and eight at once, as an SVG drawing."""
    left, width, bar, gap = 130, 480, 18, 14
    figures = [(name, batch, median(run, lambda r, n=name, b=batch: r[n][b]))
               for name in run["networks"] for batch in ("1", "8")]
    scale = width / max(ms for _, _, ms in figures)
    marks, y = [], 40
    for name, batch, ms in figures:
        if batch == "1":
            marks.append(f'<text x="{left - 10}" y="{y + bar + 4}" text-anchor="end">{name}</text>')
        colour = "#2a78b5" if name == "served" else "#7a7a7a"
        words = "alone" if batch == "1" else "8 at once"
        marks.append(f'<rect x="{left}" y="{y}" width="{max(1, ms * scale):.0f}" height="{bar - 3}" fill="{colour}"/>'
                     f'<text x="{left + ms * scale + 5:.0f}" y="{y + 12}">{ms:.2f}, {words}</text>')
        y += bar + (gap if batch == "8" else 0)
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="720" height="' + str(y) +
            '" font-family="sans-serif" font-size="12">' + f'<rect width="720" height="{y}" fill="white"/>'
            f'<text x="{left}" y="22" font-size="14">ms of one core a face</text>' + "".join(marks) + "</svg>\n")


def rounded(value):
    """The same structure with its floats at four digits after the point."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value
