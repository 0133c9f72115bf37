"""How far the answers of two servers to the same images agree."""

SAME_FACE = 0.3  # overlap


def overlap(a, b):
    """Intersection over union of two boxes."""
    width = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    height = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a["width"] * a["height"] + b["width"] * b["height"] - shared)


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
            other = max(b["faces"], key=lambda f: overlap(face["box"], f["box"]), default=None)
            if other is None or overlap(face["box"], other["box"]) < SAME_FACE:
                continue
            matched += 1
            same_label += face["dominant_emotion"] == other["dominant_emotion"]
            offsets.append(offset(face["box"], other["box"]))
    return {"faces": faces, "found_by_both": matched, "same_emotion": same_label,
            "greatest_offset_px": round(max(offsets, default=0), 1)}
