"""Answers to the exercises of chapter 11: right ones and plausible wrong ones."""

import numpy as np


def gradients_by_loops(z, upstream):
    rows, units = z.shape
    return [sum(upstream[i, j] * min(z[i, j], 0.0) for i in range(rows)) for j in range(units)]


def gradients_in_place(z, upstream):
    z[z > 0] = 0
    return (z * upstream).sum(axis=0)


def divide_negatives(z, low, high, random):
    out = np.array(z, dtype=float)
    below = out < 0
    out[below] /= (low + high) / 2 if random is None else random.uniform(low, high, below.sum())
    return out


def divide_all(z, low, high, random):
    d = np.full(z.shape, (low + high) / 2) if random is None else low + (high - low) * random.random(z.shape)
    return np.maximum(z, 0) + np.minimum(z, 0) / d


def drawn_slopes(z, low, high, random):
    slope = (1 / low + 1 / high) / 2 if random is None else random.uniform(1 / high, 1 / low, z.shape)
    return np.where(z > 0, z, slope * z)


def slopes_in_training(z, low, high, random):
    slope = 2 / (low + high) if random is None else random.uniform(1 / high, 1 / low, z.shape)
    return np.where(z > 0, z, slope * z)


def one_divisor(z, low, high, random):
    d = (low + high) / 2 if random is None else random.uniform(low, high)
    return np.where(z > 0, z, z / d)


def one_a_column(z, low, high, random):
    d = (low + high) / 2 if random is None else random.uniform(low, high, z.shape[-1:])
    return np.where(z > 0, z, z / d)


def one_a_pair(z, low, high, random):
    """Neighbours in pairs share a divisor."""
    d = (low + high) / 2
    if random is not None:
        d = np.repeat(random.uniform(low, high, (z.size + 1) // 2), 2)[: z.size].reshape(z.shape)
    return np.where(z > 0, z, z / d)


def own_chance(z, low, high, random):
    d = (low + high) / 2 if random is None else np.random.default_rng().uniform(low, high, z.shape)
    return np.where(z > 0, z, z / d)


def multiplied(z, low, high, random):
    d = (low + high) / 2 if random is None else random.uniform(low, high, z.shape)
    return np.where(z > 0, z, z * d)


def both_sides(z, low, high, random):
    return z / ((low + high) / 2 if random is None else random.uniform(low, high, z.shape))


def always_the_mean(z, low, high, random):
    return np.where(z > 0, z, z / ((low + high) / 2))


def nan_in_evaluation(z, low, high, random):
    return np.full(z.shape, np.nan)


RIGHT = {
    "11.1": [
        lambda lowest, units, pixels, width: width * units / (pixels * abs(lowest)),
        lambda lowest, units, pixels, width: np.float64(width / (pixels / units)) / -lowest,
    ],
    "11.2": [
        lambda z, upstream: np.sum(upstream * np.minimum(z, 0), axis=0),
        lambda z, upstream: np.where(z > 0, 0, z * upstream).sum(0),
        lambda z, upstream: np.einsum("ij,ij->j", upstream, z * (z < 0)),
        gradients_by_loops,
    ],
    "11.3": [
        lambda slope: (-slope, 1 / slope),
        lambda slope: [-slope, slope**-1],
        lambda slope: np.array([-slope, 1 / slope]),
    ],
    "11.4": [divide_negatives, divide_all],
}

WRONG = {
    "11.1": [
        lambda lowest, units, pixels, width: -lowest / units * pixels / width,  # upside down
        lambda lowest, units, pixels, width: width * units / (pixels * lowest),  # negative
        lambda lowest, units, pixels, width: width / pixels,
        lambda lowest, units, pixels, width: width * units / pixels,  # the left edge forgotten
        lambda lowest, units, pixels, width: float("nan"),
        lambda lowest, units, pixels, width: [0.1, 0.2],
        lambda lowest, units, pixels, width: None,
        0.026,
    ],
    "11.2": [
        lambda z, upstream: np.sum(upstream * np.minimum(z, 0)),  # one shared slope
        lambda z, upstream: np.sum(upstream * np.minimum(z, 0), axis=1),  # for each image
        lambda z, upstream: np.mean(upstream * np.minimum(z, 0), axis=0),
        lambda z, upstream: np.sum(upstream * np.maximum(z, 0), axis=0),  # the other side
        lambda z, upstream: np.sum(upstream * (z < 0), axis=0),  # the indicator in place of z
        lambda z, upstream: np.sum(upstream * z, axis=0),
        lambda z, upstream: np.sum(np.minimum(z, 0), axis=0),
        lambda z, upstream: np.full(z.shape[1], np.nan),
        lambda z, upstream: "gradients",
        gradients_in_place,
        lambda z, upstream: None,
    ],
    "11.3": [
        lambda slope: (slope, 1 / slope),
        lambda slope: (-1 / slope, slope),
        lambda slope: (-slope, slope),
        lambda slope: (-abs(slope), 1 / abs(slope)),  # wrong for negative slopes
        lambda slope: (float("nan"), float("nan")),
        lambda slope: -slope,
        lambda slope: None,
    ],
    "11.4": [
        drawn_slopes,
        slopes_in_training,
        one_divisor,
        one_a_column,
        one_a_pair,
        own_chance,
        multiplied,
        both_sides,
        always_the_mean,
        nan_in_evaluation,
        lambda z, low, high, random: z[z < 0],
        lambda z, low, high, random: None,
    ],
}

MESSAGES = [
    ("11.1", WRONG["11.1"][3], "0.0782609. With this slope, leaky ReLU is 9 pixels below ReLU"),
    ("11.2", WRONG["11.2"][0], "expected the shape (3,), got ()"),
    ("11.3", WRONG["11.3"][0], "At z = -1, PReLU is -4, and 4 · PReLU(1, 0.25) is 4"),
    ("11.4", one_divisor, "draw one for each number"),
    ("11.4", slopes_in_training, "they are not drawn evenly"),
]
