"""Answers to the exercises of chapter 13, smooth and gated: right ones and plausible wrong ones."""

import math

import numpy as np


def sigma(x):
    return 1 / (1 + np.exp(-x))


def slope_by_product_rule(x, beta):
    gate = sigma(beta * x)
    return gate + beta * x * gate * (1 - gate)


def slope_from_the_value(x, beta):
    swish = x * sigma(beta * x)
    return beta * swish + sigma(beta * x) * (1 - beta * swish)


def slope_by_differences(x, beta):
    return ((x + 1e-5) * sigma(beta * (x + 1e-5)) - (x - 1e-5) * sigma(beta * (x - 1e-5))) / 2e-5


def minimum_by_search(beta):
    x = np.linspace(-3, 0, 30001) / beta
    value = x * sigma(beta * x)
    return x[value.argmin()], value.min()


def minimum_by_bisection(beta):
    low, high = -2 / beta, 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope_by_product_rule(middle, beta) < 0 else (low, middle)
    return [low, low * sigma(beta * low)]


def slopes_by_where(value, gate, upstream):
    open_ = np.where(gate > 0, 1.0, 0.0)
    return upstream * gate * open_, upstream * value * open_


def slopes_by_loop(value, gate, upstream):
    to_value, to_gate = np.zeros(value.shape), np.zeros(value.shape)
    for at in np.ndindex(value.shape):
        if gate[at] > 0:
            to_value[at], to_gate[at] = upstream[at] * gate[at], upstream[at] * value[at]
    return [to_value, to_gate]


def hidden_by_counting(hidden, multiple):
    width = multiple
    while 3 * width < 2 * hidden:
        width += multiple
    return width


def hidden_by_floor(hidden, multiple):
    return -(-2 * hidden // (3 * multiple)) * multiple


RIGHT = {
    "13.1": [slope_by_product_rule, slope_from_the_value, slope_by_differences,
             lambda x, beta: slope_by_product_rule(x, beta).tolist()],
    "13.2": [minimum_by_search, minimum_by_bisection, lambda beta: (-1.2785 / beta, -0.2785 / beta)],
    "13.3": [slopes_by_where, slopes_by_loop,
             lambda v, g, u: (u * np.maximum(g, 0), u * v * (g > 0))],
    "13.4": [hidden_by_counting, hidden_by_floor, lambda h, m: float(hidden_by_floor(h, m)),
             lambda h, m: m * math.ceil(2 * h / 3 / m)],
}

WRONG = {
    "13.1": [
        lambda x, beta: sigma(beta * x),  # the gate alone
        lambda x, beta: sigma(x) + x * sigma(x) * (1 - sigma(x)),  # β forgotten
        lambda x, beta: sigma(beta * x) + x * sigma(beta * x) * (1 - sigma(beta * x)),  # the inner derivative forgotten
        lambda x, beta: x * sigma(beta * x),
        lambda x, beta: float(slope_by_product_rule(x, beta).mean()),
        lambda x, beta: x * np.nan,
        lambda x, beta: "σ",
        lambda x, beta: None,
    ],
    "13.2": [
        lambda beta: (-1.2785, -0.2785),  # that of β = 1
        lambda beta: (-1.2785 / beta, -0.2785),
        lambda beta: (-1.2785 * beta, -0.2785 * beta),
        lambda beta: (-0.2785 / beta, -1.2785 / beta),
        lambda beta: -1.2785 / beta,
        lambda beta: (float("nan"), float("nan")),
        lambda beta: None,
    ],
    "13.3": [
        lambda v, g, u: (u * v * (g > 0), u * np.maximum(g, 0)),  # exchanged
        lambda v, g, u: (u * (g > 0), u * v * (g > 0)),
        lambda v, g, u: (np.maximum(g, 0), v * (g > 0)),  # without what comes from above
        lambda v, g, u: (u * np.maximum(g, 0), u * v),
        lambda v, g, u: u * np.maximum(g, 0) * v,
        lambda v, g, u: (u * np.nan, u * np.nan),
        lambda v, g, u: (0.0, 0.0),
        lambda v, g, u: None,
    ],
    "13.4": [
        lambda h, m: 2 * h / 3,
        lambda h, m: 2 * h // 3 // m * m,  # rounded down
        lambda h, m: h,
        lambda h, m: hidden_by_floor(h, m) + m,
        lambda h, m: round(2 * h / 3),
        lambda h, m: float("nan"),
        lambda h, m: None,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("13.1", lambda x, beta: x * sigma(beta * x), "for x = -7 expected -0.0054"),
    ("13.2", lambda beta: (-1.2785 / beta, -0.2785), "x is right; the value there is -0.1392"),
    ("13.3", lambda v, g, u: (u * np.maximum(g, 0), u * v), "slope in the gate: for value ="),
    ("13.4", lambda h, m: h, "two thirds are 128.0; expected 128, got 192"),
]
