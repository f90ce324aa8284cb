"""The checks of the exercises accept every right answer and reject the plausible wrong ones, with a reason."""

import importlib
import math

import numpy as np
import pytest
from relubook.exercises import check, examine


# --- 01.1 ---
def collapse_by_points(W1, b1, W2, b2):
    """Find the affine map from its values."""
    inputs = W1.shape[1]
    bias = W2 @ (W1 @ np.zeros(inputs) + b1) + b2
    columns = [W2 @ (W1 @ np.eye(inputs)[i] + b1) + b2 - bias for i in range(inputs)]
    return np.array(columns).T, bias


def collapse_with_lists(W1, b1, W2, b2):
    W = [[sum(W2[i][k] * W1[k][j] for k in range(len(W1))) for j in range(len(W1[0]))] for i in range(len(W2))]
    b = [sum(W2[i][k] * b1[k] for k in range(len(b1))) + b2[i] for i in range(len(W2))]
    return W, b


# --- 01.5 ---
def hinges_by_search(tolerance):
    n = 1
    while (2 * math.pi / n) ** 2 / 8 > tolerance:
        n += 1
    return n


# --- 02.1 ---
def relu_by_sign(x):
    return x if x != x or x > 0 else 0


def relu_by_max_in_the_right_order(x):
    return max(x, 0)


def relu_by_half_of_the_sum(x):
    return (x + abs(x)) / 2


# --- 02.2 ---
def nested_with_a_loop(values):
    result = []
    for element in values:
        result.append(nested_with_a_loop(element) if isinstance(element, list) else max(element, 0))
    return result


def nested_in_place(values):
    for i, element in enumerate(values):
        values[i] = nested_in_place(element) if isinstance(element, list) else max(element, 0)
    return values


def nested_flattened(values):
    flat = []
    for element in values:
        flat.extend(nested_flattened(element) if isinstance(element, list) else [max(element, 0)])
    return flat


# --- 03 ---
def leak_by_copy(x, negative_slope=0.01):
    result = x.copy()
    result[x < 0] *= negative_slope
    return result


def leak_that_writes(x, negative_slope=0.01):
    x[x < 0] *= negative_slope
    return x


def rectify_by_mask(x):
    x[x < 0] = 0
    return x


def rectify_and_copy_back(x):
    x[...] = np.maximum(x, 0)
    return x


def rectify_by_multiplying(x):
    with np.errstate(invalid="ignore"):
        x *= x > 0
    return x


def rectify_flat(x):
    flat = x.reshape(-1)
    np.maximum(flat, 0, out=flat)
    return x


def rectify_without_nan(x):
    return np.fmax(x, 0, out=x)


def rectify_a_name(x):
    x = np.maximum(x, 0)
    return x


def backward_into_a_copy(grad_output, pre_activation):
    grad = grad_output.copy()
    grad[~(pre_activation > 0)] = 0
    return grad


def backward_in_place(grad_output, pre_activation):
    grad_output[pre_activation <= 0] = 0
    return grad_output


def backward_by_multiplying(grad_output, pre_activation):
    with np.errstate(invalid="ignore"):
        return grad_output * (pre_activation > 0)


def bits_through_floats(bits):
    x = bits.view(np.float16)
    return np.where(x < 0, np.float16(0), x).view(np.int16)


def bits_in_place(bits):
    bits[bits <= -1024] = 0
    return bits


RIGHT = {
    "01.1": [lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1 + b2), collapse_by_points, collapse_with_lists],
    "01.2": [
        ([[1, -1], [-1, 1]], [0, 0], [1, 1], 0),
        ([[2, -2], [-2, 2]], [0, 0], [0.5, 0.5], 0),
        ([[-1, -1], [1, 1]], [1, -1], [-1, -1], 1),
        (np.array([[1, 1], [1, 1]]), np.array([0.5, -1]), np.array([1, -2]), -0.5),
    ],
    "01.3": [
        [(1, 0, 1), (-1, 0, 1)],
        [(-2, 0, 0.5), (4, 0, 0.25)],
        np.array([[1, 0, 1], [-1, 0, 1]]),
    ],
    "01.4": [
        [(1, 0, 1), (1, -1, -2), (1, -2, 1)],
        [(2, 0, 0.5), (1, -2, 1), (4, -4, -0.5)],
        [(-1, 0, 1), (-1, 1, -2), (-1, 2, 1)],  # seen from the right
    ],
    "01.5": [lambda t: int(np.ceil(2 * np.pi / np.sqrt(8 * t))), hinges_by_search],
    "02.1": [
        lambda x: 0 if x < 0 else x,
        relu_by_sign,
        relu_by_max_in_the_right_order,
        lambda x: type(x)(0) if x < 0 else x,
    ],
    "02.2": [nested_with_a_loop, lambda v: [RIGHT["02.2"][1](e) if isinstance(e, list) else max(0, e) for e in v]],
    "02.3": [lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h), lambda f, x, h: 0.5 * (f(x + h) - f(x - h)) / h],
    "02.4": [
        lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope,
        lambda x, negative_slope=0.01: 1 if x >= 0 else negative_slope,
        lambda x, negative_slope=0.01: negative_slope + (x > 0) * (1 - negative_slope),
    ],
    "02.5": [lambda a: a <= 1, lambda a: not a > 1, lambda a: max(a * -3.0, -3.0) == a * -3.0],
    "03.1": [lambda x, negative_slope=0.01: np.where(x < 0, negative_slope * x, x), leak_by_copy],
    "03.2": [lambda x: np.maximum(x, 0, out=x), rectify_by_mask, rectify_and_copy_back],
    "03.3": [
        lambda z: (np.maximum(z, 0) == 0).mean(axis=0),
        lambda z: 1 - (z > 0).mean(axis=0),
        lambda z: [sum(v <= 0 for v in column) / len(z) for column in z.T],
    ],
    "03.4": [lambda g, z: np.where(z > 0, g, 0), backward_into_a_copy],
    "03.5": [
        lambda bits: bits * (bits > -1024),
        lambda bits: np.where(bits > -1024, bits, np.int16(0)),
        bits_through_floats,
    ],
}

WRONG = {
    "01.1": [
        lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2),  # the slip named in the solution
        lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2),
        lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1),
        lambda W1, b1, W2, b2: (W2 + W1, b1 + b2),
        lambda W1, b1, W2, b2: W2 @ W1,
        lambda W1, b1, W2, b2: None,
    ],
    "01.2": [
        ([[1, 1], [1, 1]], [0, -1], [1, -2], 0),  # the chapter's own
        ([[1, 1], [1, 1]], [0, 0], [1, -2], 0),
        ([[1, 0], [0, 1]], [0, 0], [1, 1], 0),
        ([[1, -1], [-1, 1]], [0, 0], [1, -1], 0),
        ([[1, -1]], [0], [1], 0),
        ([[..., ...], [..., ...]], [..., ...], [..., ...], 0),
        None,
    ],
    "01.3": [
        [(1, 0, 1), (-1, 0, -1)],
        [(1, 0, 1)],
        [(1, 0, 1), (1, 0, 1)],
        [(1, 0, 2), (-1, 0, 1)],
        [(1, 0, 1), (-1, 0, 1), (1, -9, 0)],  # one unit too many
        [(1, 0), (-1, 0)],
        [...],
        [],
    ],
    "01.4": [
        [(1, 0, 1), (1, -1, -2)],  # falls for ever
        [(1, 0, 1), (1, -1, -1), (1, -2, 1)],
        [(1, 0, 1), (1, 1, -2), (1, 2, 1)],  # the signs of the biases
        [(1, 0, 1), (1, -1, -2), (1, -2, 1), (1, -9, 0)],
        "a hat",
    ],
    "01.5": [
        lambda t: int(2 * np.pi / np.sqrt(8 * t)),  # rounded down
        lambda t: 2 * np.pi / np.sqrt(8 * t),
        lambda t: int(np.ceil(1 / np.sqrt(8 * t))),  # the interval forgotten
        lambda t: int(np.ceil(2 * np.pi / (8 * t))),
        lambda t: 0,
        lambda t: True,
    ],
    "02.1": [
        lambda x: x if x > 0 else 0,  # loses NaN
        lambda x: max(0, x),  # loses NaN
        lambda x: abs(x),
        lambda x: min(0, x),
        lambda x: -x if x < 0 else x,
        lambda x: 0 if x <= 1 else x,
        lambda x: x * (x > 0),  # NaN at minus infinity
        relu_by_half_of_the_sum,  # NaN at minus infinity
        lambda x: None,
        lambda x: str(x),
        5,
    ],
    "02.2": [
        nested_in_place,
        nested_flattened,
        lambda v: [max(0, e) for e in v],  # one level only
        lambda v: v,
        lambda v: [[max(0, e) for e in row] for row in v],  # exactly two levels
        lambda v: tuple(nested_with_a_loop(v)),
    ],
    "02.3": [
        lambda f, x, h: (f(x + h) - f(x - h)) / h,  # the slip named in the solution
        lambda f, x, h: (f(x + h) - f(x)) / h,
        lambda f, x, h: (f(x) - f(x - h)) / h,
        lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h),
        lambda f, x, h: f(x + h) - f(x - h),
    ],
    "02.4": [
        lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope * x,  # the slip named in the solution
        lambda x, negative_slope=0.01: 1.0 if x > 0 else 0.0,
        lambda x, negative_slope=0.1: 1.0 if x > 0 else negative_slope,
        lambda x, negative_slope=0.01: 1.0 if x > 0 else 0.01,
        lambda x, negative_slope=0.01: negative_slope if x > 0 else 1.0,
        lambda x, negative_slope=0.01: 0.0 if x == 0 else 1.0 if x > 0 else negative_slope,  # not a subgradient
        lambda x, negative_slope=0.01: x if x > 0 else negative_slope,
    ],
    "02.5": [
        lambda a: a < 1,
        lambda a: 0 <= a <= 1,  # negative slopes forgotten
        lambda a: a >= 1,
        lambda a: True,
        lambda a: 0 < a < 1,
        lambda a: abs(a) <= 1,
        lambda a: "yes",
    ],
    "03.1": [
        lambda x, negative_slope=0.01: np.maximum(negative_slope * x, x),  # wrong above 1
        lambda x, negative_slope=0.01: np.where(x > 0, negative_slope * x, x),
        lambda x, negative_slope=0.01: np.where(x < 0, np.float64(negative_slope) * x, x),  # float32 is lost
        lambda x, negative_slope=0.01: np.where(x < 0, 0.01 * x, x),
        lambda x, negative_slope=0.1: np.where(x < 0, negative_slope * x, x),
        lambda x, negative_slope=0.01: np.where(x < 0, negative_slope * x, np.nan_to_num(x)),
        lambda x, negative_slope=0.01: np.where(x < 0, negative_slope * x, x).tolist(),
        leak_that_writes,
    ],
    "03.2": [
        rectify_a_name,
        rectify_by_multiplying,  # NaN at minus infinity
        rectify_flat,  # writes into a copy of a turned table
        rectify_without_nan,
        lambda x: np.maximum(x, 0),
        lambda x: np.abs(x, out=x),
        lambda x: np.maximum(x, 0, out=x).copy(),  # in place, and then another object
        lambda x: x,
    ],
    "03.3": [
        lambda z: (z < 0).mean(axis=0),  # inputs that are exactly 0
        lambda z: (z <= 0).mean(axis=1),
        lambda z: (z <= 0).mean(),
        lambda z: (z <= 0).sum(axis=0),
        lambda z: (z > 0).mean(axis=0),
        lambda z: "all",
    ],
    "03.4": [
        backward_by_multiplying,  # the slip named in the solution
        backward_in_place,
        lambda g, z: np.where(z >= 0, g, 0),
        lambda g, z: np.where(g > 0, g, 0),  # masks the gradient in place of the input
        lambda g, z: np.where((z > 0) & (g > 0), g, 0),
        lambda g, z: np.where(z > 0, z, 0),
        lambda g, z: np.where(z > 0, g, 0).astype(np.float64),
    ],
    "03.5": [
        lambda bits: np.maximum(bits, 0),  # loses the NaNs with a sign
        lambda bits: bits * (bits >= -1024),
        lambda bits: bits * (bits > -1023),
        lambda bits: bits & 0x7FFF,  # the absolute value
        lambda bits: np.maximum(bits.view(np.float16), 0),
        lambda bits: (bits * (bits > -1024)).astype(np.int64),
        bits_in_place,
    ],
}


def test_every_exercise_has_right_and_wrong_answers(root):
    chapters = (root / "notebooks" / "relubook" / "exercises").glob("chapter_*.py")
    modules = [importlib.import_module(f"relubook.exercises.{path.stem}") for path in chapters]
    exercises = {exercise for module in modules for exercise in module.EXERCISES}
    assert set(RIGHT) == set(WRONG) == exercises
    assert min(map(len, RIGHT.values())) >= 2
    assert min(map(len, WRONG.values())) >= 5


def cases(answers):
    return [
        pytest.param(exercise, answer, id=f"{exercise}-{i}")
        for exercise, several in answers.items()
        for i, answer in enumerate(several)
    ]


@pytest.mark.parametrize(("exercise", "answer"), cases(RIGHT))
def test_right_answers_are_accepted(exercise, answer):
    solved, message = examine(exercise, answer)
    assert solved, message


@pytest.mark.parametrize(("exercise", "answer"), cases(WRONG))
def test_wrong_answers_are_rejected_with_a_reason(exercise, answer):
    solved, message = examine(exercise, answer)
    assert not solved
    assert len(message) > 20, "a message that helps says more"


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        ("02.1", lambda x: x if x > 0 else 0, "(nan): expected nan, got 0"),
        ("02.3", lambda f, x, h: (f(x + h) - f(x - h)) / h, "(square, 3.0, 0.5): expected 6.0, got 12.0"),
        ("02.2", nested_in_place, "changed its input"),
        ("02.1", lambda x: 1 / 0, "raised ZeroDivisionError"),
        ("02.1", 5, "Give the function itself"),
        ("02.1", lambda x: ..., "returned nothing"),
        (
            "01.2",
            ([[1, -1], [-1, 1]], [0, 0], [1, -1], 0),
            "x = (0, 1): hidden units [0.0, 1.0], output expected 1, got -1",
        ),
        ("01.3", [(1, 0, 1)], "At x = -3: expected 3, got 0"),
        ("01.1", lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2), "x = [1]: expected [-12.0], got [-9.0]"),
    ],
)
def test_messages_name_input_expected_and_got(exercise, answer, words):
    assert words in examine(exercise, answer)[1]


def test_check_says_it_in_one_sentence(capsys):
    check("02.1", RIGHT["02.1"][0])
    assert capsys.readouterr().out.startswith("Exercise 02.1: correct. ")
    check("02.1", WRONG["02.1"][0])
    assert capsys.readouterr().out.startswith("Exercise 02.1: not yet. ")


@pytest.mark.parametrize("unknown", ["02.9", "77.1", "nonsense", 2.1])
def test_unknown_exercises_are_named(unknown):
    with pytest.raises(ValueError, match="does not exist"):
        check(unknown, None)
