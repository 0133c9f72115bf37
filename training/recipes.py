"""Named settings of a training run; `train.py --recipe NAME`, each setting also an option.

A setting that a recipe does not name has the value of `first`, the run behind the first model. The
model that is served is that of `student`.
"""

from dataclasses import fields

from augment import Reach
from model import ExpressionNet
from recognition import RecognitionNet

# What each setting is.
SETTINGS = {
    "epochs": "passes over the training faces",
    "batch": "faces a step",
    "lr": "peak learning rate",
    "warmup": "share of the steps in which the learning rate rises",
    "weight_decay": "of the kernels",
    "mixup": "alpha of the share by which faces are mixed; 0: not",
    "dropout": "share of the features left out in front of the last layer",
    "ema": "what the averaged weights keep of themselves in a step",
    "sam": "radius of sharpness-aware steps, which take twice the time; 0: plain ones",
    "sam_from": "share of the steps after which they begin",
    "majority": "share of each target that is moved to the label",
    "roll": "degrees by which faces are rolled, most of them less",
    "yaw": "degrees by which heads are turned aside, most of them less",
    "cover": "chance of glasses, and of a hand",
    "degrade": "chance of each of small faces, dim or glaring light and JPEG losses",
    "strength": "share of the full range of all other augmentation",
    "widths": "channels of each level",
    "depths": "blocks of each level",
    "fine_stem": "begin at all 48x48 pixels",
    "attention": "squeeze-and-excitation in each block",
    "size": "pixels of a face to a pretrained network, which enlarges it",
    "pretrained": "a network that begins from a face recognition network",
    "seed": "of all that is drawn",
}

RECIPES = {
    "first": {
        "epochs": 40,
        "batch": 128,
        "lr": 0.1,
        "warmup": 0.15,
        "weight_decay": 5e-4,
        "mixup": 0.2,
        "dropout": 0.3,
        "ema": 0.998,
        "sam": 0.0,
        "sam_from": 0.0,
        "majority": 0.0,
        "roll": 30.0,
        "yaw": 38.0,
        "cover": 0.0,
        "degrade": 0.0,
        "strength": 1.0,
        "widths": [32, 64, 128, 256],
        "depths": [1, 1, 1, 1],
        "fine_stem": False,
        "attention": False,
        "size": 128,
        "pretrained": False,
        "seed": 1,
    },
    # What is served.
    "student": {
        "epochs": 160,
        "widths": [48, 96, 160, 208],
        "depths": [1, 2, 2, 1],
        "fine_stem": True,
        "attention": True,
        "majority": 0.2,
        "ema": 0.999,
        "yaw": 45.0,
        "cover": 0.1,
        "degrade": 0.1,
        "strength": 0.7,
        "seed": 5,
    },
    # What it may learn from: a network that has seen other faces before (recognition.py).
    "recognition": {
        "epochs": 14,
        "batch": 64,
        "lr": 0.02,
        "pretrained": True,
        "size": 160,
        "majority": 0.2,
        "ema": 0.999,
        "roll": 21.0,
        "yaw": 27.0,
        "degrade": 0.1,
        "strength": 0.7,
    },
}


def settings(name):
    """All settings of the recipe."""
    return {**RECIPES["first"], **RECIPES[name]}


def reach_of(values):
    """How far the augmentation of a run's settings goes, those of an older run included."""
    values = {**RECIPES["first"], **values}
    return Reach(**{field.name: values[field.name] for field in fields(Reach)})


def network(values):
    """The network of a run's settings, those of an older run included."""
    values = {**RECIPES["first"], **values}
    if values["pretrained"]:
        return RecognitionNet(values["dropout"], size=values["size"])
    names = ("widths", "dropout", "depths", "fine_stem", "attention")
    return ExpressionNet(**{name: values[name] for name in names})
