"""From data to model in one command: train, export, write the model card.

    /usr/bin/python3 training/build.py [--resume] [--epochs 40] ...
"""

import argparse

from card import card
from export import FOLDER, add_float32, export
from train import add_options, parse, train


def main():
    parser = argparse.ArgumentParser(description="Train, export and write the model card.")
    add_options(parser)
    add_float32(parser)
    options = parse(parser)
    if train(options).epoch < options.epochs:
        return
    export(options.run, options.data, FOLDER, options.float32)
    card(options.run, options.data, FOLDER)


if __name__ == "__main__":
    main()
