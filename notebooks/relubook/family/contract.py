"""What every function of the family answers to: :class:`Activation`, :class:`Gated`, :class:`Parameter`.

A function is a few **kernels** (short NumPy formulas for one flat piece of an array) and a few **facts**
(range, steepest slope, limits, …), each of them held by ``tests/test_family.py``. What is the same for all
stands here: reading the input, checking parameters, cutting large arrays into pieces that stay in the
processor's cache, rounding the result once.
"""

import functools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from relubook.functions import _as_numeric_array, _shortened

# So many elements are computed at a time: what a kernel writes and reads again is then still in the cache.
CHUNK = 16384
FLOATS = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function.

    Attributes
    ----------
    name : str
        What it is called as an argument, and in the formula.
    symbol : str
        How the page writes it: ``"α"``.
    default : float
    allowed : str
        Which values are legal, in words.
    slider : (float, float, float)
        Lowest value, highest value and step that are worth showing.
    accepts : callable
        From a finite float, or an array of them, to bool.
    array : bool
        Whether an array that broadcasts to the input's shape is legal (PReLU's slopes).
    """

    name: str
    symbol: str
    default: float
    allowed: str
    slider: tuple[float, float, float]
    accepts: Callable = field(default=lambda value: True, repr=False)
    array: bool = False

    def check(self, value, function):
        """Return ``value`` as a float (or float64 array), or say what is wrong with it."""
        said = f"{function}: {self.name} is {_shortened(value)}; allowed is {self.allowed}"
        numbers = _as_numbers(value)
        if numbers is None:
            raise TypeError(said)
        if numbers.ndim and not self.array:
            raise TypeError(f"{said}, one number")
        if not (np.isfinite(numbers).all() and np.all(self.accepts(numbers))):
            raise ValueError(said)
        return numbers if numbers.ndim else float(numbers)


def _as_numbers(value):
    """Return ``value`` as a float64 array, or None where it is no real number."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":  # Fraction, Decimal and the like
            return np.asarray(float(value))
        return array.astype(np.float64) if array.dtype.kind in "biuf" else None
    except (TypeError, ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Kernels:
    """The formulas of a function, each for one flat piece of an array of float32 or float64.

    Attributes
    ----------
    value : callable ``(x, out, spare, **parameters)``
        Writes the function's values into ``out``; ``spare`` is room for one intermediate result. Both have the
        shape and dtype of ``x``. New arrays would take longer than the arithmetic.
    first, second : callables ``(x, **parameters) -> array``
        The derivative and the second derivative.
    parameters : dict from a parameter's name to such a callable
        The derivatives with respect to the parameters.
    narrow : bool
        Whether ``value`` is accurate in float32 with the default parameters. Everything else is computed
        in float64 and rounded once.
    value64 : callable, optional
        As ``value``, for inputs that are float64 themselves, where ``value`` would not be accurate enough.
    """

    value: Callable
    first: Callable
    second: Callable
    parameters: Mapping[str, Callable] = field(default_factory=dict)
    narrow: bool = True
    value64: Callable | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a function; where it depends on the parameters, a callable ``(**parameters)``.

    Attributes
    ----------
    range : (low, high)
    lipschitz : float
        The steepest slope; infinite where there is none, as at a jump.
    monotone : bool
        Whether it never decreases.
    minimum : (x, value) or None
        The lowest point, where a function that is not monotone has one.
    limits : (at minus infinity, at plus infinity)
    convex : bool
    kinks : tuple of float
        Where it, its derivative or its second derivative jumps.
    roots : tuple of two tuples
        Where the derivative, and the second derivative, crosses 0, but for a crossing at 0 itself. Accuracy is
        absolute there; at 0 it is not, as no digits are lost.
    """

    range: tuple | Callable
    lipschitz: float | Callable
    monotone: bool | Callable
    limits: tuple | Callable
    minimum: tuple | Callable | None = None
    convex: bool | Callable = False
    kinks: tuple | Callable = ()
    roots: tuple | Callable = ((), ())


@dataclass(frozen=True, eq=False)
class _Member:
    """What elementwise and gated functions share."""

    name: str
    title: str
    year: int
    paper: str
    formula: str
    facts: Facts = field(repr=False)
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    constants: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    when: str = ""

    def _check(self, given):
        """Return every parameter, checked; what was not given has its default."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                allowed = f"allowed are {', '.join(known)}" if known else "it has no parameters"
                raise TypeError(f"{self.name}: there is no parameter {name!r}; {allowed}")
        values = {
            name: parameter.check(given[name], self.name) if name in given else parameter.default
            for name, parameter in known.items()
        }
        self._check_together(values)
        return values

    def _check_together(self, values):
        """Say what is wrong with parameters that are legal one by one."""

    def _known_parameter(self, name):
        names = [parameter.name for parameter in self.parameters]
        if name not in names:
            allowed = f"allowed are {', '.join(names)}" if names else "it has no parameters"
            raise ValueError(f"{self.name}: there is no parameter {name!r}; {allowed}")

    def _fact(self, name, given):
        values = self._check(given)
        for key, value in values.items():
            if np.ndim(value):
                raise TypeError(f"{self.name}: {key} is {_shortened(value)}; allowed is one number for {name}")
        fact = getattr(self.facts, name)
        return fact(**values) if callable(fact) else fact

    def range(self, **parameters):
        """Return (low, high): no value lies outside, and values come as near to both as one likes."""
        return self._fact("range", parameters)

    def lipschitz(self, **parameters):
        """Return the steepest slope, the Lipschitz constant; infinite where there is none."""
        return self._fact("lipschitz", parameters)

    def monotone(self, **parameters):
        """Return whether the function never decreases."""
        return self._fact("monotone", parameters)

    def convex(self, **parameters):
        """Return whether the function is convex: no chord runs below its graph."""
        return self._fact("convex", parameters)

    def minimum(self, **parameters):
        """Return the lowest point (x, value) of a function that also decreases; None if there is none."""
        return self._fact("minimum", parameters)

    @property
    def calls(self):
        """From a framework's name to the lines that call the function there."""
        from relubook.family.frameworks import CALLS

        return CALLS[self.name]

    @property
    def defaults(self):
        """From a framework's name to the defaults of each callable, as its documentation states them."""
        from relubook.family.frameworks import DEFAULTS

        return DEFAULTS[self.name]

    @property
    def disagreement(self):
        """Where the frameworks disagree, in a sentence; empty where they agree."""
        from relubook.family.frameworks import DISAGREEMENTS

        return DISAGREEMENTS.get(self.name, "")

    @property
    def speed(self):
        """Time for a million float32 on one thread as a ratio: to a plain ``"copies"``, and to ``"pytorch"``.

        Measured by ``python tools/bench.py family --store`` on one machine; on others it differs.
        """
        return _stored_speeds()["functions"].get(self.name)

    @property
    def latex(self):
        """The formula in LaTeX, made from ``formula`` by SymPy."""
        from relubook.family.formulas import latex

        symbols = {p.name: p.symbol for p in self.parameters}
        symbols |= {name: symbol for name, (symbol, _) in self.constants.items()}
        if isinstance(self, Gated):
            symbols |= {"value": "v", "gate": "g"}
        return latex(self.formula, symbols)


@dataclass(frozen=True, eq=False)
class Activation(_Member):
    """A function applied to each element by itself. It is called like one: ``FAMILY["elu"](x, alpha=1.5)``.

    Attributes
    ----------
    name, title : str
        What it is called in code, and on the page.
    aliases : tuple of str
        Its other names.
    year, paper : int, str
        When it was proposed, and where: a key of ``book/references.bib``.
    formula : str
        In ``x`` and the parameters' names, as SymPy reads it.
    parameters : tuple of :class:`Parameter`
    constants : dict from a name in the formula to (symbol, value)
        Numbers that have a name and are no parameters.
    when : str
        When it is worth trying.
    cost : str
        What makes the difference in time, to a plain copy and to PyTorch.
    accuracy_ulp : (float, float, float)
        How far value, first and second derivative are at most from the true one, in units in its last
        place. Within 1/4 of a root of a derivative (``facts.roots``), the unit is at least that of 1/8; where the
        true value is below 1024 times the smallest normal number, the unit is that of this bound. float16, and
        derivatives in float32, are computed with more digits and rounded once, so that half a unit is all they lose.
    """

    cost: str = field(repr=False, kw_only=True)
    kernels: Kernels = field(repr=False, kw_only=True)
    accuracy_ulp: tuple[float, float, float] = field(kw_only=True)

    def __call__(self, x, **parameters):
        """Return the function's value at each element of ``x``.

        Parameters
        ----------
        x : number, nested list or array of real numbers, any shape
            bool, integers, float16, float32 or float64. It is not changed.
        **parameters : numbers
            By name; those left out have their defaults.

        Returns
        -------
        array (or NumPy scalar, where ``x`` is a single number) of the shape of ``x``; float dtypes are
        kept, all others give float64. NaN stays NaN, infinity gives the limit. A value beyond the largest
        float of the dtype becomes infinite without a warning. The sign of a zero is unspecified.

        Raises
        ------
        TypeError
            ``x`` is not made of real numbers or has another dtype; an unknown parameter, or no number.
        ValueError
            ``x`` is a ragged list; a parameter lies outside its range.

        Examples
        --------
        >>> FAMILY["elu"]([-1.0, 0.0, 2.0], alpha=1.5).round(4)
        array([-0.9482,  0.    ,  2.    ])
        """
        values = self._check(parameters)
        x = read(x, self.name)
        kernel = self.kernels.value
        if x.dtype == np.float64 and self.kernels.value64:
            kernel = self.kernels.value64
        return write(kernel, x, values, self._narrow(values), self.name)

    def derivative(self, x, order=1, **parameters):
        """Return the first or second derivative at each element of ``x``.

        At a kink the first derivative is what PyTorch reports: 0 at 0 for ReLU, the slope on the left for the leaky
        ones and for ELU, 0 at both ends of hard tanh, hard sigmoid and ReLU6, 0 at -3 and 1 at 3 for hard swish.
        The second derivative is 0 at a kink.

        Parameters
        ----------
        x : as for a call
        order : 1 or 2
        **parameters : numbers

        Returns
        -------
        as for a call; infinity gives the limit of the derivative.

        Raises
        ------
        TypeError, ValueError
            as for a call; another ``order``.

        Examples
        --------
        >>> FAMILY["squared_relu"].derivative([-1.0, 3.0])
        array([0., 6.])
        """
        if isinstance(order, bool) or order not in (1, 2):
            raise ValueError(f"{self.name}: order is {_shortened(order)}; allowed are 1 and 2")
        kernel = self.kernels.first if order == 1 else self.kernels.second
        return self._compute(kernel, x, self._check(parameters))

    def parameter_derivative(self, x, name, **parameters):
        """Return the derivative with respect to the parameter ``name`` at each element of ``x``.

        Raises
        ------
        TypeError, ValueError
            as for a call; there is no parameter of that name.

        Examples
        --------
        >>> FAMILY["prelu"].parameter_derivative([-3.0, 2.0], "slope")
        array([-3.,  0.])
        """
        self._known_parameter(name)
        return self._compute(self.kernels.parameters[name], x, self._check(parameters))

    def _narrow(self, values):
        """Whether float32 will do: only for the default parameters, which float32 rounds harmlessly."""
        return self.kernels.narrow and all(
            np.ndim(values[p.name]) == 0 and values[p.name] == p.default for p in self.parameters
        )

    def _compute(self, kernel, x, values):
        return apply(kernel, (x,), ("x",), values, self.name)[0]

    def limits(self, **parameters):
        """Return the limits at minus infinity and at plus infinity."""
        return self._fact("limits", parameters)

    def kinks(self, **parameters):
        """Return where the function, its derivative or its second derivative jumps."""
        return self._fact("kinks", parameters)

    def moments(self, **parameters):
        """Return mean and second moment of the value, for a standard normal input.

        Computed by quadrature, to about 12 digits.

        Examples
        --------
        >>> [round(moment, 6) for moment in FAMILY["relu"].moments()]
        [0.398942, 0.5]
        """
        from relubook.family.moments import moments

        kinks = self._fact("kinks", parameters)
        return moments(lambda x: self(x, **parameters), kinks)

    def gain(self, **parameters):
        """Return the factor on 1/√fan_in that keeps the second moment at 1 from layer to layer.

        It is 1/√E[f(z)²] for standard normal z, √2 for ReLU.
        """
        return 1 / math.sqrt(self.moments(**parameters)[1])


@dataclass(frozen=True, eq=False)
class Gated(_Member):
    """A product of two inputs, one of them passed through a function: value · a(gate).

    In a network both come from the same layer's input, by two matrices.

    Attributes
    ----------
    as for :class:`Activation`, and

    gate : Activation or None
        The function of the gate; None stands for the identity.
    """

    gate: Activation | None = field(kw_only=True)
    accuracy_ulp: tuple[float, float, float] = field(kw_only=True)

    @property
    def cost(self):
        """What makes the difference in time to a plain copy."""
        through = f"as {self.gate.title}, and one product more" if self.gate else "one product of two inputs"
        return f"{through}, all in float64 and rounded once"

    def __call__(self, value, gate, **parameters):
        """Return ``value`` times the activated ``gate``.

        Parameters
        ----------
        value, gate : number, nested list or array of real numbers
            Their shapes broadcast; dtypes as for :class:`Activation`, of two different ones the wider.
        **parameters : numbers
            Those of the gate's function.

        Returns
        -------
        array (or NumPy scalar) of the common shape. Infinity times 0 is NaN, as ever.

        Raises
        ------
        TypeError, ValueError
            as for :class:`Activation`; the shapes do not broadcast.

        Examples
        --------
        >>> FAMILY["reglu"]([2.0, 2.0], [1.0, 3.0])
        array([2., 6.])
        """
        return self._compute(lambda v, g, a: (v * a(g),), value, gate, parameters)[0]

    def derivative(self, value, gate, order=1, **parameters):
        """Return the derivatives with respect to both inputs.

        Parameters
        ----------
        value, gate : as for a call
        order : 1 or 2
        **parameters : numbers

        Returns
        -------
        tuple of arrays
            For order 1 those by value and by gate; for order 2 those by value twice, by both, by gate twice.

        Raises
        ------
        TypeError, ValueError
            as for a call; another ``order``.

        Examples
        --------
        >>> FAMILY["bilinear"].derivative(2.0, 3.0)
        (np.float64(3.0), np.float64(2.0))
        """
        if isinstance(order, bool) or order not in (1, 2):
            raise ValueError(f"{self.name}: order is {_shortened(order)}; allowed are 1 and 2")
        first = self._gate_kernel("first", parameters)
        if order == 1:
            return self._compute(lambda v, g, a: (a(g), v * first(g)), value, gate, parameters, 2)
        second = self._gate_kernel("second", parameters)
        return self._compute(lambda v, g, a: (np.zeros_like(v), first(g), v * second(g)), value, gate, parameters, 3)

    def parameter_derivative(self, value, gate, name, **parameters):
        """Return the derivative with respect to the parameter ``name``.

        Raises
        ------
        TypeError, ValueError
            as for a call; there is no parameter of that name.
        """
        self._known_parameter(name)
        values = self._check(parameters)
        kernel = self.gate.kernels.parameters[name]
        return self._compute(lambda v, g, a: (v * kernel(g, **values),), value, gate, parameters)[0]

    def _gate_kernel(self, which, parameters):
        values = self._check(parameters)
        if self.gate is None:
            identity = {"value": lambda x: x, "first": np.ones_like, "second": np.zeros_like}
            return identity[which]
        kernel = getattr(self.gate.kernels, which)
        if which == "value":
            kernel = self.gate.kernels.value64 or kernel
        if which != "value":
            return lambda x: kernel(x, **values)

        def activate(x):
            out = np.empty_like(x)
            kernel(x, out, np.empty_like(x), **values)
            return out

        return activate

    def _compute(self, kernel, value, gate, parameters, results=1):
        activate = self._gate_kernel("value", parameters)
        return apply(lambda v, g: kernel(v, g, activate), (value, gate), ("value", "gate"), {}, self.name, results)

    def moments(self, **parameters):
        """Return mean and second moment for two independent standard normal inputs.

        The mean is 0, as the value's is; the second moment is that of the activated gate.
        """
        self._check(parameters)
        return 0.0, 1.0 if self.gate is None else self.gate.moments(**parameters)[1]

    def gain(self, **parameters):
        """Return 1/√ of the second moment, as for :class:`Activation`."""
        return 1 / math.sqrt(self.moments(**parameters)[1])


@functools.cache
def _stored_speeds():
    return json.loads(Path(__file__).with_name("speed.json").read_text(encoding="utf-8"))


def read(x, function, name="x"):
    """Return ``x`` as an array of float16, float32 or float64, or say what is wrong with it."""
    array = _as_numeric_array(x, function)
    if array.dtype.kind == "f":
        native = array.dtype.newbyteorder("=")
        if native not in FLOATS:
            raise TypeError(
                f"{function}: {name} has dtype {array.dtype}; allowed are bool, integers, float16, float32 and float64"
            )
        return array.astype(native, copy=False)
    if array.dtype.kind == "O":
        raise TypeError(
            f"{function}: {name} holds objects, given {_shortened(x)}; allowed are bool, integers, float16, "
            "float32 and float64"
        )
    return array.astype(np.float64)


def write(kernel, x, parameters, narrow, function):
    """Return what ``kernel(x, out, spare, **parameters)`` writes, computed in pieces.

    The pieces are float32 where the result is no wider and ``narrow`` allows it, and float64 otherwise.
    """
    work = np.dtype(np.float32) if narrow and x.dtype != np.float64 else np.dtype(np.float64)
    flat, arrays, rest, output, target = _prepare((x,), parameters, x.dtype, function, 1)
    size = min(CHUNK, flat[0].size)
    spare, room = np.empty(size, work), np.empty(size, work)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for start in range(0, flat[0].size, CHUNK):
            piece = slice(start, start + CHUNK)
            values = flat[0][piece].astype(work, copy=False)
            out = target[0][piece] if work == x.dtype else room[: values.size]
            kernel(values, out, spare[: values.size], **rest, **{name: value[piece] for name, value in arrays.items()})
            if work != x.dtype:
                target[0][piece] = out
    return output[0][()]


def apply(kernel, inputs, names, parameters, function, results=1):
    """Return the arrays that ``kernel(*inputs, **parameters)`` returns, computed in pieces and in float64.

    Inputs are first brought to one shape and dtype, which the results have too. The kernel returns an array, or a
    tuple of ``results`` arrays.
    """
    inputs = [read(x, function, name) for x, name in zip(inputs, names, strict=True)]
    try:
        np.broadcast_shapes(*(x.shape for x in inputs))
    except ValueError as error:
        shapes = " and ".join(f"{name} has shape {x.shape}" for name, x in zip(names, inputs, strict=True))
        raise ValueError(f"{function}: {shapes}; allowed are shapes that broadcast") from error
    flat, arrays, rest, outputs, targets = _prepare(inputs, parameters, np.result_type(*inputs), function, results)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for start in range(0, flat[0].size, CHUNK):
            piece = slice(start, start + CHUNK)
            pieces = [x[piece].astype(np.float64, copy=False) for x in flat]
            computed = kernel(*pieces, **rest, **{name: value[piece] for name, value in arrays.items()})
            for target, values in zip(targets, computed if isinstance(computed, tuple) else (computed,), strict=True):
                target[piece] = values
    return tuple(output[()] for output in outputs)


def _prepare(inputs, parameters, dtype, function, results):
    """Return flat inputs, parameters that are arrays (flat), the other parameters, results and flat views of these."""
    shape = inputs[0].shape if len(inputs) == 1 else np.broadcast_shapes(*(x.shape for x in inputs))
    fortran = len(shape) > 1 and all(x.flags.f_contiguous and x.shape == shape for x in inputs)
    order = "F" if fortran else "C"
    arrays = {name: value for name, value in parameters.items() if np.ndim(value)}
    rest = {name: value for name, value in parameters.items() if name not in arrays}
    for name, value in arrays.items():
        try:
            arrays[name] = _flat(value, shape, order)
        except ValueError as error:
            raise ValueError(
                f"{function}: {name} has shape {value.shape}; allowed is one that broadcasts to the shape of x, {shape}"
            ) from error
    outputs = [np.empty(shape, dtype, order=order) for _ in range(results)]
    targets = [output.reshape(-1, order=order) for output in outputs]
    return [_flat(x, shape, order) for x in inputs], arrays, rest, outputs, targets


def _flat(x, shape, order):
    """Return ``x``, broadcast to ``shape``, as a flat array in ``order``; no copy where none is needed."""
    return (x if x.shape == shape else np.broadcast_to(x, shape)).reshape(-1, order=order)
