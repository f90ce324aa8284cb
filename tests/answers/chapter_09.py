"""Answers to the exercises of chapter 09, sparsity: right ones and plausible wrong ones."""

import math

import numpy as np


def break_even_by_search(value_bytes, index_bytes):
    low, high = 0.0, 1.0
    for _ in range(100):
        share = (low + high) / 2
        if (1 - share) * (value_bytes + index_bytes) > value_bytes:
            low = share
        else:
            high = share
    return share


def unpack_in_one_line(bits, values, shape):
    flat = np.zeros(int(np.prod(shape)), values.dtype)
    flat[np.flatnonzero(np.unpackbits(bits)[: flat.size])] = values
    return flat.reshape(shape)


def unpack_by_loop(bits, values, shape):
    left = iter(values)
    flat = [next(left) if bit else 0 for bit in np.unpackbits(bits, count=math.prod(shape))]
    return np.array(flat, dtype=values.dtype).reshape(shape)


def unpack_all_bits(bits, values, shape):
    flat = np.zeros(8 * len(bits), values.dtype)
    flat[np.unpackbits(bits).astype(bool)] = values
    return flat


def unpack_as_float64(bits, values, shape):
    return unpack_in_one_line(bits, values.astype(float), shape)


def unpack_little_endian(bits, values, shape):
    flat = np.zeros(math.prod(shape), values.dtype)
    mask = np.unpackbits(bits, count=flat.size, bitorder="little").astype(bool)
    flat[mask] = values[: mask.sum()] if mask.sum() <= len(values) else 0
    return flat.reshape(shape)


def skip_by_index(a, W):
    kept = [j for j in range(a.shape[1]) if np.any(a[:, j])]
    return a[:, kept] @ W[kept, :], a.shape[0] * len(kept) * W.shape[1]


def skip_by_sum(a, W):
    kept = np.abs(a).sum(axis=0) > 0
    return a[:, kept] @ W[kept], np.float64(a[:, kept].size * W.shape[1])


def batch_by_logarithm(zeros, spare):
    return math.floor(math.log(spare) / math.log(zeros) + 1e-9)


def batch_by_counting(zeros, spare):
    n, idle = 0, zeros
    while idle >= spare - 1e-12:
        n, idle = n + 1, idle * zeros
    return np.int64(n)


RIGHT = {
    "09.1": [
        lambda v, i: i / (v + i),
        lambda v, i: 1 - v / (v + i),
        lambda v, i: np.float32(i / (v + i)),
        break_even_by_search,
    ],
    "09.2": [unpack_in_one_line, unpack_by_loop],
    "09.3": [skip_by_index, skip_by_sum],
    "09.4": [batch_by_logarithm, batch_by_counting, lambda zeros, spare: float(batch_by_counting(zeros, spare))],
}

WRONG = {
    "09.1": [
        lambda v, i: 0.5,
        lambda v, i: v / (v + i),  # the share that is not 0
        lambda v, i: i / v,
        lambda v, i: 100 * i / (v + i),  # per cent
        lambda v, i: float("nan"),
        lambda v, i: "half",
        lambda v, i: None,
    ],
    "09.2": [
        unpack_all_bits,
        unpack_as_float64,
        unpack_little_endian,
        lambda bits, values, shape: np.zeros(shape, values.dtype),
        lambda bits, values, shape: np.full(shape, np.nan, values.dtype),
        lambda bits, values, shape: np.unpackbits(bits, count=math.prod(shape)).reshape(shape).astype(values.dtype),
        lambda bits, values, shape: unpack_in_one_line(bits, values, shape).tolist(),
        lambda bits, values, shape: None,
    ],
    "09.3": [
        lambda a, W: (a @ W, a.size * W.shape[1]),  # nothing left out
        lambda a, W: (a @ W, int((a != 0).sum()) * W.shape[1]),  # every zero left out
        lambda a, W: (a[:, a.all(axis=0)] @ W[a.all(axis=0)], len(a) * int(a.all(axis=0).sum()) * W.shape[1]),
        lambda a, W: (a @ W, len(a) * int((a != 0).any(axis=0).sum())),  # units forgotten
        lambda a, W: (np.full((len(a), W.shape[1]), np.nan), len(a) * int((a != 0).any(axis=0).sum()) * W.shape[1]),
        lambda a, W: (a @ W, float("nan")),
        lambda a, W: a @ W,
        lambda a, W: None,
    ],
    "09.4": [
        lambda zeros, spare: batch_by_counting(zeros, spare) + 1,
        lambda zeros, spare: max(1, batch_by_counting(zeros, spare)),  # 0 is allowed
        lambda zeros, spare: batch_by_counting(1 - zeros, spare),
        lambda zeros, spare: round(math.log(spare) / math.log(zeros)),
        lambda zeros, spare: math.log(spare) / math.log(zeros),
        lambda zeros, spare: int(zeros / spare),
        lambda zeros, spare: float("nan"),
        lambda zeros, spare: None,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("09.1", lambda v, i: 0.5, "dense takes 8000 bytes, and CSR at this share 6000"),
    ("09.2", unpack_as_float64, "expected the dtype float32, got float64"),
    ("09.3", lambda a, W: (a @ W, a.size * W.shape[1]), "inputs are not silent for all rows; expected"),
    ("09.4", lambda zeros, spare: batch_by_counting(zeros, spare) + 1, "of the units are idle for all"),
]
