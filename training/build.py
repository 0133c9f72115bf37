"""From data to model in one command: train, export, evaluate and write the model card.

The robustness is measured only if the server's program exists (see server.server_program).

    /usr/bin/python3 training/build.py [--resume] [--soft-labels FILE...] ...
"""

import argparse

import robustness
from card import card
from export import FOLDER, add_export_options, export
from train import add_options, parse, train


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Train, export and write the model card.")
    add_options(parser)
    add_export_options(parser)
    parser.set_defaults(recipe="student")
    options = parse(parser, arguments)
    if options.pretrained:
        parser.error("a network fine-tuned from third-party weights is not shipped (ADR 17); "
                     "use train.py, then distill.py")
    if train(options).epoch < options.epochs:  # stopped by --minutes
        return
    export(options.run, options.data, FOLDER, options.float32, options.prior_weight)
    if robustness.server_program().is_file():
        robustness.main(["--data", str(options.data), "--to", str(FOLDER)])
    card(options.run, options.data, FOLDER)


if __name__ == "__main__":
    main()
