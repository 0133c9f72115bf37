"""Results for images that take long to compute, kept in files of JSON lines, so that a measurement can be continued."""

import hashlib
import json
from pathlib import Path


def complete(file, images, compute, chunk=100):
    """The results for encoded images, in order. Those that the file lacks are computed and appended, `chunk` at a time.

    `compute` takes a list of images and returns as many results that can be written as JSON. The file knows images by
    a hash of their bytes.
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    known = dict(_read(file))
    hashes = [hashlib.sha256(image).hexdigest()[:16] for image in images]
    missing = list({key: image for key, image in zip(hashes, images) if key not in known}.items())
    for start in range(0, len(missing), chunk):
        some = missing[start : start + chunk]
        results = list(zip((key for key, _ in some), compute([image for _, image in some]), strict=True))
        with file.open("a") as lines:
            lines.writelines(json.dumps(pair) + "\n" for pair in results)
        known.update(results)
    return [known[key] for key in hashes]


def _read(file):
    """Yields the pairs of hash and result in the file; removes a last line that was not written completely."""
    if not file.is_file():
        return
    text = file.read_text()
    end = text.rfind("\n") + 1
    if end < len(text):  # the process was stopped while it wrote
        file.write_text(text[:end])
    for line in text[:end].splitlines():
        yield json.loads(line)
