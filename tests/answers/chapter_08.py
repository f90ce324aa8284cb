"""Answers to the exercises of chapter 08, dying ReLU: right ones and plausible wrong ones."""

import math

import numpy as np


def share_by_counting(z):
    columns = list(zip(*np.asarray(z).tolist(), strict=True))
    return sum(max(column) <= 0 for column in columns) / len(columns)


def through_by_product(widths):
    return 1 - math.prod(1 - 0.5**n for n in widths)


def one_layer_after_another(widths):
    silent = 0.0
    for n in widths:
        silent += (1 - silent) * 0.5**n
    return np.float64(silent)


def width_solved(depth, p):
    """(1 - 2^-N)^L >= 1 - p, solved for N; a hair's breadth against rounding."""
    return max(1, math.ceil(-math.log2(-math.expm1(math.log1p(-p) / depth)) - 1e-9))


def width_by_search(depth, p):
    n = 1
    while 1 - (1 - 0.5**n) ** depth > p:
        n += 1
    return n


def recycle_by_copies(W_in, b, W_out, dead, fresh):
    W_in, b, W_out = W_in.copy(), b.copy(), W_out.copy()
    W_in[:, dead] = fresh[:, dead]
    b[dead] = 0
    W_out[dead] = 0
    return W_in, b, W_out


def recycle_in_place(W_in, b, W_out, dead, fresh):
    W_in[:, dead], b[dead], W_out[dead] = fresh[:, dead], 0, 0
    return W_in, b, W_out


RIGHT = {
    "08.1": [
        lambda z: (np.asarray(z) <= 0).all(axis=0).mean(),
        lambda z: np.mean(np.max(z, axis=0) <= 0),
        lambda z: 1 - (z > 0).any(axis=0).mean(),
        share_by_counting,
    ],
    "08.2": [through_by_product, one_layer_after_another],
    "08.3": [
        width_by_search,
        width_solved,
        lambda depth, p: float(width_by_search(depth, p)),
        lambda depth, p: np.ceil(width_by_search(depth, p) - 0.5),  # a NumPy float
    ],
    "08.4": [
        lambda w: -np.maximum(w, 0).sum(),
        lambda w: -sum(x for x in w.tolist() if x > 0),
        lambda w: -float(w @ (w > 0)),
    ],
    "08.5": [
        recycle_by_copies,
        lambda W_in, b, W_out, dead, fresh: (
            W_in * ~dead + fresh * dead,
            np.where(dead, 0, b),
            np.where(dead[:, None], 0, W_out),
        ),
    ],
}

WRONG = {
    "08.1": [
        lambda z: (np.asarray(z) <= 0).mean(),  # the share of zeros
        lambda z: (np.asarray(z) <= 0).all(axis=1).mean(),  # silent samples
        lambda z: (np.asarray(z) < 0).all(axis=0).mean(),  # 0 counted as active
        lambda z: (np.asarray(z) <= 0).all(axis=0).sum(),  # a number, not a share
        lambda z: (np.asarray(z) <= 0).any(axis=0).mean(),  # inactive at least once
        lambda z: (np.asarray(z).mean(axis=0) <= 0).mean(),
        lambda z: float((z[0] <= 0).mean()),  # the first sample alone
        lambda z: float((z[-1] <= 0).mean()),
        lambda z: float("nan"),
        lambda z: None,
        0.25,
    ],
    "08.2": [
        lambda widths: 1 - (1 - 0.5 ** min(widths)) ** len(widths),
        lambda widths: 1 - (1 - 0.5 ** np.mean(widths)) ** len(widths),
        lambda widths: sum(0.5**n for n in widths),  # added up
        lambda widths: math.prod(0.5**n for n in widths),  # all layers at once
        lambda widths: math.prod(1 - 0.5**n for n in widths),  # the other way round
        lambda widths: float("nan"),
        lambda widths: [0.5**n for n in widths],
        lambda widths: None,
    ],
    "08.3": [
        lambda depth, p: width_by_search(depth, p) - 1,
        lambda depth, p: width_by_search(depth, p) + 1,
        lambda depth, p: width_by_search(depth, p) - 0.5,
        lambda depth, p: float("nan"),
        lambda depth, p: float("inf"),
        lambda depth, p: math.ceil(math.log2(1 / p)),  # a single layer
        lambda depth, p: math.ceil(math.log2(depth / p)),  # the bound by adding up
        lambda depth, p: width_by_search(depth, 1 - p),
        lambda depth, p: True,
        lambda depth, p: None,
    ],
    "08.4": [
        lambda w: -w.sum(),
        lambda w: -np.abs(w).sum(),  # kills, but is not the largest
        lambda w: -w.max(),
        lambda w: np.maximum(w, 0).sum(),  # the sign
        lambda w: np.minimum(w, 0).sum(),
        lambda w: -100.0,
        lambda w: float("nan"),
        lambda w: -np.maximum(w, 0),
        lambda w: None,
    ],
    "08.5": [
        # The replacement of the chapter, which speaks at once.
        lambda W_in, b, W_out, dead, fresh: (np.where(dead, fresh, W_in), np.where(dead, 0, b), W_out),
        # The old bias: still dead.
        lambda W_in, b, W_out, dead, fresh: (np.where(dead, fresh, W_in), b, np.where(dead[:, None], 0, W_out)),
        # All outgoing weights.
        lambda W_in, b, W_out, dead, fresh: (np.where(dead, fresh, W_in), np.where(dead, 0, b), 0 * W_out),
        # The living get new weights.
        lambda W_in, b, W_out, dead, fresh: (np.where(dead, W_in, fresh), np.where(dead, 0, b), W_out),
        lambda W_in, b, W_out, dead, fresh: (W_in, b, W_out),
        lambda W_in, b, W_out, dead, fresh: (fresh, np.where(dead, 0, b), np.where(dead[:, None], 0, W_out)),
        lambda W_in, b, W_out, dead, fresh: (np.where(dead, np.nan, W_in), np.where(dead, 0, b), W_out),
        lambda W_in, b, W_out, dead, fresh: (W_in[:, ~dead], b[~dead], W_out[~dead]),
        recycle_in_place,
        lambda W_in, b, W_out, dead, fresh: W_in,
        lambda W_in, b, W_out, dead, fresh: None,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("08.1", lambda z: (np.asarray(z) < 0).all(axis=0).mean(), "A pre-activation of exactly 0 is silent too."),
    ("08.2", lambda widths: sum(0.5**n for n in widths), "([4, 4, 4]): expected 0.176025, got 0.1875"),
    ("08.4", lambda w: -w.sum(), "got 1, but the input [1.0, 0.0] then has the pre-activation 2 and wakes it"),
    (
        "08.5",
        lambda W_in, b, W_out, dead, fresh: (np.where(dead, fresh, W_in), np.where(dead, 0, b), W_out),
        "the next layer hears the new units, and should not",
    ),
]
