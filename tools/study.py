"""Train the networks of chapter 14's study and write them, one a row, into notebooks/relubook/study.csv.gz.

Usage: python tools/study.py [--workers N]        train what is missing, then write the file
       python tools/study.py --check [BLOCK ...]  train some blocks again, compare with the file
       python tools/study.py --list               print the names of the blocks

relubook/study.py says what the grid and the columns are. A block is one optimiser, data set, depth,
activation and start, such as sgd/digits/4/relu/gain: 13 learning rates with 16 seeds each, 208
networks. study_more.csv.gz, a second file, has a few blocks with other settings. Every finished
block is kept in the folder .study until the files are written: the command can be stopped at any
time, kill -9 included, and goes on where it was when it is started again.

On one machine the same versions write the same bytes. Elsewhere the last digits of a training
differ, and --check says whether the statistics agree: for every learning rate at which the
accuracies of the seeds lie close together (standard deviation of at most 0.05), the mean test
accuracy within 0.01, or within that standard deviation where it is larger, and the median step at
which the target was reached within 10 %; for every learning rate, the number of networks that
diverged within 4 of 16.
"""

import argparse
import csv
import functools
import hashlib
import inspect
import multiprocessing
import os
import shutil
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))
from relubook import ensemble, study  # noqa: E402

PARTS = ROOT / ".study"
CHECKED = ("sgd/digits/1/relu/default", "sgd/digits/4/tanh/gain", "sgd/cancer/4/silu/gain", "adam/cancer/4/elu/default")


def name_of(block):
    """Return the block's name, as on the command line."""
    return "/".join(map(str, block))


def fingerprint():
    """Return a short text that is another one when the networks would be others."""
    from importlib.metadata import version

    parts = [study.ACTIVATIONS, study.RATES, study.SEEDS, study.WIDTH, study.BATCH, study.EPOCHS, study.HELD_OUT,
             study.TARGET, study.COLUMNS, *study.MORE.items(), *map(study.gain, study.ACTIVATIONS),
             *(version(package) for package in ("numpy", "torch", "scikit-learn"))]
    functions = (study.load, study.train_block, study.first_at_most, study.rows_of, study._text)
    parts += [inspect.getsource(function) for function in functions]
    parts.append(Path(ensemble.__file__).read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:12]


def part_of(block, parts, mark):
    """Return the file that keeps a finished block of the settings with this fingerprint."""
    return parts / f"{'-'.join(map(str, block))}-{mark}.csv"


def prepare():
    """Prepare a process for training: one thread, since the processes share the cores, and no bar of its own."""
    torch.set_num_threads(1)
    ensemble.tqdm = functools.partial(tqdm, disable=True)


def start_worker():
    """Prepare a worker process, which ends with the one that started it, however that one ends."""
    prepare()
    parent = multiprocessing.parent_process()

    def follow():
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def keep_block(block, path, seeds, rates=None, epochs=None):
    """Train one block and keep its lines in a file that is there whole or not at all."""
    lines = study.rows_of(block, quietly(block, seeds, rates=rates, epochs=epochs), rates=rates, seeds=seeds)
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    with open(unfinished, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    os.replace(unfinished, path)
    return len(lines)


def quietly(block, seeds, **settings):
    """Train a block without a word about the networks that overflow: they are part of the result."""
    with np.errstate(all="ignore"):
        return study.train_block(*block, seeds=seeds, **settings)


def make(blocks, *, parts=PARTS, file=study.FILE, seeds=study.SEEDS, workers=2, more=None, more_file=study.MORE_FILE):
    """Train the blocks that are not kept yet, write the file, and return how many were trained.

    ``more`` is like ``study.MORE``: blocks with settings of their own, for ``more_file``.
    """
    parts.mkdir(parents=True, exist_ok=True)
    for left in parts.glob("*.unfinished"):
        left.unlink()
    mark = fingerprint()  # once, since somebody may edit what it reads
    files = {file: [(block, None, None) for block in blocks],
             more_file: [(block, *settings) for block, settings in (more or {}).items()]}
    kept = {job: part_of(job[0], parts, mark if job[1] is None else f"more-{mark}")
            for jobs in files.values() for job in jobs}
    missing = [job for job in kept if not kept[job].exists()]
    networks = {job: len(seeds) * len(job[1] or study.RATES["sgd"]) for job in kept}
    there = len(kept) - len(missing)
    if there:
        print(f"{there} of {len(kept)} blocks are there already, in {parts}")
    with tqdm(total=sum(networks.values()), initial=sum(networks[job] for job in kept if job not in missing),
              unit=" networks", smoothing=0.05) as bar:
        if workers == 1:
            prepare()
            for block, *settings in missing:
                bar.update(keep_block(block, kept[block, *settings], seeds, *settings))
        elif missing:
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(workers, context, initializer=start_worker) as pool:
                running = [pool.submit(keep_block, block, kept[block, *settings], seeds, *settings)
                           for block, *settings in missing]
                try:
                    for job in as_completed(running):
                        bar.update(job.result())
                except (KeyboardInterrupt, BrokenProcessPool):
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
    for path, jobs in files.items():
        lines = []
        for job in jobs:
            with open(kept[job], encoding="utf-8", newline="") as file_of_block:
                lines += csv.reader(file_of_block)
        if lines:
            unfinished = path.with_suffix(".unfinished")
            study.write(lines, unfinished)
            os.replace(unfinished, path)
    shutil.rmtree(parts)
    return len(missing)


def differences(block, found, table):
    """Return one sentence for each statistic of a block trained again that is not what the file says."""
    optimiser, data, depth, activation, start = block
    axes = dict(zip(("data", "depth", "activation", "start"), (data, depth, activation, start), strict=True))
    said = []
    stored = {}
    for column in ("test_accuracy", "reached", "diverged"):
        values, names = study.cube(table, column, optimiser)
        stored[column] = values[tuple(names[axis].index(name) for axis, name in axes.items())]
    for rate, value in enumerate(study.RATES[optimiser]):
        old, new = ({column: values[column][rate] for column in stored} for values in (stored, found))
        where = f"{name_of(block)}, learning rate {value:.3g}"
        count = [int(np.isfinite(one["diverged"]).sum()) for one in (old, new)]
        if abs(count[0] - count[1]) > 4:
            said.append(f"{where}: {count[1]} networks diverged, in the file {count[0]}")
        if count[0] or count[1] or (spread := old["test_accuracy"].std()) > 0.05:
            continue
        mean = [one["test_accuracy"].mean() for one in (old, new)]
        if abs(mean[0] - mean[1]) > max(0.01, spread):
            said.append(f"{where}: mean test accuracy {mean[1]:.4f}, in the file {mean[0]:.4f}")
        if np.isfinite([old["reached"], new["reached"]]).all():
            median = [np.median(one["reached"]) for one in (old, new)]
            if abs(median[0] - median[1]) > 0.1 * median[0]:
                said.append(f"{where}: target reached at step {median[1]:.0f}, in the file {median[0]:.0f}")
    return said


def check(names):
    """Train the named blocks again and stop with an error where the file says something else."""
    known = {name_of(block): block for block in study.blocks()}
    for name in names:
        if name not in known:
            sys.exit(f"There is no block {name!r}; an example is {CHECKED[0]}, and --list prints all {len(known)}.")
    try:
        table = study.read()
    except FileNotFoundError as error:
        sys.exit(str(error))
    prepare()
    said = []
    for name in tqdm(names, unit=" blocks"):
        said += differences(known[name], quietly(known[name], study.SEEDS), table)
    if said:
        sys.exit("\n".join([*said, f"{len(said)} statistics differ from {study.FILE.name}."]))
    print(f"{len(names)} blocks trained again: every statistic agrees with {study.FILE.name}.")


def whole_number(text):
    """A number of workers."""
    if not (text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; give a whole number of at least 1")
    return int(text)


def main():
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], epilog="\n\n".join(__doc__.split("\n\n")[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--workers", type=whole_number, default=2, metavar="N",
                        help="processes that train at the same time, with one thread each (2)")
    parser.add_argument("--check", nargs="*", metavar="BLOCK",
                        help="train these blocks again and compare them with the file; without a name, four of them")
    parser.add_argument("--list", action="store_true", help="print the names of the blocks and stop")
    options = parser.parse_args()
    blocks = study.blocks()
    if options.list:
        print("\n".join(map(name_of, blocks)))
    elif options.check is not None:
        check(options.check or CHECKED)
    else:
        try:
            make(blocks, workers=options.workers, more=study.MORE)
        except KeyboardInterrupt:
            sys.exit("\nStopped. What is finished is kept: the same command goes on from there.")
        except BrokenProcessPool:
            sys.exit("\nA worker was killed, perhaps for want of memory. What is finished is kept: the same command "
                     "goes on from there; --workers 1 needs less.")
        for file in (study.FILE, study.MORE_FILE):
            print(f"Wrote {file.relative_to(ROOT)}, {file.stat().st_size / 1e6:.2f} MB.")


if __name__ == "__main__":
    main()
