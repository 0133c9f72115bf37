"""The photographs and videos that are measured, and the reference boxes of their faces."""

import io
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tracks import Seen

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CROWD = "faces-many-small"  # its reference boxes lie beside it
FPS = 10


def default_folder():
    """$EMOSTREAM_MEDIA, or `../shared/media` beside the repository."""
    configured = os.environ.get("EMOSTREAM_MEDIA")
    return Path(configured) if configured else ROOT.parent / "shared" / "media"


@dataclass(frozen=True)
class Photo:
    """A photograph and the boxes of all faces in it."""

    file: Path
    boxes: tuple

    @property
    def name(self):
        return self.file.stem

    def open(self):
        return open_image(self.file)


class Media:
    """The media in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.reference = json.loads((HERE / "images.json").read_text())
        self.people = json.loads((HERE / "videos.json").read_text())

    def portraits(self):
        """The 100 portraits, one face each."""
        return self._photos("portraits/")

    def groups(self):
        """The group photographs with faces of 80 pixels and more, and the portrait in tests/media."""
        portrait = Photo(ROOT / "tests" / "media" / "portrait.jpg", _boxes(self.reference["portrait.jpg"]))
        return [*self._photos("faces-"), portrait]

    def crowd(self):
        """The group photograph with 29 small faces."""
        content = json.loads((self.folder / f"{CROWD}.json").read_text())
        return Photo(self.folder / f"{CROWD}.jpg", _boxes(content["boxes"]))

    def videos(self):
        """The names of the videos."""
        return list(self.people)

    def frames(self, video, quality):
        """The frames of a video at `FPS` as JPEG files. `quality`: 2 (best) to 31, as ffmpeg's -q:v."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", self.folder / video, "-vf", f"fps={FPS}",
                            "-q:v", str(quality), Path(folder) / "%04d.jpg"], check=True)
            return [path.read_bytes() for path in sorted(Path(folder).iterdir())]

    def truth(self, video, count):
        """The people in each of the first `count` frames of a video."""
        return [{person: Seen(box) for person, keyframes in self.people[video]["people"].items()
                 if (box := interpolate(keyframes, frame)) is not None} for frame in range(count)]

    def _photos(self, prefix):
        return [Photo(self.folder / name, _boxes(boxes)) for name, boxes in self.reference.items()
                if name.startswith(prefix)]


def interpolate(keyframes, frame):
    """The box at a frame, linear between the keyframes {frame: box}; None before the first and after the last."""
    known = {int(number): box for number, box in keyframes.items()}
    earlier, later = [n for n in known if n <= frame], [n for n in known if n >= frame]
    if not earlier or not later:
        return None
    start, end = max(earlier), min(later)
    part = (frame - start) / (end - start) if end > start else 0
    return tuple(a + (b - a) * part for a, b in zip(known[start], known[end]))


def image_files(folder):
    """The files in a folder and its subfolders, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def open_image(file):
    return Image.open(file).convert("RGB")


def encode(image, kind, **options):
    """The bytes of an image file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _boxes(listed):
    return tuple(tuple(box) for box in listed)
