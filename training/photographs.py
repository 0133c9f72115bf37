"""Photographs with expressions, and their split by person into a part for training and one for choosing a model.

The collection is a tar file with a folder for each label and names `PERSON-PICTURE.jpg`, half of the people of
muxspace/facial_expressions (Apache-2.0; the rights of each picture are not stated). It holds press portraits, mostly
one of each person, and small film stills of two actors, from whom most pictures labelled disgust come. A few names
stand for several people, which does no harm to a split by name.

Every person belongs to one part, so that no model is chosen by pictures of people that it was trained on:

- Among the people with a picture of a rare label (surprise, anger, sadness, disgust), in descending order of the
  number of these pictures, each goes to the part that leaves the pictures of each rare label, and the people they
  show, most evenly divided. Those in "selection" contribute all of their pictures of rare labels.
- Of the other people, in the order of a hash of their names, the first with a neutral picture contribute one to
  "selection", and the next ones with a happy picture one, `PER_LABEL` each.
- What else there is of these people is "unused", and all other people are "train". Fear (8 pictures) and contempt
  (3) are too few to count in "selection".

Near-duplicates are left out by what reads the pictures: see photograph_crops.py.
"""

import hashlib
import os
import tarfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

import data

LABELS = ("neutral", "happiness", "surprise", "anger", "sadness", "disgust")  # those counted in "selection"
RARE = LABELS[2:]
PER_LABEL = 90  # neutral and happy pictures in "selection"


def default_file():
    """$EMOSTREAM_PHOTOGRAPHS, or `../shared/data/photos/photos.tar` beside the repository."""
    configured = os.environ.get("EMOSTREAM_PHOTOGRAPHS")
    return Path(configured) if configured else data.ROOT.parent / "shared" / "data" / "photos" / "photos.tar"


def names(file=None):
    """The names of all pictures, `LABEL/PERSON-PICTURE.jpg`, sorted."""
    file = Path(file or default_file())
    if not file.is_file():
        raise SystemExit(f"{file} does not exist: set EMOSTREAM_PHOTOGRAPHS to the tar file of the photographs")
    with tarfile.open(file) as archive:
        return sorted(entry.name.removeprefix("./") for entry in archive if entry.isfile())


def label(name):
    """The picture's label, one of `data.LABELS`."""
    return name.split("/")[0]


def person(name):
    return name.split("/")[1].split("-")[0]


def labels(pictures):
    """The labels of the named pictures as indices of `data.LABELS`, int64 [N]."""
    return np.array([data.LABELS.index(label(name)) for name in pictures], dtype=np.int64)


def persons(pictures):
    return np.array([person(name) for name in pictures])


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _divide_rare(by_person):
    """The people of "selection" among those with pictures of rare labels."""
    # For each person: the number of pictures of each label, and 1 for each label with pictures.
    counts = {}
    for someone, pictures in by_person.items():
        own = Counter(kind for kind in map(label, pictures) if kind in RARE)
        if own:
            counts[someone] = own + Counter({(kind, "people"): 1 for kind in own})
    totals = sum(counts.values(), Counter())
    surplus, selected = Counter(), set()  # of "selection" over "train"

    def unevenness(someone, sign):
        return sum(abs(surplus[key] + sign * counts[someone][key]) / totals[key] for key in totals)

    for someone in sorted(counts, key=lambda someone: (-counts[someone].total(), _hash(someone))):
        sign = 1 if unevenness(someone, 1) <= unevenness(someone, -1) else -1
        for key, count in counts[someone].items():
            surplus[key] += sign * count
        if sign == 1:
            selected.add(someone)
    return selected


def parts(pictures):
    """The part of each named picture, "train", "selection" or "unused". Needs the names of the whole collection."""
    by_person = defaultdict(list)
    for name in sorted(pictures):
        by_person[person(name)].append(name)
    people = _divide_rare(by_person)
    selection = {name for someone in people for name in by_person[someone] if label(name) in RARE}
    others = sorted((someone for someone, own in by_person.items()
                     if not any(label(name) in RARE for name in own)), key=_hash)
    for kind in ("neutral", "happiness"):
        chosen = [someone for someone in others
                  if someone not in people and any(label(name) == kind for name in by_person[someone])][:PER_LABEL]
        people.update(chosen)
        selection.update(min((name for name in by_person[someone] if label(name) == kind), key=_hash)
                         for someone in chosen)
    return np.array(["selection" if name in selection else "unused" if person(name) in people else "train"
                     for name in pictures])


def read(pictures, file=None):
    """Yields the encoded images of the named pictures in the given order."""
    with tarfile.open(file or default_file()) as archive:
        entries = {entry.name.removeprefix("./"): entry for entry in archive if entry.isfile()}
        for name in pictures:
            yield archive.extractfile(entries[name]).read()
