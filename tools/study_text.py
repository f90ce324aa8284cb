"""Train the transformers of chapter 13's study and write them, one a row, into notebooks/relubook/study_text.csv.

Usage: python tools/study_text.py           train what is missing, then write the file
       python tools/study_text.py --check   train one block again, compare its mean losses with the file

A block is one variant of the feed-forward part at one learning rate with half of the seeds. Every
finished block is kept in the folder .study_text until the file is written: the command can be stopped
at any time and goes on where it was. All of it takes about half an hour of one core.

On one machine the same versions write the same bytes. Elsewhere the last digits of a training differ;
--check says whether the mean losses of a block agree within 0.03.
"""

import argparse
import csv
import hashlib
import itertools
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))
from relubook import transformer  # noqa: E402

FILE = ROOT / "notebooks" / "relubook" / "study_text.csv"
PARTS = ROOT / ".study_text"
RATES = (0.016, 0.032, 0.064)
SEEDS = (range(0, 5), range(5, 10))
STEPS = 500
LAST = 50  # steps at the end over which the training loss is averaged
COLUMNS = ("variant", "learning_rate", "seed", "train_loss", "choose_loss", "test_loss", "zeros_1", "zeros_2")
# Half of the seeds for everything first: what is there early is already a comparison.
BLOCKS = [(variant, rate, seeds)
          for seeds, variant, rate in itertools.product(SEEDS, transformer.VARIANTS, RATES)]


def fingerprint():
    """Return a short text that is another one when the networks would be others."""
    sources = [Path(transformer.__file__).read_text(encoding="utf-8"), *transformer.read_alice().values()]
    sources += [str(transformer.FAMILY[variant].gain()) for variant in transformer.VARIANTS]
    sources += [str(part) for part in (RATES, SEEDS, STEPS, LAST, version("torch"), version("numpy"))]
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:12]


def texts():
    """Return (alphabet, dict of the three parts of the text as numbers)."""
    parts = transformer.read_alice()
    alphabet = sorted(set("".join(parts.values())))
    return alphabet, {name: transformer.encode(text, alphabet) for name, text in parts.items()}


def train_block(variant, rate, seeds, *, steps=STEPS):
    """Train one block and return its rows, a list of str for each run."""
    alphabet, parts = texts()
    runs = transformer.Transformers(variant, seeds, len(alphabet))
    recorded = runs.train(parts["train"], steps=steps, learning_rate=rate)
    choose, _ = runs.examine(parts["choose"])
    test, zeros = runs.examine(parts["test"])
    columns = np.column_stack([recorded[-LAST:].mean(axis=0), choose, test, zeros])
    return [[variant, f"{rate:g}", str(seed), *(f"{number:.4f}" for number in row)]
            for seed, row in zip(seeds, columns, strict=True)]


def write(path, rows):
    """Write a table so that it is there whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    with open(unfinished, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    os.replace(unfinished, path)


def read(path):
    """Return the rows of a table."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def make(blocks=BLOCKS, *, parts=PARTS, file=FILE, steps=STEPS):
    """Train the blocks that are not kept yet, write the file, and return how many were trained."""
    parts.mkdir(exist_ok=True)
    mark, trained, rows = fingerprint(), 0, []
    for variant, rate, seeds in tqdm(blocks, unit=" blocks"):
        kept = parts / f"{variant}-{rate:g}-{seeds[0]}-{mark}.csv"
        if not kept.exists():
            write(kept, train_block(variant, rate, seeds, steps=steps))
            trained += 1
        rows += read(kept)
    order = list(transformer.VARIANTS)
    rows.sort(key=lambda row: (order.index(row[0]), float(row[1]), int(row[2])))
    write(file, [COLUMNS, *rows])
    shutil.rmtree(parts)
    return trained


def check():
    """Train ReLU's best block again; return a sentence for each mean that is not what the file says."""
    variant, rate, seeds = BLOCKS[1]
    new = np.array([row[3:6] for row in train_block(variant, rate, seeds)], dtype=float).mean(axis=0)
    old = np.array([row[3:6] for row in read(FILE)[1:]
                    if row[0] == variant and float(row[1]) == rate and int(row[2]) in seeds], dtype=float).mean(axis=0)
    return [f"{variant} at {rate:g}: {column} is {n:.3f}, the file says {o:.3f}"
            for column, n, o in zip(COLUMNS[3:6], new, old, strict=True) if abs(n - o) > 0.03]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="train one block again and compare")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.check:
        said = check()
        print("\n".join(said) or "The block that was trained again agrees with the file.")
        sys.exit(1 if said else 0)
    print(f"{make()} of {len(BLOCKS)} blocks trained; the result is in {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
