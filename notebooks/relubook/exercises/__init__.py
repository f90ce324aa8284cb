"""Instant checks for the exercises.

``check("02.1", my_function)`` says "correct", or "not yet" with the input that shows it, what was
expected and what came. What each exercise asks stands in ``chapter_NN.py`` beside this file.

The checks know no particular solution: they call what they are given and look at what comes back.
"""

import copy
import importlib
import math
import numbers
import textwrap


class NotYet(Exception):
    """An answer is not right yet; the message says for which input."""


def check(exercise, answer):
    """Print whether ``answer`` solves the exercise, and if not, an input that shows it.

    Parameters
    ----------
    exercise : str
        Chapter and number, such as ``"02.1"``.
    answer : function or value
        What the exercise asks for.

    Raises
    ------
    ValueError
        There is no such exercise.
    """
    solved, message = examine(exercise, answer)
    verdict = f"Exercise {exercise}: {'correct' if solved else 'not yet'}. {message}"
    print(textwrap.fill(verdict, width=68, subsequent_indent="    ", break_long_words=False))


def examine(exercise, answer):
    """Return (solved, message) for an answer; the arguments are those of :func:`check`."""
    examiner = _examiner(exercise)
    try:
        return True, examiner(answer)
    except NotYet as reason:
        return False, str(reason)


def _examiner(exercise):
    chapter = str(exercise).partition(".")[0]
    try:
        exercises = importlib.import_module(f"{__name__}.chapter_{chapter}").EXERCISES
        return exercises[exercise]
    except (ModuleNotFoundError, KeyError):
        known = f"this chapter has {', '.join(exercises)}" if "exercises" in locals() else "write it as '02.1'"
        raise ValueError(f"check: exercise is {exercise!r}, which does not exist; {known}") from None


def require_function(answer):
    """The exercise asks for a function: was one given?"""
    if not callable(answer):
        raise NotYet(f"Give the function itself, without brackets after its name; got {show(answer)}.")


def call(function, *arguments, **options):
    """Call the reader's function on copies; its exceptions and changed inputs become messages."""
    given = copy.deepcopy(arguments)
    shown = shown_call(function, arguments, options)
    try:
        result = function(*given, **options)
    except Exception as error:  # whatever a reader's code can raise
        raise NotYet(f"{shown} raised {type(error).__name__}: {error}") from error
    if [_content(a) for a in given] != [_content(a) for a in arguments]:
        raise NotYet(f"{shown} changed its input to {', '.join(map(show, given))}; return something new instead.")
    if result is Ellipsis or (result is None and _is_unwritten(function)):
        raise NotYet(f"{shown} returned nothing; write your own line in place of the three dots.")
    if result is None:
        raise NotYet(f"{shown} returned None. Replace the three dots, or check that every branch has a return.")
    return result


def _three_dots():
    ...


def _is_unwritten(function):
    """Is the body still the three dots and nothing else?"""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_code == _three_dots.__code__.co_code


def _content(argument):
    """What an argument holds; an array's repr leaves out its middle."""
    return argument.tobytes() if hasattr(argument, "tobytes") else repr(argument)


def expect(function, arguments, expected, *, tolerance=0.0, exact_type=False, hint="", **options):
    """Compare one call of the reader's function with what is expected."""
    got = call(function, *arguments, **options)
    if not same(got, expected, tolerance, exact_type):
        types = f" of type {type(expected).__name__}", f" of type {type(got).__name__}"
        wanted, came = types if exact_type and type(got) is not type(expected) else ("", "")
        raise NotYet(
            f"{shown_call(function, arguments, options)}: expected {show(expected)}{wanted}, "
            f"got {show(got)}{came}.{' ' + hint if hint else ''}"
        )


def same(got, expected, tolerance=0.0, exact_type=False):
    """Equal in value: NaN equals NaN, the sign of zero is not looked at, lists element by element."""
    if exact_type and type(got) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(got, type(expected))
            and len(got) == len(expected)
            and all(same(g, e, tolerance, exact_type) for g, e in zip(got, expected, strict=True))
        )
    if not isinstance(got, numbers.Number) or isinstance(got, complex):
        return False
    if got != got or expected != expected:
        return got != got and expected != expected
    if math.isinf(expected) or math.isinf(got) or tolerance == 0:
        return bool(got == expected)
    return abs(got - expected) <= tolerance


def as_number(got, case):
    """What came back as a float, if it is one real number."""
    try:
        if isinstance(got, (str, bytes)):
            raise TypeError
        return float(got)
    except (TypeError, ValueError):
        raise NotYet(f"{case}: return one number; got {show(got)}.") from None


def as_array(got, shape, case):
    """What came back as an array of float64, if it is made of real numbers and has the expected shape."""
    import numpy as np  # chapter 02 has no NumPy yet

    try:
        array = np.asarray(got, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotYet(f"{case}: return an array of numbers; got {show(got)}.") from None
    if array.shape != shape:
        raise NotYet(f"{case}: expected the shape {shape}, got {array.shape}.")
    return array


def shown_call(function, arguments, options):
    """A call as a reader would write it."""
    inside = [show(a) for a in arguments] + [f"{name}={show(value)}" for name, value in options.items()]
    return f"{getattr(function, '__name__', 'your function')}({', '.join(inside)})"


def show(value, limit=90):
    """``repr``, on one line and not too long; functions by their name."""
    # Where integers have 32 bits by default, as in a browser, NumPy names the 64 of those that everyone else has.
    text = getattr(value, "__name__", None) or " ".join(repr(value).replace(", dtype=int64", "").split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
