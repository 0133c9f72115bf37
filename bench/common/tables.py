"""Formats tables as text and Markdown. A table is a list of rows of cells; the first row is the header."""


def as_text(rows):
    """Aligned columns; the first and the last are aligned to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i in (0, len(row) - 1) else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def as_markdown(rows, left=1, last_left=False):
    """The first `left` columns, and the last if `last_left`, are aligned to the left, the others to the right."""
    header, *body = rows
    rule = ["---"] * left + ["---:"] * (len(header) - left)
    if last_left:
        rule[-1] = "---"
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *body])


def rounded(value):
    """The same structure with its floats rounded to four decimals."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value
