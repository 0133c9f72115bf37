"""Whether groups of people are served differently: shares of answers by sex, age and region on unlabelled portraits.

A folder of portraits has a `portraits.csv` with the columns file, sex, age and country. The portraits have no labels of
expressions, and people of one group may really smile more, so a gap between groups is a reason to look at the pictures.
`portrait_smiles.json` says of which faces one reader was sure that they smile or that they are plain, from enlarged
faces without the answers: a gap there is one of the classifier.
"""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import data

AGES = (("under 30", 0), ("30 to 55", 30), ("over 55", 56))  # each from an age on
SMILES = Path(__file__).resolve().parent / "portrait_smiles.json"
GAP = 0.05  # between a group and all others, from which on it is reported if noise does not explain it

# The United Nations' regions of the countries in the portraits' list.
REGIONS = {
    "Africa": "Algeria; Angola; Benin; Cameroon; Central African Republic; Cote d'Ivoire; Democratic Republic of the "
              "Congo; Djibouti; Eritrea; Eswatini; Libyan Arab Jamahiriya; Malawi; Mauritania; Mayotte; Morocco; "
              "Mozambique; Namibia; Rwanda; Senegal; Seychelles; Somalia; Tanzania; Togo; Zimbabwe",
    "Americas": "Bermuda; Bolivia; Bouvet Island; Colombia; Ecuador; Grenada; Guyana; Jamaica; Martinique; Paraguay; "
                "Puerto Rico; Saint Martin; Sint Maarten; Trinidad and Tobago; Turks and Caicos Islands; United States "
                "of America; Virgin Islands, British; Virgin Islands, U.S.",
    "Asia": "Bangladesh; Brunei Darussalam; Cambodia; China; Hong Kong; Japan; Kyrgyz Republic; Lao People's "
            "Democratic Republic; Mongolia; Palestine; Sri Lanka; Syrian Arab Republic; Taiwan; Turkmenistan",
    "Europe": "Bulgaria; Finland; Germany; Hungary; Iceland; Ireland; Isle of Man; Luxembourg; Malta; Monaco; "
              "Montenegro; Netherlands; Norway; San Marino; Serbia; Slovenia; Sweden; United Kingdom",
    "Oceania": "Cocos (Keeling) Islands; Fiji; Guam; Kiribati; Marshall Islands; Nauru; New Zealand; Norfolk Island; "
               "Palau; Pitcairn Islands; United States Minor Outlying Islands; Vanuatu",
}
REGION_OF = {country: region for region, countries in REGIONS.items() for country in countries.split("; ")}


def default_folder():
    """$EMOSTREAM_PORTRAITS, or `../shared/media/portraits` beside the repository."""
    configured = os.environ.get("EMOSTREAM_PORTRAITS")
    return Path(configured) if configured else data.ROOT.parent / "shared" / "media" / "portraits"


def read_people(folder):
    """The people in the folder: dicts with `file`, `age`, `face` ("smile", "plain" or None) and the groups `sex`,
    `age group` and `region`."""
    file = Path(folder) / "portraits.csv"
    if not file.is_file():
        raise SystemExit(f"{file} does not exist: set EMOSTREAM_PORTRAITS to the folder of the portraits")
    judged = {stem: face for face, stems in json.loads(SMILES.read_text()).items() for stem in stems}
    with file.open(newline="") as lines:
        return [{"file": Path(folder) / row["file"], "age": int(row["age"]), "sex": row["sex"],
                 "face": judged.get(Path(row["file"]).stem),
                 "age group": [name for name, least in AGES if int(row["age"]) >= least][-1],
                 "region": REGION_OF.get(row["country"], "unknown")} for row in csv.DictReader(lines)]


def share(count, total):
    """A share and its 95 % interval (Wilson)."""
    if total == 0:
        return None
    z, p = 1.96, count / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return {"value": p, "low": max(0.0, middle - half), "high": min(1.0, middle + half)}


def difference(one, other):
    """The difference of two shares and its 95 % interval (Newcombe)."""
    value = one["value"] - other["value"]
    return {"value": value,
            "low": value - math.hypot(one["value"] - one["low"], other["high"] - other["value"]),
            "high": value + math.hypot(one["high"] - one["value"], other["value"] - other["low"])}


def answers(people, faces, probabilities):
    """What is counted of each portrait, bool [N] by name, and which portraits it is counted of, bool [N].

    `faces` are the server's, None where it found none; `probabilities` [N, 8] are NaN there.
    """
    found = np.array([face is not None for face in faces])
    predicted = np.where(found, np.nan_to_num(probabilities).argmax(axis=1), -1)
    neutral, happy = (predicted == data.LABELS.index(label) for label in ("neutral", "happiness"))
    plain, smiling = (found & np.array([person["face"] == face for person in people]) for face in ("plain", "smile"))
    return {"found": (found, np.ones(len(people), dtype=bool)),
            "flagged": (np.array([bool(face and face["quality"]["flags"]) for face in faces]), found),
            "neutral": (neutral, found), "happiness": (happy, found),
            "happiness, of plain faces": (happy, plain), "happiness, of smiling faces": (happy, smiling)}


def compare(people, counted):
    """The shares of `answers` by group, and the gaps between a group and all others beyond `GAP` and noise."""
    groups, gaps = [], []
    for kind in ("sex", "age group", "region"):
        for name in sorted({person[kind] for person in people}):
            inside = np.array([person[kind] == name for person in people])
            row = {"kind": kind, "group": name, "people": int(inside.sum())}
            for answer, (yes, counts) in counted.items():
                row[answer] = share((yes & inside & counts).sum().item(), (inside & counts).sum().item())
                others = share((yes & ~inside & counts).sum().item(), (~inside & counts).sum().item())
                if row[answer] and others:
                    gap = difference(row[answer], others)
                    if abs(gap["value"]) > GAP and gap["low"] * gap["high"] > 0:
                        gaps.append({"kind": kind, "group": name, "answer": answer, **gap})
            groups.append(row)
    return {"portraits": len(people), "groups": groups, "gaps": gaps}


def _close_up(picture, face, side):
    """The face with some of what is around it; the whole picture if no face was found."""
    if face is None:
        return picture.resize((side, side))
    box = face["box"]
    x, y, half = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 0.75 * box["width"]
    return picture.crop((round(x - half), round(y - half), round(x + half), round(y + half))).resize((side, side))


def contact_sheet(people, faces, probabilities, file, columns=6, side=240):
    """Writes the faces, in the order of age, with their two most probable labels as a PNG."""
    order = sorted(range(len(people)), key=lambda i: people[i]["age"])
    sheet = Image.new("RGB", (columns * side, math.ceil(len(order) / columns) * (side + 30)), "white")
    draw = ImageDraw.Draw(sheet)
    for place, i in enumerate(order):
        x, y = place % columns * side, place // columns * (side + 30)
        sheet.paste(_close_up(Image.open(people[i]["file"]).convert("RGB"), faces[i], side), (x, y))
        best = np.argsort(-np.nan_to_num(probabilities[i]))[:2]
        text = ", ".join(f"{data.LABELS[k]} {probabilities[i][k]:.2f}" for k in best)
        draw.text((x + 3, y + side + 2), f"{people[i]['sex']} {people[i]['age']}, {people[i]['file'].stem}", "black")
        draw.text((x + 3, y + side + 14), text if faces[i] else "no face found", "black")
    sheet.save(file)
