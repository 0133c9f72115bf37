"""From data to model in one command: train, export, measure, write the model card.

The robustness is measured where the server is built for release (robustness.py).

    /usr/bin/python3 training/build.py [--resume] [--answers FILE...] ...
"""

import argparse

import robustness
from card import card
from export import FOLDER, add_float32, export
from train import add_options, parse, train


def main(words=None):
    parser = argparse.ArgumentParser(description="Train, export and write the model card.")
    add_options(parser)
    add_float32(parser)
    parser.set_defaults(recipe="student")
    options = parse(parser, words)
    if options.pretrained:
        parser.error("a network with weights of others is not served (ADR 17): train.py, then teach.py")
    if train(options).epoch < options.epochs:
        return
    export(options.run, options.data, FOLDER, options.float32)
    if robustness.program().is_file():
        robustness.main(["--data", str(options.data), "--to", str(FOLDER)])
    card(options.run, options.data, FOLDER)


if __name__ == "__main__":
    main()
