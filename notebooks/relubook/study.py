"""The study of chapter 14: which activation, at which learning rate, depth and start?

``make study`` trains every network of the grid (``tools/study.py``) and writes ``study.csv.gz``, beside this file.
This module says what the grid is, trains one block of it, and reads the file. A second, small file of the same columns,
``study_more.csv.gz``, has what the grid leaves open with ten hidden layers: ``MORE`` says what.

One row of the file is one network. Its columns:

===================  ==========================================================================
optimiser            ``sgd`` (momentum 0.9) or ``adam``
data                 ``digits`` or ``cancer``
depth                hidden layers, each of 32 units
activation           one of ``ACTIVATIONS``; ``leaky_relu_0.2`` is leaky ReLU with a slope of 0.2
start                ``default``: PyTorch's weights and biases. ``gain``: normal weights with the
                     activation's own :func:`gain`, in the first layer with a gain of 1, since the
                     inputs have a mean square of 1; biases of 0
rate                 number of the learning rate in ``RATES[optimiser]``, from 0
seed                 of the weights, of the order of the data and of the split
train_loss           mean cross-entropy in nats after the last step, on the rows trained on
validation_loss      the same on the rows for choosing a learning rate
test_loss            the same on the rows for the final result
validation_accuracy  share of right answers
test_accuracy        share of right answers
reached              first step at which the training loss was at most ``TARGET`` of what guessing
                     gives, ln(classes); interpolated between the records at the ends of the
                     epochs; empty if it never was
diverged             first step whose loss was not a finite number; empty if every one was
===================  ==========================================================================

Losses have four significant digits, accuracies four decimals. A network that diverged has no losses
and no accuracies: the fields are empty, and :func:`read` gives NaN.
"""

import csv
import gzip
import io
import math
from pathlib import Path

import numpy as np

from relubook.family import FAMILY

FILE = Path(__file__).with_name("study.csv.gz")
MORE_FILE = Path(__file__).with_name("study_more.csv.gz")

# Name in the study: name and slope in relubook.ensemble.
ACTIVATIONS = {
    "relu": ("relu", 0.0),
    "leaky_relu": ("leaky_relu", 0.01),
    "leaky_relu_0.2": ("leaky_relu", 0.2),
    "elu": ("elu", 0.0),
    "selu": ("selu", 0.0),
    "softplus": ("softplus", 0.0),
    "gelu": ("gelu", 0.0),
    "silu": ("silu", 0.0),
    "mish": ("mish", 0.0),
    "hard_swish": ("hard_swish", 0.0),
    "relu6": ("relu6", 0.0),
    "squared_relu": ("squared_relu", 0.0),
    "tanh": ("tanh", 0.0),
    "sigmoid": ("sigmoid", 0.0),
}
TITLES = {
    "relu": "ReLU", "leaky_relu": "leaky 0.01", "leaky_relu_0.2": "leaky 0.2", "elu": "ELU", "selu": "SELU",
    "softplus": "Softplus", "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "hard_swish": "hard-swish",
    "relu6": "ReLU6", "squared_relu": "ReLU²", "tanh": "tanh", "sigmoid": "sigmoid",
}  # fmt: skip
RATES = {  # quarter decades
    "sgd": tuple(10 ** (power / 4) for power in range(-12, 1)),
    "adam": tuple(10 ** (power / 4) for power in range(-16, -3)),
}
DEPTHS = {"sgd": (1, 4, 10), "adam": (4,)}
STARTS = ("default", "gain")
SEEDS = tuple(range(16))
DATA = ("digits", "cancer")
WIDTH = 32
BATCH = 32
EPOCHS = {"digits": 10, "cancer": 15}
HELD_OUT = 0.4  # one half of it for validation, one for the test
TARGET = 0.1
# Of the second file: block, and with it the numbers of its learning rates, and the epochs. Four times as many
# epochs with SGD; and Adam, which the grid has for four hidden layers only.
MORE = {
    **{("sgd", "digits", 10, activation, "gain"): ((1, 2, 3, 4, 5), 40) for activation in ("relu", "elu", "selu")},
    **{("adam", "digits", 10, activation, start): ((4, 6, 8, 10), 10)
       for activation in ("relu", "gelu", "selu", "tanh") for start in STARTS},
}  # fmt: skip

KEYS = ("optimiser", "data", "depth", "activation", "start", "rate", "seed")
NUMBERS = ("train_loss", "validation_loss", "test_loss", "validation_accuracy", "test_accuracy", "reached", "diverged")
COLUMNS = KEYS + NUMBERS


def blocks():
    """Return the grid's blocks, (optimiser, data, depth, activation, start), in the order of the file."""
    return [
        (optimiser, data, depth, activation, start)
        for optimiser, depths in DEPTHS.items()
        for data in DATA
        for depth in depths
        for activation in ACTIVATIONS
        for start in STARTS
    ]


def load(data):
    """Return one of the two data sets: ``x`` (n, inputs) float64, ``y`` (n,) integers.

    ``"digits"``: 1797 images of 8 × 8 pixels, ten digits; mean 0 and standard deviation 1 over all
    pixels. ``"cancer"``: 569 tumours with 30 measurements, malignant or benign; mean 0 and standard
    deviation 1 for each measurement. Both are real and come with scikit-learn.
    """
    from sklearn import datasets

    if data not in DATA:
        raise ValueError(f"load: data is {data!r}; allowed are {', '.join(DATA)}")
    if data == "digits":
        x, y = datasets.load_digits(return_X_y=True)
        return (x - x.mean()) / x.std(), y
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return (x - x.mean(axis=0)) / x.std(axis=0), y


def gain(activation):
    """Return the gain of an activation of the study: see :meth:`relubook.family.Activation.gain`."""
    name, slope = _one_of(activation, "gain: activation", ACTIVATIONS)
    return FAMILY[name].gain(**({"negative_slope": slope} if name == "leaky_relu" else {}))


def train_block(optimiser, data, depth, activation, start, *, rates=None, seeds=SEEDS, epochs=None):
    """Train one block of the grid, a network for each learning rate and seed.

    Parameters
    ----------
    optimiser, data, depth, activation, start
        As in the columns of the file.
    rates : sequence of int, optional
        Numbers of learning rates in ``RATES[optimiser]``; by default all.
    seeds : sequence of int
    epochs : int, optional
        Passes through the data; by default those of ``EPOCHS``.

    Returns
    -------
    dict from the name of each column of ``NUMBERS`` to an array (rates, seeds) of float64, NaN where
    the file's field is empty.

    Raises
    ------
    ValueError
        A name that is not in the study: the message says which are.
    """
    from relubook.ensemble import Ensemble, split_rows

    every_rate = _one_of(optimiser, "train_block: optimiser", RATES)
    name, slope = _one_of(activation, "train_block: activation", ACTIVATIONS)
    if start not in STARTS:
        raise ValueError(f"train_block: start is {start!r}; allowed are {', '.join(STARTS)}")
    x, y = load(data)
    rates = range(len(every_rate)) if rates is None else rates
    each_seed = np.tile(np.asarray(seeds), len(rates))
    each_rate = np.repeat([every_rate[rate] for rate in rates], len(seeds))
    ensemble = Ensemble(
        (x.shape[1], *[WIDTH] * depth, y.max() + 1), each_seed, activation=name, negative_slope=slope,
        weights="default" if start == "default" else gain(activation),
        biases="default" if start == "default" else "zero",
    )  # fmt: skip
    if start == "gain":
        ensemble.weights[0] /= gain(activation)
    train_rows, held_out = split_rows(len(x), each_seed, HELD_OUT)
    half = held_out.shape[1] // 2
    history = ensemble.train(
        x, y, epochs=epochs or EPOCHS[data], learning_rate=each_rate, batch_size=BATCH, rows=train_rows,
        watch={"validation": held_out[:, :half], "test": held_out[:, half:]},
        optimiser=optimiser, momentum=0.9 if optimiser == "sgd" else 0.0,
    )  # fmt: skip
    guessing = math.log(y.max() + 1)
    found = {
        "train_loss": history.loss["train"][-1],
        "validation_loss": history.loss["validation"][-1],
        "test_loss": history.loss["test"][-1],
        "validation_accuracy": history.accuracy["validation"][-1],
        "test_accuracy": history.accuracy["test"][-1],
        "reached": first_at_most(history.step, history.loss["train"], TARGET * guessing),
        "diverged": np.where(history.diverged, history.diverged_at, np.nan),
    }
    return {column: found[column].reshape(len(rates), len(seeds)) for column in NUMBERS}


def first_at_most(steps, losses, target):
    """Return the step at which each of R losses (K, R), recorded at K steps, first came down to ``target``.

    Between two records the logarithm of the loss is taken to be a straight line. NaN where the loss
    never came down, and where it was NaN before.
    """
    losses, steps = np.asarray(losses, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    below = losses <= target
    first = below.argmax(axis=0)
    networks = np.arange(losses.shape[1])
    before = np.maximum(first - 1, 0)
    high, low = losses[before, networks], losses[first, networks]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(first > 0, np.log(high / target) / np.log(high / low), 0.0)
    reached = steps[before] + share * (steps[first] - steps[before])
    return np.where(below.any(axis=0), reached, np.nan)


def rows_of(block, found, *, rates=None, seeds=SEEDS):
    """Return what :func:`train_block` found as lines of the file, lists of text."""
    rates = range(len(RATES[block[0]])) if rates is None else rates
    lines = []
    for i, rate in enumerate(rates):
        for j, seed in enumerate(seeds):
            numbers = [_text(column, found[column][i, j]) for column in NUMBERS]
            lines.append([*map(str, block), str(rate), str(seed), *numbers])
    return lines


def _text(column, value):
    if math.isnan(value):
        return ""
    if "loss" in column:
        return f"{value:.4g}"
    return f"{value:.4f}" if "accuracy" in column else f"{value:.0f}"


def write(lines, path=FILE):
    """Write lines into a file, the same bytes for the same lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
        packed.write(text.getvalue().encode())


def read(path=FILE):
    """Return the study as a dict from each column to an array with one entry for each network.

    The keys' columns are text, except ``depth``, ``rate`` and ``seed``, which are integers; the
    numbers are float64, with NaN where a field is empty.

    Raises
    ------
    FileNotFoundError
        There is no file: the message says how it is made.
    ValueError
        The file has other columns.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"read: there is no {path}; 'make study' makes it")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    if tuple(header) != COLUMNS:
        raise ValueError(f"read: {path} has the columns {', '.join(header)}; allowed are {', '.join(COLUMNS)}")
    columns = dict(zip(COLUMNS, map(np.array, zip(*lines, strict=True)), strict=True))
    for column in ("depth", "rate", "seed"):
        columns[column] = columns[column].astype(np.int64)
    for column in NUMBERS:
        columns[column] = np.where(columns[column] == "", "nan", columns[column]).astype(np.float64)
    return columns


def cube(study, column, optimiser="sgd"):
    """Return one column of one optimiser as an array over the whole grid, and the names along its axes.

    Returns
    -------
    values : (data, depths, activations, starts, rates, seeds) float64
    axes : dict from the axis to its names, in order

    Raises
    ------
    ValueError
        A network is missing or there twice, or a column or optimiser has another name.
    """
    every_rate = _one_of(optimiser, "cube: optimiser", RATES)
    if column not in NUMBERS:
        raise ValueError(f"cube: column is {column!r}; allowed are {', '.join(NUMBERS)}")
    axes = {"data": DATA, "depth": DEPTHS[optimiser], "activation": tuple(ACTIVATIONS), "start": STARTS,
            "rate": tuple(range(len(every_rate))), "seed": SEEDS}
    chosen = study["optimiser"] == optimiser
    places = []
    for axis, names in axes.items():
        place = {name: number for number, name in enumerate(names)}
        places.append([place[name] for name in study[axis][chosen].tolist()])
    shape = tuple(map(len, axes.values()))
    flat = np.ravel_multi_index(places, shape)
    if len(np.unique(flat)) != len(flat) or len(flat) != math.prod(shape):
        raise ValueError(
            f"cube: {len(np.unique(flat))} different networks in {len(flat)} rows of {optimiser}; "
            f"allowed is each of {math.prod(shape)} once"
        )
    values = np.empty(math.prod(shape))
    values[flat] = study[column][chosen]
    return values.reshape(shape), axes


def more(study, column, block):
    """Return one column of one block of the second file as an array (rates, seeds)."""
    rates, _ = MORE[block]
    chosen = np.full(len(study["seed"]), True)
    for key, value in zip(KEYS, block, strict=False):
        chosen &= study[key] == value
    values = np.full((len(rates), len(SEEDS)), np.nan)
    places = [rates.index(rate) for rate in study["rate"][chosen].tolist()], study["seed"][chosen]
    if len(set(zip(*map(list, places), strict=True))) != values.size or chosen.sum() != values.size:
        raise ValueError(f"more: {chosen.sum()} rows of {block}; allowed is each of {values.size} networks once")
    values[places] = study[column][chosen]
    return values


def _one_of(value, name, allowed):
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; allowed are {', '.join(map(str, allowed))}")
    return allowed[value]
