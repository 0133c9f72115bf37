"""Close portraits: the face's box is 0.67 to 1.25 times as high as the image. Each must have exactly one face."""

import itertools
import random

from matching import box_of, count
from report import Failure, Report

RATIOS = (0.67, 0.8, 0.95, 1.1, 1.25)  # height of the box to height of the image
CROPS = 45
MIN_BOX = 60  # pixels, of the portraits that are cut


def run(media, program, options):
    crops = choose([photo for photo in media.portraits() if photo.boxes[0][3] >= MIN_BOX], options.crops)
    images, references = zip(*(cut(photo.open(), photo.boxes[0], ratio) for photo, ratio in crops))
    answers = program.analyze(images)
    rows = [["box to height", "crops", "one face", "on it", "none", "several", ""]]
    for ratio in RATIOS:
        these = [(faces, box) for (_, r), faces, box in zip(crops, answers, references) if r == ratio]
        rows.append([f"{ratio}", str(len(these)), *(str(n) for n in tally(these)), ""])
    one, *others = tally(list(zip(answers, references)))
    rows.append(["all", str(len(crops)), *(str(n) for n in (one, *others)), ""])
    failures = [Failure(f"{photo.name}-{ratio}", image, faces, (box,))
                for (photo, ratio), image, faces, box in zip(crops, images, answers, references) if len(faces) != 1]
    return Report(rows, [("one face in each close portrait", f"{one} of {len(crops)}", one == len(crops))], failures)


def choose(portraits, most):
    """Pairs of a portrait and a ratio, drawn at random but the same in every call."""
    pairs = list(itertools.product(portraits, RATIOS))
    return random.Random(1).sample(pairs, min(most, len(pairs)))


def cut(image, box, ratio):
    """The square of the image around the box in which the box has this ratio, moved inside if it protrudes; and the box
    in it."""
    x, y, width, height = box
    side = min(round(height / ratio), *image.size)
    left = min(max(round(x + width / 2 - side / 2), 0), image.width - side)
    top = min(max(round(y + height / 2 - side / 2), 0), image.height - side)
    return image.crop((left, top, left + side, top + side)), (x - left, y - top, width, height)


def tally(answers):
    """How many of the answers (faces, reference box) have one face, one face on the box, none, and several."""
    one = [(faces, box) for faces, box in answers if len(faces) == 1]
    on_it = sum(count([box_of(faces[0])], [box]).right for faces, box in one)
    return len(one), on_it, sum(not faces for faces, _ in answers), sum(len(faces) > 1 for faces, _ in answers)
