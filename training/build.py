"""From data to model in one command: train, export, measure, write the model card.

A recipe that goes on from another one's run (`fine` from `student`) has that trained first.

The robustness is measured where the server is built for release (robustness.py).

    /usr/bin/python3 training/build.py [--resume] [--epochs 40] ...
"""

import argparse

import recipes
import robustness
from card import card
from export import FOLDER, add_float32, export
from train import add_options, parse, train


# What a recipe's run leaves to that of the one before.
EVERYWHERE = ("data", "weights", "resume", "limit", "minutes", "threads", "full_precision")


def run(parser, words=None):
    """Train by the words; the finished run's options, or None if the time ended first."""
    options = parse(parser, words)
    before = recipes.BEFORE.get(options.recipe)
    if before and not options.begin:
        first = parse(parser, ["--recipe", before])
        for name in EVERYWHERE:
            setattr(first, name, getattr(options, name))
        first.run = options.run.with_name(f"{options.run.name}-{before}")
        if train(first).epoch < first.epochs:
            return None
        options.begin = first.run
    return options if train(options).epoch == options.epochs else None


def main():
    parser = argparse.ArgumentParser(description="Train, export and write the model card.")
    add_options(parser)
    add_float32(parser)
    parser.set_defaults(recipe="fine")
    options = run(parser)
    if options is None:
        return
    export(options.run, options.data, FOLDER, options.float32)
    if robustness.program().is_file():
        robustness.main(["--data", str(options.data), "--to", str(FOLDER)])
    card(options.run, options.data, FOLDER)


if __name__ == "__main__":
    main()
