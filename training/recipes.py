"""Named settings of a training run: `train.py --recipe NAME`. Each setting is also a command line option.

Settings that a recipe does not list have the values of `baseline`, the run behind the first model. The shipped model
is trained with `student`.
"""

from dataclasses import fields

from augment import AugmentationRange
from model import ExpressionNet
from recognition import RecognitionNet

# The help text of each setting.
SETTINGS = {
    "epochs": "passes over the training faces",
    "batch": "batch size",
    "lr": "peak learning rate",
    "warmup": "fraction of the steps in which the learning rate rises",
    "weight_decay": "weight decay of the kernels",
    "mixup": "alpha of mixup's Beta distribution; 0: no mixup",
    "dropout": "dropout rate before the last layer",
    "ema": "decay of the moving average of the weights",
    "sam_rho": "radius of sharpness-aware minimisation, which doubles the time of a step; 0: off",
    "sam_start": "fraction of the steps after which sharpness-aware minimisation starts",
    "balance": "how far the labels are balanced: 0 draws each face equally often, 1 each label",
    "photographs": "fraction of the drawn faces that are photographs, with --photograph-crops",
    "frozen_blocks": "residual blocks that stay fixed, with the stem; 0: all is trained",
    "hard_label_weight": "weight of the one-hot label in each target",
    "roll": "maximum roll of a face in degrees; small angles are more frequent",
    "yaw": "maximum yaw of a head in degrees; small angles are more frequent",
    "wrinkles": "probability of wrinkles",
    "occlusion": "probability of glasses, and of a hand in front of the face",
    "degradation": "probability of each of low resolution, wrong exposure and JPEG artefacts",
    "strength": "strength of all other augmentation except mirroring, as a fraction of its full range",
    "widths": "channels of each stage",
    "depths": "residual blocks of each stage",
    "fine_stem": "start with a convolution at the full 48x48 pixels",
    "attention": "squeeze-and-excitation in each block",
    "input_size": "side in pixels to which a pretrained network enlarges a face",
    "pretrained": "fine-tune a face recognition network",
    "seed": "random seed",
}

# Names in files that were written before the settings were renamed: old name -> new name.
OLD_NAMES = {
    "begin": "init_from", "cover": "occlusion", "degrade": "degradation",
    "majority": "hard_label_weight", "sam": "sam_rho", "sam_from": "sam_start", "share": "distill_weight",
    "size": "input_size",
}

RECIPES = {
    "baseline": {
        "epochs": 40,
        "batch": 128,
        "lr": 0.1,
        "warmup": 0.15,
        "weight_decay": 5e-4,
        "mixup": 0.2,
        "dropout": 0.3,
        "ema": 0.998,
        "sam_rho": 0.0,
        "sam_start": 0.0,
        "balance": 0.0,
        "photographs": 0.15,
        "frozen_blocks": 0,
        "hard_label_weight": 0.0,
        "roll": 30.0,
        "yaw": 38.0,
        "wrinkles": 0.0,
        "occlusion": 0.0,
        "degradation": 0.0,
        "strength": 1.0,
        "widths": [32, 64, 128, 256],
        "depths": [1, 1, 1, 1],
        "fine_stem": False,
        "attention": False,
        "input_size": 128,
        "pretrained": False,
        "seed": 1,
    },
    # The shipped model.
    "student": {
        "epochs": 160,
        "widths": [48, 96, 160, 208],
        "depths": [1, 2, 2, 1],
        "fine_stem": True,
        "attention": True,
        "hard_label_weight": 0.2,
        "ema": 0.999,
        "yaw": 45.0,
        "occlusion": 0.1,
        "degradation": 0.1,
        "strength": 0.7,
        "seed": 5,
    },
    # A possible teacher: a fine-tuned face recognition network (recognition.py).
    "recognition": {
        "epochs": 14,
        "batch": 64,
        "lr": 0.02,
        "pretrained": True,
        "input_size": 160,
        "hard_label_weight": 0.2,
        "ema": 0.999,
        "roll": 21.0,
        "yaw": 27.0,
        "degradation": 0.1,
        "strength": 0.7,
    },
}


def settings(name):
    """All settings of the recipe."""
    return {**RECIPES["baseline"], **RECIPES[name]}


def with_current_names(values):
    """A run's settings with old names replaced by the current ones."""
    values = {OLD_NAMES.get(name, name): value for name, value in values.items()}
    if "init_from" in values:
        earlier = values["init_from"]
        values["init_from"] = {**earlier, "settings": with_current_names(earlier["settings"])}
    return values


def augmentation_range_of(values):
    """The augmentation range of a run's settings. Settings that an older run lacks have the baseline's values."""
    values = {**RECIPES["baseline"], **values}
    return AugmentationRange(**{field.name: values[field.name] for field in fields(AugmentationRange)})


def build_network(values):
    """The untrained network of a run's settings. Settings that an older run lacks have the baseline's values."""
    values = {**RECIPES["baseline"], **values}
    if values["pretrained"]:
        return RecognitionNet(values["dropout"], input_size=values["input_size"])
    names = ("widths", "dropout", "depths", "fine_stem", "attention")
    return ExpressionNet(**{name: values[name] for name in names})
