"""What a measure returns, and how it is shown."""

import math
import sys
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from matching import box_of

sys.path.insert(1, str(Path(__file__).resolve().parents[2] / "bench" / "common"))

from tables import as_text  # noqa: E402

REPORTED, REFERENCE = "red", "lime"  # colours of boxes


@dataclass(frozen=True)
class Failure:
    """An image that was answered wrongly, for the eye."""

    name: str
    image: Image.Image
    faces: list
    reference: tuple = ()


@dataclass
class Report:
    """The figures of a measure.

    `rows`: a table, the header first. `goals`: (goal, measured, whether it is met). `failures`: wrong answers.
    """

    rows: list
    goals: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def as_text(self):
        verdicts = [f"{'met' if met else 'MISSED'}: {goal} (measured: {measured})"
                    for goal, measured, met in self.goals]
        return "\n".join([as_text(self.rows), *verdicts])

    @property
    def all_met(self):
        return all(met for _, _, met in self.goals)


def percent(part, whole):
    """A share as text."""
    return f"{100 * part / whole:.1f} %" if whole else "—"


def percentile(values, share):
    """The smallest of the values that at least this share of them does not exceed."""
    return sorted(values)[math.ceil(round(share * len(values), 9)) - 1]


def draw(failure, folder):
    """Writes the image with its reported and reference boxes."""
    image = failure.image.convert("RGB")
    scale = max(1, round(480 / image.height))
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for colour, boxes in ((REFERENCE, failure.reference), (REPORTED, [box_of(face) for face in failure.faces])):
        for x, y, width, height in boxes:
            pen.rectangle([x * scale, y * scale, (x + width) * scale, (y + height) * scale], outline=colour,
                          width=max(2, image.height // 400))
    for face in failure.faces:
        x, y, _, height = box_of(face)
        pen.text((x * scale + 4, (y + height) * scale - 14), caption(face), fill=REPORTED)
    image.save(folder / f"{failure.name}.jpg", quality=90)


def caption(face):
    """The id, the confidence and the label of a face."""
    return f"{face['face_id']} {face['confidence']:.2f} {face['dominant_emotion'] or ''}"
