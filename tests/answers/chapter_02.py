"""Answers to the exercises of chapter 02, ReLU in pure Python: right ones and plausible wrong ones."""


def relu_by_sign(x):
    return x if x != x or x > 0 else 0


def relu_by_max_in_the_right_order(x):
    return max(x, 0)


def relu_by_half_of_the_sum(x):
    return (x + abs(x)) / 2


def nested_with_a_loop(values):
    result = []
    for element in values:
        result.append(nested_with_a_loop(element) if isinstance(element, list) else max(element, 0))
    return result


def nested_by_comprehension(values):
    return [nested_by_comprehension(e) if isinstance(e, list) else max(0, e) for e in values]


def nested_in_place(values):
    for i, element in enumerate(values):
        values[i] = nested_in_place(element) if isinstance(element, list) else max(element, 0)
    return values


def nested_flattened(values):
    flat = []
    for element in values:
        flat.extend(nested_flattened(element) if isinstance(element, list) else [max(element, 0)])
    return flat


RIGHT = {
    "02.1": [
        lambda x: 0 if x < 0 else x,
        relu_by_sign,
        relu_by_max_in_the_right_order,
        lambda x: type(x)(0) if x < 0 else x,
    ],
    "02.2": [nested_with_a_loop, nested_by_comprehension],
    "02.3": [lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h), lambda f, x, h: 0.5 * (f(x + h) - f(x - h)) / h],
    "02.4": [
        lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope,
        lambda x, negative_slope=0.01: 1 if x >= 0 else negative_slope,
        lambda x, negative_slope=0.01: negative_slope + (x > 0) * (1 - negative_slope),
    ],
    "02.5": [lambda a: a <= 1, lambda a: not a > 1, lambda a: max(a * -3.0, -3.0) == a * -3.0],
}

WRONG = {
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
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("02.1", lambda x: x if x > 0 else 0, "(nan): expected nan, got 0"),
    ("02.3", lambda f, x, h: (f(x + h) - f(x - h)) / h, "(square, 3.0, 0.5): expected 6.0, got 12.0"),
    ("02.2", nested_in_place, "changed its input"),
    ("02.1", lambda x: 1 / 0, "raised ZeroDivisionError"),
    ("02.1", 5, "Give the function itself"),
    ("02.1", lambda x: ..., "returned nothing"),
]
