"""Answers to the exercises of chapter 14, choosing an activation: right ones and plausible wrong ones."""

import math

import numpy as np
from scipy.special import log_expit, log_softmax

NAN = math.nan


def by_loops(validation, test):
    means = []
    for row in validation.tolist():
        means.append(sum(0 if value != value else value for value in row) / len(row))
    chosen = test.tolist()[means.index(max(means))]
    return sum(0 if value != value else value for value in chosen) / len(chosen)


def by_nansum(validation, test):
    best = np.argmax(np.nansum(validation, axis=1))
    return np.nansum(test[best]) / test.shape[1]


def log_sigmoid_by_pieces(z):
    out = np.empty_like(z)
    for i, value in enumerate(z):
        out[i] = -math.log1p(math.exp(-value)) if value > 0 else value - math.log1p(math.exp(value))
    return out


def entropy_by_loops(logits, labels):
    losses = []
    for row, label in zip(logits, labels, strict=True):
        shifted = row - row.max()
        losses.append(np.log(np.exp(shifted).sum()) - shifted[label])
    return losses


RIGHT = {
    "14.1": [
        lambda v, t: np.nan_to_num(t)[np.nan_to_num(v).mean(axis=1).argmax()].mean(),
        by_loops,
        by_nansum,
    ],
    "14.2": [
        lambda together, comparisons: 1 - (1 - together) / comparisons,
        lambda together, comparisons: together ** (1 / comparisons),
        lambda together, comparisons: np.float64(1 - (1 - together) / comparisons),
    ],
    "14.3": [
        lambda z: np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z))),
        lambda z: -(np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))),
        lambda z: -np.logaddexp(0, -z),
        log_expit,
        log_sigmoid_by_pieces,
    ],
    "14.4": [
        lambda logits, labels: -log_softmax(logits, axis=1)[np.arange(len(labels)), labels],
        lambda logits, labels: np.logaddexp.reduce(logits, axis=1) - np.take_along_axis(
            logits, labels[:, None], axis=1)[:, 0],
        entropy_by_loops,
    ],
}  # fmt: skip

WRONG = {
    "14.1": [
        lambda v, t: np.nan_to_num(t).mean(axis=1).max(),  # the test chose
        lambda v, t: t[np.nan_to_num(v).mean(axis=1).argmax()].mean(),  # NaN in the test
        lambda v, t: np.nanmean(t[np.nan_to_num(v).mean(axis=1).argmax()]),  # only those that survived
        lambda v, t: np.nan_to_num(t)[np.nan_to_num(v).max(axis=1).argmax()].mean(),  # the best seed
        lambda v, t: np.nan_to_num(t)[np.median(np.nan_to_num(v), axis=1).argmax()].mean(),  # the middle one
        lambda v, t: np.nan_to_num(v).mean(axis=1).max(),  # the validation's own number
        lambda v, t: np.nan_to_num(v).mean(axis=1).argmax(),
        lambda v, t: None,
        lambda v, t: NAN,
        lambda v, t: t.mean(axis=0),
        lambda v, t: "0.5",
        None,
    ],
    "14.2": [
        lambda together, comparisons: together,
        lambda together, comparisons: together / comparisons,
        lambda together, comparisons: together**comparisons,
        lambda together, comparisons: (1 - together) / comparisons,
        lambda together, comparisons: 1 - (1 - together) / comparisons**2,
        lambda together, comparisons: NAN,
        lambda together, comparisons: None,
        lambda together, comparisons: [together] * comparisons,
    ],
    "14.3": [
        lambda z: np.log(1 / (1 + np.exp(-z))),
        lambda z: -np.log(1 + np.exp(-z)),
        lambda z: z - np.log1p(np.exp(z)),
        lambda z: np.minimum(z, 0) - np.log(1 + np.exp(-np.abs(z))),  # 0 at 40
        lambda z: np.where(z > 0, -np.log1p(np.exp(-z)), z - np.log1p(np.exp(z))),  # right, with warnings
        lambda z: np.maximum(np.log(1 / (1 + np.exp(-z))), -100),
        lambda z: z * NAN,
        lambda z: z[:3],
        lambda z: None,
        lambda z: "z",
    ],
    "14.4": [
        lambda logits, labels: -np.log(
            (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]),
        lambda logits, labels: -np.log(
            (np.exp(logits - logits.max(axis=1, keepdims=True))
             / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
             )[np.arange(len(labels)), labels]),
        lambda logits, labels: np.log(np.exp(logits - logits.max()).sum(axis=1)) + logits.max()
        - logits[np.arange(len(labels)), labels],  # one maximum for all rows
        lambda logits, labels: -log_softmax(logits, axis=0)[np.arange(len(labels)), labels],
        lambda logits, labels: log_softmax(logits, axis=1)[np.arange(len(labels)), labels],  # the sign
        lambda logits, labels: np.mean(entropy_by_loops(logits, labels)),
        lambda logits, labels: logits,
        lambda logits, labels: labels * NAN,
        lambda logits, labels: None,
    ],
}  # fmt: skip

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("14.1", lambda v, t: np.nan_to_num(t).mean(axis=1).max(), "expected 0.75, got 0.9."),
    ("14.2", lambda together, comparisons: together, "(0.95, 13): expected 0.996154, got 0.950000."),
    ("14.3", lambda z: np.minimum(z, 0) - np.log(1 + np.exp(-np.abs(z))), "(40): expected -4.24835e-18, got 0. The"),
    (
        "14.3",
        lambda z: np.where(z > 0, -np.log1p(np.exp(-z)), z - np.log1p(np.exp(z))),
        "Every value is right, but NumPy warned on the way: overflow",
    ),
    ("14.4", lambda logits, labels: np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels],
     "Subtract the row's largest logit first."),
]  # fmt: skip
