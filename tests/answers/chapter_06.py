"""Answers to the exercises of chapter 06, training a ReLU network: right ones and plausible wrong ones."""

import math
from collections import Counter

import numpy as np


# --- 06.1 ---
def confusion_by_counter(labels, answers, classes):
    pairs = Counter(zip(labels, answers, strict=True))
    return [[pairs[true, answered] for answered in range(classes)] for true in range(classes)]


def confusion_as_list_of_array(labels, answers, classes):
    counts = np.zeros((classes, classes), dtype=int)
    for label, answer in zip(labels, answers, strict=True):
        counts[label, answer] += 1
    return counts.tolist()


def confusion_turned(labels, answers, classes):
    return confusion_by_counter(answers, labels, classes)


def confusion_with_one_row(labels, answers, classes):
    counts = [[0] * classes] * classes
    for label, answer in zip(labels, answers, strict=True):
        counts[label][answer] += 1
    return counts


def confusion_of_mistakes(labels, answers, classes):
    counts = confusion_by_counter(labels, answers, classes)
    for i in range(classes):
        counts[i][i] = 0
    return counts


def confusion_as_shares(labels, answers, classes):
    counts = confusion_by_counter(labels, answers, classes)
    return [[count / max(1, sum(row)) for count in row] for row in counts]


# --- 06.2 ---
def trapezoid_by_cases(step, steps, warm):
    if step < warm:
        return step / warm
    if step <= steps / 2:
        return 1.0
    return 2 * (steps - step) / steps


# --- 06.3 ---
def stop_with_a_counter(losses, patience, least):
    best, kept, waited = math.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best - least:
            best, kept, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, kept
    return len(losses) - 1, kept


def stop_when(losses, patience, improves, best=math.inf):
    kept, last = 0, -1
    for last, loss in enumerate(losses):
        if improves(loss, best):
            best, kept = loss, last
        elif last - kept >= patience:
            break
    return last, kept


def stop_one_late(losses, patience, least):
    return stop_with_a_counter(losses, patience + 1, least)


def stop_at_the_first_rise(losses, patience, least):
    return stop_with_a_counter(losses, 1, least)


def stop_and_keep_the_last(losses, patience, least):
    last, _ = stop_with_a_counter(losses, patience, least)
    return last, last


# --- 06.4 ---
def clip_flat(gradients, limit):
    length = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return [g.copy() if length <= limit else g / length * limit for g in gradients]


def clip_each(gradients, limit):
    return [g * min(1, limit / max(np.linalg.norm(g), 1e-300)) for g in gradients]


def clip_always(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients)) or 1.0
    return [g * limit / length for g in gradients]


def clip_in_place(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    for g in gradients:
        if length > limit:
            g *= limit / length
    return gradients


def clip_by_sum_of_lengths(gradients, limit):
    length = sum(np.linalg.norm(g) for g in gradients)
    return [g * (limit / length if length > limit else 1) for g in gradients]


# --- 06.5 ---
def look_by_cases(loss, update_ratio):
    for value in loss:
        if math.isnan(value) or math.isinf(value):
            return "diverged"
    if any(ratio >= 0.1 for ratio in update_ratio):
        return "too high"
    return "too low" if all(ratio < 1e-4 for ratio in update_ratio) else "fine"


def look_at_ratios_first(loss, update_ratio):
    if max(update_ratio) >= 0.1:
        return "too high"
    return look_by_cases(loss, update_ratio)


def look_for_nan_alone(loss, update_ratio):
    finite = [1.0 if math.isinf(value) else value for value in loss]
    return look_by_cases(finite, update_ratio)


def look_at_the_first_step(loss, update_ratio):
    return look_by_cases(loss, update_ratio[:1])


def look_at_the_mean(loss, update_ratio):
    mean = sum(update_ratio) / len(update_ratio)
    return look_by_cases(loss, [mean])


def look_with_more_than(loss, update_ratio):
    word = look_by_cases(loss, update_ratio)
    return "fine" if word == "too high" and max(update_ratio) == 0.1 else word


RIGHT = {
    "06.1": [confusion_by_counter, confusion_as_list_of_array],
    "06.2": [lambda s, n, w: min(s / w if w else 1, 1, 2 * (n - s) / n), trapezoid_by_cases],
    "06.3": [
        stop_with_a_counter,
        lambda losses, p, least: stop_when(losses, p, lambda new, best: best - new > least),
        lambda losses, p, least: np.array(stop_with_a_counter(losses, p, least)),
    ],
    "06.4": [clip_flat, lambda gs, m: [g * (m / max(m, np.sqrt(sum((h**2).sum() for h in gs)))) for g in gs]],
    "06.5": [look_by_cases, lambda a, r: "diverged" if not np.isfinite(a).all() else look_by_cases(a, r)],
}

WRONG = {
    "06.1": [
        confusion_turned,
        confusion_with_one_row,  # the slip named in the hint
        confusion_of_mistakes,
        confusion_as_shares,
        lambda labels, answers, classes: sum(a == b for a, b in zip(labels, answers, strict=True)),
        lambda labels, answers, classes: np.zeros((classes, classes)),
        lambda labels, answers, classes: None,
    ],
    "06.2": [
        lambda s, n, w: min(s / w, 1, 2 * (n - s) / n),  # divides by 0
        lambda s, n, w: min(s / w if w else 1, 1, (n - s) / n),  # falls from the start
        lambda s, n, w: 1.0 if s <= n / 2 else 2 * (n - s) / n,  # no warm-up
        lambda s, n, w: min(s / w if w else 1, 1),
        lambda s, n, w: min((s + 1) / w if w else 1, 1, 2 * (n - s) / n),
        lambda s, n, w: math.nan,
    ],
    "06.3": [
        stop_one_late,
        stop_at_the_first_rise,
        stop_and_keep_the_last,
        lambda losses, p, least: stop_when(losses, p, lambda new, best: new < best),  # the smallest steps count
        lambda losses, p, least: stop_when(losses, p, lambda new, best: best - new >= least),
        lambda losses, p, least: stop_when(losses, p, lambda new, best: not best - new <= least),  # NaN is kept
        lambda losses, p, least: stop_when(losses, p, lambda new, best: best - new > least, losses[0]),  # a NaN first
        lambda losses, p, least: (len(losses) - 1, losses.index(min(losses))),
        lambda losses, p, least: "22",
        lambda losses, p, least: (math.inf, math.inf),
        lambda losses, p, least: min(losses),
    ],
    "06.4": [
        clip_each,  # the slip named in the solution
        clip_always,
        clip_in_place,
        clip_by_sum_of_lengths,
        lambda gs, m: [np.clip(g, -m, m) for g in gs],
        lambda gs, m: [g * m / np.sqrt(sum((h**2).sum() for h in gs)) for g in gs],
        lambda gs, m: [g * math.nan for g in gs],
    ],
    "06.5": [
        look_at_ratios_first,
        look_for_nan_alone,
        look_at_the_first_step,
        look_at_the_mean,
        look_with_more_than,
        lambda loss, ratio: "diverged" if math.inf in loss or math.nan in loss else look_by_cases([1.0], ratio),
        lambda loss, ratio: look_by_cases(loss, [max(ratio), min(ratio)]),  # max and a NaN
        lambda loss, ratio: True,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("06.1", confusion_turned, "Rows are true labels, columns are answers."),
    ("06.2", WRONG["06.2"][0], "raised ZeroDivisionError"),
    ("06.2", WRONG["06.2"][2], "expected 0"),
    ("06.3", stop_and_keep_the_last, "expected the last epoch 3 and the kept epoch 1, got (3, 3)"),
    ("06.4", clip_each, "length 5, limit 1: expected [0.6"),
    ("06.4", clip_in_place, "changed its input"),
    ("06.5", look_at_ratios_first, "expected 'diverged', got 'too high'"),
]
