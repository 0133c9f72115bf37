"""How far the answers of two servers to the same images agree."""


def holds(box, point):
    return box["x"] <= point[0] <= box["x"] + box["width"] and box["y"] <= point[1] <= box["y"] + box["height"]


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def offset(a, b):
    """The most that any side of a box lies from the other's, in pixels."""
    sides = [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in (a, b)]
    return max(abs(p - q) for p, q in zip(*sides))


def compare(ours, theirs):
    """Of lists of detection_results to the same images."""
    faces, matched, same_label, offsets = 0, 0, 0, []
    for a, b in zip(ours, theirs, strict=True):
        faces += max(len(a["faces"]), len(b["faces"]))
        for face in a["faces"]:
            other = next((f for f in b["faces"] if holds(face["box"], middle(f["box"]))), None)
            if other is None:
                continue
            matched += 1
            same_label += face["dominant_emotion"] == other["dominant_emotion"]
            offsets.append(offset(face["box"], other["box"]))
    return {"faces": faces, "found_by_both": matched, "same_emotion": same_label,
            "greatest_offset_px": round(max(offsets, default=0), 1)}
