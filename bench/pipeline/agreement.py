"""Measures how well the results of two servers for the same images agree."""


def contains(box, point):
    return box["x"] <= point[0] <= box["x"] + box["width"] and box["y"] <= point[1] <= box["y"] + box["height"]


def center(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def offset(a, b):
    """The largest offset between corresponding sides of two boxes, in pixels."""
    sides = [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in (a, b)]
    return max(abs(p - q) for p, q in zip(*sides))


def compare(ours, theirs):
    """Compares two lists of detection_result messages for the same images. `faces` is the sum of the larger count of each
    image."""
    faces, matched, same_label, offsets = 0, 0, 0, []
    for a, b in zip(ours, theirs, strict=True):
        faces += max(len(a["faces"]), len(b["faces"]))
        for face in a["faces"]:
            other = next((f for f in b["faces"] if contains(face["box"], center(f["box"]))), None)
            if other is None:
                continue
            matched += 1
            same_label += face["dominant_emotion"] == other["dominant_emotion"]
            offsets.append(offset(face["box"], other["box"]))
    return {"faces": faces, "found_by_both": matched, "same_emotion": same_label,
            "greatest_offset_px": round(max(offsets, default=0), 1)}
