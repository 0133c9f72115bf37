"""Scores the ids of a stream against known people.

The truth of a frame is {person: `Seen`}. A reported face is that of a result of the server.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from matching import best_pairs, box_of, match


@dataclass(frozen=True)
class Seen:
    """Where a person's face is in a frame. A hidden face may be reported or not: neither counts."""

    box: tuple
    hidden: bool = False


@dataclass(frozen=True)
class Score:
    """Figures of one or several streams.

    `faces`: faces to be found, summed over the frames; `found`: those at which a face was reported; `reported`: all
    reported faces; `identified`: those found under the id that the best one-to-one assignment of ids to people gives
    the person. `id_changes`: how often a person was found under another id than before. `phantom_ids`: ids that were
    never at a person.
    """

    faces: int = 0
    found: int = 0
    reported: int = 0
    identified: int = 0
    id_changes: int = 0
    phantom_ids: int = 0

    def __add__(self, other):
        return Score(*(a + b for a, b in zip(vars(self).values(), vars(other).values())))

    @property
    def wrong(self):
        """Reported faces where no person is."""
        return self.reported - self.found

    @property
    def idf1(self):
        """The F1 score of identification (Ristani et al. 2016); 1 if there is nothing to find and nothing reported."""
        total = self.faces + self.reported
        return 2 * self.identified / total if total else 1.0


def sightings(truth, reported):
    """The pairs (person, id) of one frame, and the ids at no person."""
    people = list(truth)
    pairs = match([box_of(face) for face in reported], [truth[person].box for person in people])
    ids = [face["face_id"] for face in reported]
    matched = {row for row, _ in pairs}
    return ([(people[column], ids[row]) for row, column in pairs],
            [face_id for row, face_id in enumerate(ids) if row not in matched])


def score(truth, reported):
    """The score of one stream: the truth and the reported faces of each of its frames."""
    together, last = Counter(), {}
    faces = found = wrong = id_changes = 0
    all_ids, ids_at_people = set(), set()
    for people, in_frame in zip(truth, reported, strict=True):
        seen, astray = sightings(people, in_frame)
        all_ids |= {face["face_id"] for face in in_frame}
        ids_at_people |= {face_id for _, face_id in seen}
        wrong += len(astray)
        faces += sum(not person.hidden for person in people.values())
        for person, face_id in seen:
            if people[person].hidden:
                continue
            found += 1
            together[person, face_id] += 1
            id_changes += last.get(person, face_id) != face_id
            last[person] = face_id
    return Score(faces, found, found + wrong, identified(together), id_changes, len(all_ids - ids_at_people))


def identified(together):
    """The sum of `together` {(person, id): number of frames} over the best one-to-one assignment of ids to people."""
    people = sorted({person for person, _ in together})
    ids = sorted({face_id for _, face_id in together})
    weights = [[together[person, face_id] for face_id in ids] for person in people]
    return sum(weights[row][column] for row, column in best_pairs(weights))


def label_changes(reported, fps):
    """How often the dominant emotion of an id changed, summed over the ids, and the seconds that they were in view."""
    labels = defaultdict(list)
    for in_frame in reported:
        for face in in_frame:
            if face["dominant_emotion"] is not None:
                labels[face["face_id"]].append(face["dominant_emotion"])
    changes = sum(a != b for series in labels.values() for a, b in zip(series, series[1:]))
    return changes, sum(len(series) for series in labels.values()) / fps
