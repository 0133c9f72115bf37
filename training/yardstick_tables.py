"""The result of yardstick.py as text, for a terminal and for the model card.

A table is a title, a header and rows. Intervals are 95 % bootstrap intervals, or Wilson's and Newcombe's for groups.
"""

import textwrap

import data
import tables

TITLES = {
    "ferplus": "FER+ validation faces, cropped as they are",
    "photographs": "Photographs, end to end",
    "border": "Photographs with a gray border, end to end",
    "crops": "Crops of the faces that Emostream finds in the photographs",
}

NOTES = (
    "`training/yardstick.py` measures the served model beside other programs on the same images. The photographs are "
    "those that are never trained on (`training/photographs.py`): press portraits and film stills, at most 224 pixels "
    "a side. Their labels are noisy; most pictures labelled disgust show one actor. End to end, a program finds the "
    "face by itself, with its own default settings, and a picture without a found face counts as wrong; with the "
    "border, which is half as wide as the picture on each side, faces are smaller in the picture. On crops only the "
    "classifiers run.",
    "Intervals are 95 % bootstrap intervals; photographs are resampled by person. The calibration error (15 bins) is "
    "that of found faces, and resampling raises it, so its interval lies higher than the figure. The lead is the "
    "difference of the macro recalls, over seven labels for FER+ (the other programs do not know contempt) and six for "
    "photographs.",
)


def percent(figure):
    """A share with its interval, in percent."""
    if figure is None:
        return "–"
    return f"{100 * figure['value']:.1f} ({100 * figure['low']:.1f} to {100 * figure['high']:.1f})"


def points(figure):
    """A difference with its interval, in points."""
    return f"{100 * figure['value']:+.1f} ({100 * figure['low']:+.1f} to {100 * figure['high']:+.1f})"


def title(result, name):
    measured = result["programs"]["emostream"][name]
    people = "" if name == "ferplus" else f" of {measured['units']} people"
    return f"{TITLES[name]} ({measured['pictures']} pictures{people})"


def programs(result, name):
    """The scores of all programs on one test set."""
    macros = list(result["programs"]["emostream"][name]["macro_recall"])
    return (
        title(result, name),
        ["program", "faces found", "accuracy, %", *(f"macro recall of {macro} labels, %" for macro in macros),
         "calibration error, %", "lead of Emostream, points"],
        [[program, measured[name]["found"], percent(measured[name]["accuracy"]),
          *(percent(measured[name]["macro_recall"][macro]) for macro in macros),
          percent(measured[name]["calibration_error"]),
          points(measured[name]["lead"]) if "lead" in measured[name] else ""]
         for program, measured in result["programs"].items()])


def recalls(result, name):
    """The recall of each label on one test set."""
    labels = result["programs"]["emostream"][name]["recall"]
    return (f"Recall by label: {TITLES[name]}", ["recall, %", *labels],
            [[program, *(percent(measured[name]["recall"][label]) for label in labels)]
             for program, measured in result["programs"].items()])


def confusion(result, name):
    """The confusion matrix of the measured model on one test set."""
    return (f"Confusion: {TITLES[name]}", ["label \\ prediction", *data.LABELS, "no face"],
            [[label, *row] for label, row in result["programs"]["emostream"][name]["confusion"].items()])


def groups(result):
    """The shares of answers by group."""
    answers = [key for key in result["groups"]["groups"][0] if key not in ("kind", "group", "people")]
    return (f"Groups in {result['groups']['portraits']} portraits", ["share, %", "people", *answers],
            [[f"{row['kind']}: {row['group']}", row["people"], *(percent(row[answer]) for answer in answers)]
             for row in result["groups"]["groups"]])


def gaps(result):
    """Sentences on the gaps between a group and all others."""
    return [f"{gap['kind']} {gap['group']}: {gap['answer']} {points(gap)} points"
            for gap in result["groups"]["gaps"]] or ["none"]


def all_tables(result):
    for name in TITLES:
        yield programs(result, name)
    for name in ("ferplus", "photographs"):
        yield recalls(result, name)
        yield confusion(result, name)
    yield groups(result)


def as_text(result):
    parts = [f"{title}\n{tables.aligned(header, rows)}" for title, header, rows in all_tables(result)]
    score = result["score"]
    return "\n\n".join([
        *parts, "Gaps between a group and all others, over 5 points and beyond noise:\n" + "\n".join(gaps(result)),
        "Score for choosing: " + (f"{100 * score:.2f}" if score is not None
                                  else "none, because the accuracy on FER+ is below the floor")])


def as_markdown(result):
    """The card's section. `result` is the content of yardstick.json, or None if there is none."""
    if result is None:
        return "Not measured for this model; `training/yardstick.py` measures it."
    parts = [textwrap.fill(note, 104) for note in NOTES]
    for title, header, rows in all_tables(result):
        parts += [f"{title}:", tables.markdown(header, rows)]
    return "\n\n".join([
        *parts, "Gaps between a group and all others, over 5 points and beyond noise:",
        "\n".join(f"- {gap}" for gap in gaps(result))])
