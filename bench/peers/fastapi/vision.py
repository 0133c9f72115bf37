"""Detection and classification of faces with OpenCV's dnn module and numpy."""

import dataclasses
import pathlib
import tomllib

import cv2
import numpy as np

MIN_CONFIDENCE = 0.5
MAX_OVERLAP = 0.3
MIN_EYE_DISTANCE = 0.38  # as a fraction of the box width; the same as in Emostream
MAX_FACES = 8  # the largest ones are kept
EPSILON = 25.0  # added to the variance of a crop's pixels, as in training


class BadImage(ValueError):
    pass


@dataclasses.dataclass
class Face:
    confidence: float
    box: tuple       # x, y, width, height in pixels of the image
    landmarks: np.ndarray  # [6, 2]
    probabilities: np.ndarray = None


def anchor_centres(side):
    """Anchor centres of BlazeFace: grids of 16 and 8 cells per side, with two and six anchors per cell."""
    centres = []
    for cells, anchors in ((16, 2), (8, 6)):
        at = (np.arange(cells, dtype=np.float32) + 0.5) * (side / cells)
        grid = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
        centres.append(np.repeat(grid, anchors, axis=0))
    return np.concatenate(centres)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def overlaps(box, others):
    """Intersection over union of a box [x, y, w, h] with each of the others."""
    corner = np.maximum(box[:2], others[:, :2])
    size = np.clip(np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:]) - corner, 0, None)
    shared = size[:, 0] * size[:, 1]
    return shared / (box[2] * box[3] + others[:, 2] * others[:, 3] - shared)


class Detector:
    """BlazeFace."""

    def __init__(self, path, side=256):
        self.net = cv2.dnn.readNetFromONNX(str(path))
        self.side = side
        self.centres = anchor_centres(side)
        self.outputs = self.net.getUnconnectedOutLayersNames()

    def __call__(self, image):
        height, width = image.shape[:2]
        scale = max(height, width) / self.side
        small = cv2.resize(image, (round(width / scale), round(height / scale)), interpolation=cv2.INTER_AREA)
        left, top = (self.side - small.shape[1]) // 2, (self.side - small.shape[0]) // 2
        canvas = np.zeros((self.side, self.side, 3), np.uint8)
        canvas[top:top + small.shape[0], left:left + small.shape[1]] = small
        rgb = cv2.cvtColor(canvas, cv2.COLOR_BGR2RGB).astype(np.float32) / 127.5 - 1
        self.net.setInput(rgb[None])
        found = {output.shape[1:]: output for output in self.net.forward(self.outputs)}
        scores = sigmoid(np.concatenate([found[512, 1], found[384, 1]], axis=1)[0, :, 0])
        keep = scores >= MIN_CONFIDENCE
        values = np.concatenate([found[512, 16], found[384, 16]], axis=1)[0, keep]
        values[:, :2] += self.centres[keep]
        values[:, 4:] += np.tile(self.centres[keep], 6)
        values[:, :2] -= values[:, 2:4] / 2
        return [self._face(confidence, row, scale, left, top)
                for confidence, row in self._blend(scores[keep], values)]

    @staticmethod
    def _blend(scores, values):
        """Merges overlapping detections into their average, weighted by confidence."""
        order = np.argsort(-scores)
        while order.size:
            together = overlaps(values[order[0], :4], values[order, :4]) > MAX_OVERLAP
            of_face = order[together]
            yield scores[order[0]], np.average(values[of_face], axis=0, weights=scores[of_face])
            order = order[~together]

    @staticmethod
    def _face(confidence, row, scale, left, top):
        x, y, width, height = row[:4]
        points = (row[4:].reshape(6, 2) - (left, top)) * scale
        return Face(float(confidence), ((x - left) * scale, (y - top) * scale, width * scale, height * scale), points)


class Classifier:
    def __init__(self, folder):
        manifest = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))
        self.net = cv2.dnn.readNetFromONNX(str(folder / manifest["file"]))
        self.side = manifest["input"]["width"]
        self.labels = manifest["output"]["labels"]
        self.eyes = np.float32([manifest["framing"]["left_eye"], manifest["framing"]["right_eye"]]) * self.side

    def __call__(self, image, faces):
        if not faces:
            return
        crops = np.stack([self._crop(image, face) for face in faces])[:, None].astype(np.float32)
        crops -= crops.mean(axis=(2, 3), keepdims=True)
        crops /= np.sqrt((crops * crops).mean(axis=(2, 3), keepdims=True) + EPSILON)
        self.net.setInput(crops)
        for face, row in zip(faces, softmax(self.net.forward())):
            face.probabilities = row

    def _crop(self, image, face):
        """The gray crop of a face, aligned by its eyes."""
        left, right = face.landmarks[:2]
        middle, seen = (left + right) / 2, right - left
        distance = np.hypot(*seen)
        seen = seen * max(1, MIN_EYE_DISTANCE * face.box[2] / max(distance, 1e-6))
        scale = np.hypot(*seen) / (self.eyes[1, 0] - self.eyes[0, 0])  # image pixels per crop pixel
        cos, sin = seen / np.hypot(*seen)
        factor = max(1, int(scale))  # downscale before rotating, to avoid aliasing
        reach = int(np.ceil(self.side * scale))
        x, y = np.clip(np.int32(middle) - reach, 0, None)
        part = cv2.cvtColor(image[y:y + 2 * reach, x:x + 2 * reach], cv2.COLOR_BGR2GRAY)
        part = cv2.resize(part, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
        rotation = np.float32([[cos, -sin], [sin, cos]]) * (scale / factor)
        offset = (middle - (x, y)) / factor - rotation @ self.eyes.mean(axis=0)
        return cv2.warpAffine(part, np.column_stack([rotation, offset]), (self.side, self.side),
                              flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)


class Analyzer:
    """Create one for each thread: OpenCV's networks are not thread-safe."""

    def __init__(self, detector, classifier):
        self.detect = Detector(detector)
        self.classify = Classifier(pathlib.Path(classifier))
        self.labels = self.classify.labels

    def __call__(self, encoded):
        image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise BadImage("Error processing frame: cannot decode the image")
        faces = sorted(self.detect(image), key=lambda face: -face.box[2] * face.box[3])[:MAX_FACES]
        self.classify(image, faces)
        return image.shape[1], image.shape[0], faces
