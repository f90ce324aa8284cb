"""The members made of straight or squared pieces. Everything here is exact up to one or two roundings."""

import numpy as np

from relubook.family.contract import Activation, Facts, Kernels, Parameter, apply, read, write
from relubook.functions import _choose_line
from relubook.functions import leaky_relu as _leaky_relu
from relubook.functions import leaky_relu_derivative as _leaky_relu_derivative
from relubook.functions import relu as _relu
from relubook.functions import relu_derivative as _relu_derivative

INFINITY = float("inf")


def _keep_nan(result, x):
    """Put NaN into ``result`` where ``x`` is NaN; comparisons have lost it there."""
    np.copyto(result, x, where=np.isnan(x))
    return result


def _flat_everywhere(x, **parameters):
    """The second derivative of straight pieces."""
    return _keep_nan(np.zeros_like(x), x)


def _inside(x, low, high, slope):
    """``slope`` where low < x < high, 0 elsewhere."""
    return _keep_nan(np.where((x > low) & (x < high), x.dtype.type(slope), x.dtype.type(0)), x)


def _below_zero(x, **parameters):
    """min(x, 0): how a slope below 0 acts."""
    return np.minimum(x, 0)


# --- functions that relubook.functions has -----------------------------------------------------------------------


class _FromFunctions(Activation):
    """Values come from relubook.functions, which has its own quick way through large arrays."""

    def __call__(self, x, **parameters):
        values = self._check(parameters)
        with np.errstate(over="ignore", under="ignore"):
            return self._through(read(x, self.name), values)

    __call__.__doc__ = Activation.__call__.__doc__

    def _through(self, x, values):
        return _relu(x)


def _relu_into(x, out, spare):
    _relu(x, out=out)


class _Leaky(_FromFunctions):
    def _through(self, x, values):
        (slope,) = values.values()
        if np.ndim(slope) or x.dtype == np.float16:
            return write(self.kernels.value, x, values, False, self.name)
        return _leaky_relu(x, negative_slope=slope)


RELU = _FromFunctions(
    name="relu",
    title="ReLU",
    aliases=("rectifier", "rectified linear unit", "ramp"),
    year=2010,
    paper="nair2010rectified",
    formula="Piecewise((x, x > 0), (0, True))",
    when="the first try in a plain or convolutional network: cheap, and its zeros are exact",
    cost="one comparison with a short row of zeros that stays in the cache; as quick as memory can be written",
    kernels=Kernels(_relu_into, _relu_derivative, _flat_everywhere),
    facts=Facts(range=(0.0, INFINITY), lipschitz=1.0, monotone=True, limits=(0.0, INFINITY), convex=True, kinks=(0.0,)),
    accuracy_ulp=(0, 0, 0),
)


def _relu6(x, out, spare):
    np.clip(x, 0, 6, out=out)


RELU6 = Activation(
    name="relu6",
    title="ReLU6",
    aliases=("clipped ReLU", "ReLU capped at 6"),
    year=2010,
    paper="krizhevsky2010convolutional",
    formula="Piecewise((0, x <= 0), (x, x < 6), (6, True))",
    when="networks that run in 8-bit or fixed-point arithmetic, where a bounded range keeps the steps small",
    cost="NumPy's clip, which does two comparisons in one pass",
    kernels=Kernels(_relu6, lambda x: _inside(x, 0, 6, 1), _flat_everywhere),
    facts=Facts(range=(0.0, 6.0), lipschitz=1.0, monotone=True, limits=(0.0, 6.0), kinks=(0.0, 6.0)),
    accuracy_ulp=(0, 0, 0),
)


def _hard_tanh(x, out, spare):
    np.clip(x, -1, 1, out=out)


HARD_TANH = Activation(
    name="hard_tanh",
    title="Hard tanh",
    aliases=("Hardtanh", "clipped identity"),
    year=2011,
    paper="collobert2011natural",
    formula="Piecewise((-1, x <= -1), (x, x < 1), (1, True))",
    when="a bounded, zero-centred output at the price of a comparison; quantised networks",
    cost="NumPy's clip, which does two comparisons in one pass",
    kernels=Kernels(_hard_tanh, lambda x: _inside(x, -1, 1, 1), _flat_everywhere),
    facts=Facts(range=(-1.0, 1.0), lipschitz=1.0, monotone=True, limits=(-1.0, 1.0), kinks=(-1.0, 1.0)),
    accuracy_ulp=(0, 0, 0),
)


# --- a slope below 0 ---------------------------------------------------------------------------------------------


def _sloped(x, slope):
    """x above 0 and slope · x below, for a number or for one slope an element."""
    below = slope * x
    below = np.where((slope == 0) & np.isinf(x), 0, below)  # 0 · inf would be NaN
    return np.where(x > 0, x, below)


def _sloped_into(x, out, spare, slope):
    if np.ndim(slope):
        out[:] = _sloped(x, slope)
    elif slope == 0:
        _relu(x, out=out)
    else:
        _choose_line(x, slope, out)


def _sloped_derivative(x, slope):
    if np.ndim(slope) == 0:
        return _leaky_relu_derivative(x, negative_slope=slope)
    return _keep_nan(np.where(x > 0, 1.0, slope), x)


def _sloped_facts(slope_of):
    """The facts of a leaky function, whose slope below 0 is ``slope_of(**parameters)``."""

    def low(**parameters):
        return -INFINITY if slope_of(**parameters) > 0 else 0.0

    def at_minus_infinity(slope):
        return 0.0 if slope == 0 else float(np.copysign(INFINITY, -slope))

    return Facts(
        range=lambda **p: (low(**p), INFINITY),
        lipschitz=lambda **p: max(1.0, abs(slope_of(**p))),
        monotone=lambda **p: slope_of(**p) >= 0,
        minimum=lambda **p: (0.0, 0.0) if slope_of(**p) < 0 else None,
        limits=lambda **p: (at_minus_infinity(slope_of(**p)), INFINITY),
        convex=lambda **p: slope_of(**p) <= 1,
        kinks=(0.0,),
    )


LEAKY_RELU = _Leaky(
    name="leaky_relu",
    title="Leaky ReLU",
    aliases=("LReLU", "leaky rectifier"),
    year=2013,
    paper="maas2013rectifier",
    formula="Piecewise((x, x > 0), (negative_slope*x, True))",
    parameters=(Parameter("negative_slope", "α", 0.01, "a finite number", (-0.5, 1.0, 0.01)),),
    when="when units of a ReLU network die: none is without a gradient; what killed them is still to be mended",
    cost="one product, and the larger of two arrays; choosing by np.where is more than ten times as slow",
    kernels=Kernels(
        lambda x, out, spare, negative_slope: _sloped_into(x, out, spare, negative_slope),
        lambda x, negative_slope: _sloped_derivative(x, negative_slope),
        _flat_everywhere,
        {"negative_slope": _below_zero},
    ),
    facts=_sloped_facts(lambda negative_slope: negative_slope),
    accuracy_ulp=(1, 0.5, 0),
)

PRELU = _Leaky(
    name="prelu",
    title="PReLU",
    aliases=("parametric ReLU", "parametric rectifier"),
    year=2015,
    paper="he2015delving",
    formula="Piecewise((x, x > 0), (slope*x, True))",
    parameters=(
        Parameter(
            "slope", "a", 0.25, "a finite number, or an array of them that broadcasts to the shape of x",
            (-0.5, 1.5, 0.05), array=True,
        ),
    ),
    when="as leaky ReLU, where a few more parameters that learn are welcome",
    cost="as leaky ReLU while the slope is one number; a slope for each channel goes the long way round",
    kernels=Kernels(_sloped_into, _sloped_derivative, _flat_everywhere, {"slope": _below_zero}),
    facts=_sloped_facts(lambda slope: slope),
    accuracy_ulp=(1, 0.5, 0),
)  # fmt: skip


class _Randomised(Activation):
    """RReLU: in training each element draws its own slope, in evaluation all have the mean of the two bounds."""

    def _check_together(self, values):
        if values["lower"] > values["upper"]:
            raise ValueError(
                f"{self.name}: lower is {values['lower']} and upper is {values['upper']}; allowed is lower ≤ upper"
            )

    def train(self, x, generator, **parameters):
        """Return what the function does in training: values, and the slopes that were drawn.

        Parameters
        ----------
        x : number, nested list or array of real numbers, any shape
        generator : numpy.random.Generator
            Draws a slope for every element below 0, uniformly from ``lower`` to ``upper``.
        **parameters : numbers
            ``lower`` and ``upper``.

        Returns
        -------
        (values, slopes)
            Arrays (or NumPy scalars) of the shape of ``x``. ``slopes`` is the derivative of this draw: 1 above 0.

        Raises
        ------
        TypeError, ValueError
            as for a call; ``generator`` is no ``numpy.random.Generator``.

        Source
        ------
        Xu, Wang, Chen and Li (2015), *Empirical evaluation of rectified activations in convolutional network*.

        Examples
        --------
        >>> values, slopes = FAMILY["rrelu"].train([-4.0, 4.0], np.random.default_rng(0), lower=0.25, upper=0.25)
        >>> values, slopes
        (array([-1.,  4.]), array([0.25, 1.  ]))
        """
        if not isinstance(generator, np.random.Generator):
            raise TypeError(
                f"{self.name}: generator is a {type(generator).__name__}; allowed is a numpy.random.Generator"
            )
        values = self._check(parameters)
        x = read(x, self.name)
        slopes = generator.uniform(values["lower"], values["upper"], x.shape)

        def kernel(x, slopes):
            return _sloped(x, slopes), _sloped_derivative(x, slopes)

        return apply(kernel, (x,), ("x",), {"slopes": np.asarray(slopes) if x.ndim else float(slopes)}, self.name, 2)


def _mean_slope(lower, upper):
    return lower / 2 + upper / 2


RRELU = _Randomised(
    name="rrelu",
    title="RReLU",
    aliases=("randomised leaky ReLU", "randomized leaky ReLU"),
    year=2015,
    paper="xu2015empirical",
    formula="Piecewise((x, x > 0), ((lower + upper)/2*x, True))",
    parameters=(
        Parameter("lower", "l", 1 / 8, "a finite number, not above upper", (0.0, 0.5, 0.001)),
        Parameter("upper", "u", 1 / 3, "a finite number, not below lower", (0.0, 0.5, 0.001)),
    ),
    when="small data sets, where slopes drawn anew at each step act as noise against overfitting",
    cost="as leaky ReLU in evaluation; training draws a random number for each element",
    kernels=Kernels(
        lambda x, out, spare, lower, upper: _sloped_into(x, out, spare, _mean_slope(lower, upper)),
        lambda x, lower, upper: _sloped_derivative(x, _mean_slope(lower, upper)),
        _flat_everywhere,
        {name: (lambda x, lower, upper: np.minimum(x, 0) / 2) for name in ("lower", "upper")},
    ),
    facts=_sloped_facts(_mean_slope),
    accuracy_ulp=(1, 0.5, 0),
)

# --- a jump, squares ---------------------------------------------------------------------------------------------


def _thresholded(x, out, spare, theta):
    np.maximum(x, 0, out=out)  # -inf · 0 would be NaN; theta is not below 0
    out *= x > theta


THRESHOLDED_RELU = Activation(
    name="thresholded_relu",
    title="Thresholded ReLU",
    aliases=("TRec", "truncated rectifier"),
    year=2014,
    paper="konda2014zero",
    formula="Piecewise((x, x > theta), (0, True))",
    parameters=(
        Parameter("theta", "θ", 1.0, "a finite number, 0 or more", (0.0, 2.0, 0.1), lambda value: value >= 0),
    ),
    when="sparse codes: values below the threshold are cut off, the others are not shifted",
    cost="a comparison, and a product with its outcome",
    kernels=Kernels(
        _thresholded,
        lambda x, theta: _keep_nan(np.where(x > theta, 1.0, 0.0), x),
        _flat_everywhere,
        {"theta": _flat_everywhere},
    ),
    facts=Facts(
        range=(0.0, INFINITY),
        lipschitz=lambda theta: 1.0 if theta == 0 else INFINITY,
        monotone=True,
        limits=(0.0, INFINITY),
        convex=lambda theta: theta == 0,
        kinks=lambda theta: (theta,),
    ),
    accuracy_ulp=(0, 0, 0),
)


def _squared(x, out, spare):
    np.maximum(x, 0, out=out)
    out *= out


SQUARED_RELU = Activation(
    name="squared_relu",
    title="Squared ReLU",
    aliases=("ReLU²", "ReLU2", "SqReLU"),
    year=2021,
    paper="so2021primer",
    formula="Piecewise((x**2, x > 0), (0, True))",
    when="the feed-forward layers of transformers, where its many zeros can be skipped",
    cost="a comparison and a product; PyTorch needs two calls too",
    kernels=Kernels(
        _squared,
        lambda x: 2 * np.maximum(x, 0),
        lambda x: _keep_nan(np.where(x > 0, 2.0, 0.0), x),
    ),
    facts=Facts(
        range=(0.0, INFINITY), lipschitz=INFINITY, monotone=True, limits=(0.0, INFINITY), convex=True, kinks=(0.0,)
    ),
    accuracy_ulp=(0.5, 0, 0),
)


def _hard_sigmoid(x, out, spare):
    np.add(x, 3, out=out)  # exact near -3, where x/6 + 1/2 would lose digits
    np.clip(out, 0, 6, out=out)
    out /= 6


HARD_SIGMOID = Activation(
    name="hard_sigmoid",
    title="Hard sigmoid",
    aliases=("Hardsigmoid", "h-sigmoid"),
    year=2015,
    paper="courbariaux2015binaryconnect",
    formula="Piecewise((0, x <= -3), ((x + 3)/6, x < 3), (1, True))",
    when="gates on small devices: the sigmoid without an exponential",
    cost="a sum, a clip and a division",
    kernels=Kernels(_hard_sigmoid, lambda x: _inside(x, -3, 3, 1 / 6), _flat_everywhere),
    facts=Facts(range=(0.0, 1.0), lipschitz=1 / 6, monotone=True, limits=(0.0, 1.0), kinks=(-3.0, 3.0)),
    accuracy_ulp=(1.5, 0.5, 0),
)


def _hard_swish(x, out, spare):
    _hard_sigmoid(x, out, spare)
    np.maximum(x, -3, out=spare)  # -inf · 0 would be NaN
    out *= spare


def _hard_swish_first(x):
    middle = (2 * np.clip(x, -3, 3) + 3) / 6
    return np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, middle))


HARD_SWISH = Activation(
    name="hard_swish",
    title="Hard swish",
    aliases=("Hardswish", "h-swish", "hard SiLU"),
    year=2019,
    paper="howard2019searching",
    formula="Piecewise((0, x <= -3), (x*(x + 3)/6, x < 3), (x, True))",
    when="networks for phones (MobileNetV3): the shape of SiLU without an exponential",
    cost="as the hard sigmoid, with a bound and a product more",
    kernels=Kernels(_hard_swish, _hard_swish_first, lambda x: _inside(x, -3, 3, 1 / 3)),
    facts=Facts(
        range=(-0.375, INFINITY),
        lipschitz=1.5,
        monotone=False,
        minimum=(-1.5, -0.375),
        limits=(0.0, INFINITY),
        kinks=(-3.0, 3.0),
        roots=((-1.5,), ()),
    ),
    accuracy_ulp=(2.5, 1.5, 0.5),
)
