#!/usr/bin/env python3
"""Measures on photographs and videos where faces are found, and how steady pose, ids and labels are, and counts
blinks.

    /usr/bin/python3 tests/faces/measure.py                     # everything; some minutes
    /usr/bin/python3 tests/faces/measure.py photos videos       # some of it

Prints a table for each measure and whether its goals are met; the exit status is 1 if one is missed. README.md beside
this file describes the measures and the media that they need.
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import blinks  # noqa: E402
import close  # noqa: E402
import motion  # noqa: E402
import phantoms  # noqa: E402
import photos  # noqa: E402
import pose  # noqa: E402
import turned  # noqa: E402
import videos  # noqa: E402
from media import Media, default_folder, image_files, open_image  # noqa: E402
from program import Program  # noqa: E402
from report import draw  # noqa: E402

MEASURES = {"photos": photos, "close": close, "turned": turned, "pose": pose, "phantoms": phantoms, "videos": videos,
            "motion": motion, "blinks": blinks}


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"default: all of {', '.join(MEASURES)}")
    parser.add_argument("--media", type=Path, default=default_folder(), help="folder of the photographs and videos")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the program")
    parser.add_argument("--crops", type=int, default=close.CROPS, help="close portraits (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=motion.REPEATS,
                        help="scenes of each motion (default %(default)s)")
    parser.add_argument("--faces", type=folder_of_images, default=[], metavar="FOLDER",
                        help="for pose and phantoms: further images with one face each")
    parser.add_argument("--empty", type=folder_of_images, default=[], metavar="FOLDER",
                        help="for phantoms: further images without faces")
    parser.add_argument("--failures", type=Path, metavar="FOLDER", help="write the images that were answered wrongly")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.measures if name not in MEASURES]
    if unknown:
        parser.error(f"unknown measure {unknown[0]}; there are {', '.join(MEASURES)}")
    if not options.media.is_dir():
        parser.error(f"no folder {options.media}: name the media by --media or EMOSTREAM_MEDIA")
    return options


def folder_of_images(name):
    return [open_image(file) for file in image_files(Path(name))]


def main():
    options = parse(sys.argv[1:])
    media, program = Media(options.media), Program(dict(setting.split("=", 1) for setting in options.set))
    all_met = True
    for name in options.measures or MEASURES:
        report = MEASURES[name].run(media, program, options)
        print(f"{name}: {MEASURES[name].__doc__.splitlines()[0]}\n\n{report.as_text()}\n", flush=True)
        all_met = all_met and report.all_met
        if options.failures:
            folder = options.failures / name
            folder.mkdir(parents=True, exist_ok=True)
            for failure in report.failures:
                draw(failure, folder)
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
