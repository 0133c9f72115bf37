"""The parts of the model card's text that describe how a network was trained."""

import face_api
import recognition
from recipes import RECIPES, augmentation_range_of

PHOTOGRAPH_LICENCE = (
    "The collection muxspace/facial_expressions is published under Apache-2.0; the rights of each photograph are not "
    "stated, and none is part of this project.")


def percent(value):
    return f"{100 * value:.2f} %"


def augmentation(settings):
    """A sentence that describes the augmentation."""
    limits = augmentation_range_of(settings)
    s = limits.strength
    return (f"Augmentation: mirroring, roll up to ±{limits.roll:.0f}° and yaw up to ±{limits.yaw:.0f}° (small angles "
            f"more often), ±{15 * s:g} % scale, ±{10 * s:g} % shift, uneven illumination, gamma, brightness and "
            f"contrast, cutout on {50 * s:.0f} % of the faces"
            + (f", mixup with alpha {settings['mixup']}." if settings["mixup"] else "."))


def training_details(settings):
    """Sentences on the techniques that the recipe `baseline` does not use, each preceded by a space."""
    settings = {**RECIPES["baseline"], **settings}
    votes_weight = (1 - settings["distill_weight"] if "teachers" in settings else 1) * (
        1 - settings.get("teacher_weight", 0))
    sentences = []
    if settings["degradation"]:
        sentences.append(
            f"Low resolution, wrong exposure with noise, and JPEG artefacts (quality 30 to 95), each on "
            f"{percent(settings['degradation'])} of the faces.")
    if settings["occlusion"]:
        sentences.append(f"Glasses, and a hand in front of the face, each on {percent(settings['occlusion'])} "
                         "of the faces.")
    if settings["wrinkles"]:
        sentences.append(f"Wrinkles on {percent(settings['wrinkles'])} of the faces.")
    if settings["hard_label_weight"]:
        sentences.append(f"The majority label has a weight of {percent(settings['hard_label_weight'] * votes_weight)} "
                         "in each target.")
    if settings["sam_rho"]:
        part = f" in the last {percent(1 - settings['sam_start'])} of the steps" if settings["sam_start"] else ""
        sentences.append(f"Sharpness-aware minimisation (SAM) with radius {settings['sam_rho']}{part}.")
    if settings["balance"]:
        sentences.append(f"Of a label with n faces, n^{1 - settings['balance']:g} are drawn in each epoch, relatively.")
    if "photograph_crops" in settings:
        sentences.append(
            f"{percent(settings['photographs'])} of the drawn faces are from {settings['photograph_crops']} "
            "photographs of muxspace/facial_expressions, of people who are in no photograph that the model is measured "
            "on.")
    if "teacher_weight" in settings:
        sentences.append(f"{percent(settings['teacher_weight'])} of each target are the probabilities that "
                         f"{face_api.ORIGIN} gives to the face, except for contempt, which it does not know.")
    if settings["frozen_blocks"]:
        sentences.append(f"The stem and the first {settings['frozen_blocks']} blocks stay fixed.")
    if "teachers" in settings:
        count = len(settings["teachers"])
        sentences.append(
            f"Distillation: {percent(settings['distill_weight'])} of each target is the mean prediction of {count} "
            f"network{'s' * (count > 1)} for the same augmented face, over {settings['views']} augmentations of the "
            f"training faces: {', '.join(settings['teachers'])}.")
        if any(recognition.NAME in teacher for teacher in settings["teachers"]):
            sentences.append(f"Fine-tuned teachers started from {recognition.ORIGIN}; the exported weights "
                             "depend on it only through these predictions.")
    if "init_from" in settings:
        earlier = settings["init_from"]
        sentences.append(f"The initial weights are those of an earlier run, `{earlier['run']}`, of "
                         f"{earlier['epochs']} epochs." + training_details(earlier["settings"]))
    return "".join(" " + sentence for sentence in sentences)


def prior_correction(weight):
    """A sentence on the weight with which export.with_prior changed the logits, preceded by a space."""
    return (f" After training, {weight:g} of the logarithm of each label's frequency in the train split was "
            "subtracted from its logit, because the network says rare labels too rarely.") if weight else ""


def all_settings(settings):
    """The settings of a run and of the runs that it was initialised from."""
    earlier = all_settings(settings["init_from"]["settings"]) if "init_from" in settings else []
    return [*earlier, settings]


def teacher_licence(settings):
    """The text about photographs and teachers in the card's section on the licence."""
    runs = all_settings(settings)
    sentences = []
    if any("photograph_crops" in run for run in runs):
        sentences.append(PHOTOGRAPH_LICENCE)
    if any("teacher_weight" in run for run in runs):
        sentences.append(f"The network was partly trained on predictions of {face_api.ORIGIN}. {face_api.RIGHTS}")
    if any(recognition.NAME in teacher for run in runs for teacher in run.get("teachers", [])):
        sentences.append(
            f"The network was partly trained on predictions of a network fine-tuned from {recognition.NAME}, whose "
            "weights are published under the Apache License 2.0 and were trained on VGGFace2: its authors published "
            "the list of images under CC BY-SA 4.0, later copies are labelled CC BY-NC, and no licence covers the "
            "images themselves. `student` trained without `--soft-labels` does not depend on it.")
    return "".join(" " + sentence for sentence in sentences)
