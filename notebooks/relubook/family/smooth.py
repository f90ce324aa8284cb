"""The members with an exponential in them.

Each formula is arranged so that no exponential can overflow, nothing that is nearly equal is subtracted
(but at a root), and small values keep their digits: the tail of a sigmoid is computed from exp(x), not
from 1 - something. ``e`` is always an exponential of something that is not positive, or bounded.
"""

import math

import numpy as np

from relubook.family.contract import Activation, Facts, Kernels, Parameter

INFINITY = float("inf")
FAR = 800.0  # exp(-FAR) is 0 in float64, and FAR · 0 is 0, which infinity · 0 is not
ONE = 40.0  # exp(-ONE) is nothing beside 1


# --- products to twice the digits --------------------------------------------------------------------------------
#
# exp(z) has a relative error as large as the absolute one of z: rounded to 53 bits, a product of 700 has lost ten of
# exp's. So what the rounding of a product left out is kept, and exp(z + rest) is exp(z)·(1 + rest).

_HEAD = np.int64(-1 << 27)  # the bits of a float64 but the last 27


def _split(x):
    """Two numbers that add up to ``x`` and have so few digits that products of such are exact."""
    x = np.asarray(x, np.float64)
    head = (x.view(np.int64) & _HEAD).view(np.float64)
    return head, x - head


def _product(a, x):
    """a·x, rounded, and what the rounding left out."""
    product = a * x
    (a_head, a_tail), (x_head, x_tail) = _split(a), _split(x)
    rest = ((a_head * x_head - product) + a_head * x_tail + a_tail * x_head) + a_tail * x_tail
    return product, rest


def _argument(a, x, a_rest=0.0):
    """z = (a + a_rest)·x, kept within ±FAR, and its rest."""
    if a == 0:
        return np.where(np.isnan(x), x, 0.0), np.zeros_like(x)
    z, rest = _product(a, x)
    rest += a_rest * x
    far = ~(np.abs(z) < FAR)
    z[far] = np.clip(z[far], -FAR, FAR)
    rest[far] = 0
    return z, rest


def _exp_minus_abs(z, rest):
    """exp(-|z + rest|) for a small rest."""
    e = np.exp(-np.abs(z))
    return e - e * (np.sign(z) * rest)


# --- the sigmoid and what it is part of --------------------------------------------------------------------------


def _sigmoid(x, out, spare):
    np.minimum(x, ONE, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=spare)
    out /= spare


def _sigmoid_of(z, rest):
    e = _exp_minus_abs(z, rest)
    return np.where(z < 0, e, 1.0) / (1 + e)


def _sigmoid_first(z, rest=0.0):
    e = _exp_minus_abs(z, rest)
    return e / (1 + e) ** 2


def _sigmoid_second(x):
    # 1 - 2σ is -tanh(x/2), which loses nothing near 0.
    return -np.tanh(x / 2) * _sigmoid_first(x)


SIGMOID = Activation(
    name="sigmoid",
    title="Sigmoid",
    aliases=("logistic", "logistic sigmoid", "expit", "σ"),
    year=1986,
    paper="rumelhart1986learning",
    formula="1/(1 + exp(-x))",
    when="gates, and an output that is a probability; not for hidden layers",
    cost="one exp and one division, each a pass of its own through a piece of the array; PyTorch makes one pass of all",
    kernels=Kernels(_sigmoid, _sigmoid_first, _sigmoid_second),
    facts=Facts(range=(0.0, 1.0), lipschitz=0.25, monotone=True, limits=(0.0, 1.0)),
    accuracy_ulp=(5, 5, 8),
)


def _tanh(x, out, spare):
    np.tanh(x, out=out)


def _tanh_first(x):
    e = np.exp(-2 * np.minimum(np.abs(x), FAR))
    return 4 * e / (1 + e) ** 2


def _tanh_second(x):
    return -2 * np.tanh(x) * _tanh_first(x)


TANH = Activation(
    name="tanh",
    title="Tanh",
    aliases=("hyperbolic tangent",),
    year=1998,
    paper="lecun1998efficient",
    formula="tanh(x)",
    when="bounded, zero-centred states, as in recurrent networks",
    cost="NumPy's own tanh, which is vectorised on every processor",
    kernels=Kernels(_tanh, _tanh_first, _tanh_second),
    facts=Facts(range=(-1.0, 1.0), lipschitz=1.0, monotone=True, limits=(-1.0, 1.0)),
    accuracy_ulp=(3, 5, 8),
)


def _softsign(x, out, spare):
    np.clip(x, -1e30, 1e30, out=out)  # infinity / infinity would be NaN
    np.abs(out, out=spare)
    spare += 1
    out /= spare


def _softsign_first(x):
    reciprocal = 1 / (1 + np.abs(x))
    return reciprocal * reciprocal


def _softsign_second(x):
    reciprocal = 1 / (1 + np.abs(x))
    return -2 * np.sign(x) * (reciprocal * reciprocal * reciprocal)


SOFTSIGN = Activation(
    name="softsign",
    title="Softsign",
    aliases=("Elliott", "elliotsig"),
    year=2009,
    paper="bergstra2009quadratic",
    formula="x/(1 + Abs(x))",
    when="as tanh, with tails that fade slowly and no exponential",
    cost="a bound, an absolute value, a sum and a division; PyTorch's softsign is made of such passes too",
    kernels=Kernels(_softsign, _softsign_first, _softsign_second),
    facts=Facts(range=(-1.0, 1.0), lipschitz=1.0, monotone=True, limits=(-1.0, 1.0), kinks=(0.0,)),
    accuracy_ulp=(2, 3, 4),
)

# --- exponential below 0 -----------------------------------------------------------------------------------------


def _scaled_elu(x, out, spare, z, above, below):
    """above · max(x, 0) + below · (exp(min(z, 0)) - 1), where ``z`` may be ``out``.

    With t = tanh(z/2), exp(z) - 1 is 2t/(1 - t): NumPy has a vectorised tanh on every processor, and expm1 on few.
    """
    np.minimum(z, 0, out=out)
    out *= 0.5
    np.tanh(out, out=out)
    np.subtract(1, out, out=spare)
    out /= spare
    out *= 2 * below
    np.maximum(x, 0, out=spare)
    if above != 1:
        spare *= above
    out += spare


def _elu(x, out, spare, alpha):
    _scaled_elu(x, out, spare, x, 1.0, alpha)


def _scaled_elu_first(x, above, below):
    """At 0 the slope on the left, as PyTorch has it."""
    return np.where(x > 0, above, below * np.exp(np.minimum(x, 0)))


def _scaled_elu_second(x, below):
    return np.where(x >= 0, 0.0, below * np.exp(np.minimum(x, 0)))


ELU = Activation(
    name="elu",
    title="ELU",
    aliases=("exponential linear unit",),
    year=2016,
    paper="clevert2016fast",
    formula="Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))",
    parameters=(Parameter("alpha", "α", 1.0, "a finite number", (0.0, 3.0, 0.1)),),
    when="deep plain networks: a mean nearer 0 than ReLU's, and no unit without a gradient",
    cost="one tanh in place of expm1, which NumPy has in vectorised form on few processors",
    kernels=Kernels(
        _elu,
        lambda x, alpha: _scaled_elu_first(x, 1.0, alpha),
        lambda x, alpha: _scaled_elu_second(x, alpha),
        {"alpha": lambda x, alpha: np.expm1(np.minimum(x, 0))},
    ),
    facts=Facts(
        range=lambda alpha: (min(-alpha, 0.0), INFINITY),
        lipschitz=lambda alpha: max(1.0, abs(alpha)),
        monotone=lambda alpha: alpha >= 0,
        minimum=lambda alpha: (0.0, 0.0) if alpha < 0 else None,
        limits=lambda alpha: (-alpha, INFINITY),
        convex=lambda alpha: 0 <= alpha <= 1,
        kinks=(0.0,),
    ),
    accuracy_ulp=(5, 2, 2),
)


def _celu(x, out, spare, alpha):
    np.divide(x, alpha, out=out)
    _scaled_elu(x, out, spare, out, 1.0, alpha)


def _celu_first(x, alpha):
    z = np.maximum(np.minimum(x, 0) / alpha, -FAR)
    product, rest = _product(alpha, z)
    rest = np.where(z > -FAR, ((x - product) - rest) / alpha, 0.0)
    return np.where(x > 0, 1.0, np.exp(z) * (1 + rest))


def _celu_alpha(x, alpha):
    """exp(z) - 1 - z·exp(z) for z = min(x/α, 0), by its series where the terms nearly cancel."""
    z = np.maximum(np.minimum(x / alpha, 0), -FAR)
    series = np.zeros_like(z)
    near = np.maximum(z, -1)
    for k in range(22, 1, -1):
        series = series * near + (1 - k) / math.factorial(k)
    return np.where(z > -1, near * near * series, np.expm1(z) - z * np.exp(z))


CELU = Activation(
    name="celu",
    title="CELU",
    aliases=("continuously differentiable ELU",),
    year=2017,
    paper="barron2017continuously",
    formula="Piecewise((x, x > 0), (alpha*(exp(x/alpha) - 1), True))",
    parameters=(
        Parameter("alpha", "α", 1.0, "a finite number above 0", (0.1, 3.0, 0.1), lambda value: value > 0),
    ),
    when="as ELU, where α is not 1: its slope is continuous for every α",
    cost="as ELU, with a division more",
    kernels=Kernels(
        _celu,
        _celu_first,
        lambda x, alpha: np.where(x >= 0, 0.0, _celu_first(x, alpha) / alpha),
        {"alpha": _celu_alpha},
    ),
    facts=Facts(
        range=lambda alpha: (-alpha, INFINITY),
        lipschitz=1.0,
        monotone=True,
        limits=lambda alpha: (-alpha, INFINITY),
        convex=True,
        kinks=(0.0,),
    ),
    accuracy_ulp=(5, 2, 2),
)

# Klambauer et al. (2017) give both in closed form; these are their first 30 digits.
SELU_ALPHA = 1.67326324235437728481704299167
SELU_SCALE = 1.05070098735548049341933498529
SELU_PRODUCT = SELU_ALPHA * SELU_SCALE

SELU = Activation(
    name="selu",
    title="SELU",
    aliases=("scaled ELU", "self-normalizing linear unit", "self-normalising linear unit"),
    year=2017,
    paper="klambauer2017self",
    formula="Piecewise((scale*x, x > 0), (scale*alpha*(exp(x) - 1), True))",
    constants={"scale": ("λ", SELU_SCALE), "alpha": ("α", SELU_ALPHA)},
    when="deep fully connected networks without normalisation, with LeCun's initialisation and nothing else changed",
    cost="as ELU, with a product more",
    kernels=Kernels(
        lambda x, out, spare: _scaled_elu(x, out, spare, x, SELU_SCALE, SELU_PRODUCT),
        lambda x: _scaled_elu_first(x, SELU_SCALE, SELU_PRODUCT),
        lambda x: _scaled_elu_second(x, SELU_PRODUCT),
    ),
    facts=Facts(
        range=(-SELU_PRODUCT, INFINITY),
        lipschitz=SELU_PRODUCT,
        monotone=True,
        limits=(-SELU_PRODUCT, INFINITY),
        kinks=(0.0,),
    ),
    accuracy_ulp=(6, 3, 3),
)


# --- softplus ----------------------------------------------------------------------------------------------------


def _softplus(x, out, spare, beta):
    """max(x, 0) + log(1 + exp(-|β·x|))/β"""
    np.abs(x, out=out)
    out *= -beta
    np.exp(out, out=out)
    np.log1p(out, out=out)
    if beta != 1:
        out /= beta
    np.maximum(x, 0, out=spare)
    out += spare


def _softplus64(x, out, spare, beta):
    if beta == 1:
        _softplus(x, out, spare, beta)
    else:
        out[:] = np.maximum(x, 0) + np.log1p(_exp_minus_abs(*_argument(beta, x))) / beta


def _softplus_beta(x, beta):
    """-(log(1 + e) + |z|·e/(1 + e))/β²: two terms of one sign, where x·σ(z)/β - f/β would cancel."""
    z, rest = _argument(beta, x)
    e = _exp_minus_abs(z, rest)
    return -(np.log1p(e) + np.abs(z) * e / (1 + e)) / beta / beta


SOFTPLUS = Activation(
    name="softplus",
    title="Softplus",
    aliases=("smooth ReLU",),
    year=2001,
    paper="dugas2001incorporating",
    formula="log(1 + exp(beta*x))/beta",
    parameters=(
        Parameter("beta", "β", 1.0, "a finite number above 0", (0.25, 10.0, 0.25), lambda value: value > 0),
    ),
    when="an output that must be positive, as a variance or a rate",
    cost="one exp and one log1p; np.logaddexp, the obvious way, is several times as slow",
    kernels=Kernels(
        _softplus,
        lambda x, beta: _sigmoid_of(*_argument(beta, x)),
        lambda x, beta: beta * _sigmoid_first(*_argument(beta, x)),
        {"beta": _softplus_beta},
        value64=_softplus64,
    ),
    facts=Facts(range=(0.0, INFINITY), lipschitz=1.0, monotone=True, limits=(0.0, INFINITY), convex=True),
    accuracy_ulp=(5, 5, 5),
)

# --- x · σ(w): SiLU and the two approximations of GELU -----------------------------------------------------------
#
# With w and its derivative v:  f' = σ(w)(1 + x·v·(1 - σ(w))),  f'' = σ'(w)(2v + x·v' - x·v²·tanh(w/2)).


def _gated_first(xv, w, rest):
    e = _exp_minus_abs(w, rest)
    below = e * (1 + e + xv)
    above = 1 + e + xv * e
    return np.where(w < 0, below, above) / (1 + e) ** 2


def _gated_second(xv, w, rest, v, xvv):
    half = np.exp(-np.abs(w) / 2)  # its square alone may be too small for a float
    root = half / (1 + half * half)
    return root * (root * (2 * v + xvv - xv * v * np.tanh(w / 2))) * (1 - np.sign(w) * rest)


def _silu(x, out, spare, beta):
    np.multiply(x, beta, out=out)
    _sigmoid(out, out, spare)
    _times_bounded(x, out, spare, beta)


def _times_bounded(x, out, spare, beta):
    """Multiply ``out`` by ``x``, but where it is 0 and ``x`` infinite, which would give NaN."""
    if beta > 0:
        np.maximum(x, -FAR / beta, out=spare)
    elif beta < 0:
        np.minimum(x, -FAR / beta, out=spare)
    else:
        out[:] = 0.5
        spare[:] = x
    out *= spare


def _silu64(x, out, spare, beta, beta_rest=0.0):
    if beta == 1:
        _silu(x, out, spare, beta)
    else:
        out[:] = _sigmoid_of(*_argument(beta, x, beta_rest))
        _times_bounded(x, out, spare, beta)


def _silu_first(x, beta, beta_rest=0.0):
    z, rest = _argument(beta, x, beta_rest)
    return _gated_first(z, z, rest)


def _silu_second(x, beta, beta_rest=0.0):
    z, rest = _argument(beta, x, beta_rest)
    return beta * _gated_second(z, z, rest, 1.0, 0.0)


def _silu_beta(x, beta):
    if beta == 0:
        return x * x / 4
    z, rest = _argument(beta, x)
    half = np.exp(-np.abs(z) / 2)  # its square is x² times as small as the result, and may be too small for a float
    root = z / beta * half / (1 + half * half)
    return root * root * (1 - np.sign(z) * rest)


SILU_MINIMUM = (-1.278464542761074, -0.2784645427610738)
SILU_BEND = 2.3993572805154677  # where the second derivative crosses 0
SILU_STEEPEST = 1.0998393201288669


def _silu_facts():
    def low(beta):
        return SILU_MINIMUM[1] / beta if beta > 0 else -INFINITY

    def high(beta):
        return SILU_MINIMUM[1] / beta if beta < 0 else INFINITY

    def limits(beta):
        return (0.0 if beta > 0 else -INFINITY), (0.0 if beta < 0 else INFINITY)

    return Facts(
        range=lambda beta: (low(beta), high(beta)),
        lipschitz=lambda beta: SILU_STEEPEST if beta else 0.5,
        monotone=lambda beta: beta == 0,
        minimum=lambda beta: (SILU_MINIMUM[0] / beta, low(beta)) if beta > 0 else None,
        limits=limits,
        convex=lambda beta: beta == 0,
        roots=lambda beta: (
            ((SILU_MINIMUM[0] / beta,), (-SILU_BEND / beta, SILU_BEND / beta)) if beta else ((), ())
        ),
    )


SILU = Activation(
    name="silu",
    title="SiLU",
    aliases=("Swish", "Swish-1", "Swish-β", "sigmoid-weighted linear unit"),
    year=2018,
    paper="elfwing2018sigmoid",
    formula="x/(1 + exp(-beta*x))",
    parameters=(Parameter("beta", "β", 1.0, "a finite number", (-1.0, 5.0, 0.25)),),
    when="deep convolutional networks and, gated, the feed-forward layers of language models",
    cost="as the sigmoid, with a bound and a product more",
    kernels=Kernels(_silu, _silu_first, _silu_second, {"beta": _silu_beta}, value64=_silu64),
    facts=_silu_facts(),
    accuracy_ulp=(6, 6, 10),
)

# 1.702, and what its rounding to a float64 left out.
GELU_SLOPE = 1.702
GELU_SLOPE_REST = 4.263256414560601e-17


def _gelu_sigmoid(x, out, spare):
    _silu(x, out, spare, GELU_SLOPE)


GELU_SIGMOID = Activation(
    name="gelu_sigmoid",
    title="GELU, sigmoid form",
    aliases=("QuickGELU", "sigmoid GELU"),
    year=2016,
    paper="hendrycks2016gaussian",
    formula="x/(1 + exp(-1.702*x))",
    when="to run models that were trained with it (CLIP); a new model has no use for it",
    cost="computed in float64, as 1.702·x rounded to float32 loses digits in the tail",
    kernels=Kernels(
        _gelu_sigmoid,
        lambda x: _silu_first(x, GELU_SLOPE, GELU_SLOPE_REST),
        lambda x: _silu_second(x, GELU_SLOPE, GELU_SLOPE_REST),
        narrow=False,
        value64=lambda x, out, spare: _silu64(x, out, spare, GELU_SLOPE, GELU_SLOPE_REST),
    ),
    facts=Facts(
        range=(SILU_MINIMUM[1] / GELU_SLOPE, INFINITY),
        lipschitz=SILU_STEEPEST,
        monotone=False,
        minimum=(SILU_MINIMUM[0] / GELU_SLOPE, SILU_MINIMUM[1] / GELU_SLOPE),
        limits=(0.0, INFINITY),
        roots=((SILU_MINIMUM[0] / GELU_SLOPE,), (-SILU_BEND / GELU_SLOPE, SILU_BEND / GELU_SLOPE)),
    ),
    accuracy_ulp=(6, 6, 10),
)

# w = x·(a + b·x²) with a = 2·√(2/π) and b = 0.044715·a, and what their rounding left out.
TANH_LINEAR, TANH_LINEAR_REST = 1.5957691216057308, -9.96930880911092e-17
TANH_CUBIC, TANH_CUBIC_REST = 0.07135481627260025, -6.175149918155315e-19
TANH_FAR = 50.0  # there w is beyond 8900


def _gelu_tanh(x, out, spare):
    np.clip(x, -TANH_FAR, TANH_FAR, out=spare)
    np.multiply(spare, spare, out=out)
    out *= TANH_CUBIC
    out += TANH_LINEAR
    out *= spare
    _sigmoid(out, out, spare)
    np.maximum(x, -TANH_FAR, out=spare)  # -infinity · 0 would be NaN
    out *= spare


def _tanh_argument(x):
    """w and its rest, for |x| ≤ TANH_FAR."""
    square, square_rest = _product(x, x)
    cubic, cubic_rest = _product(TANH_CUBIC, square)
    cubic_rest += TANH_CUBIC * square_rest + TANH_CUBIC_REST * square
    factor = TANH_LINEAR + cubic
    linear = factor - cubic
    factor_rest = (TANH_LINEAR - linear) + (cubic - (factor - linear)) + cubic_rest + TANH_LINEAR_REST
    w, rest = _product(factor, x)
    return w, rest + factor_rest * x


def _gelu_tanh64(x, out, spare):
    out[:] = _sigmoid_of(*_tanh_argument(np.clip(x, -TANH_FAR, TANH_FAR)))
    out *= np.maximum(x, -TANH_FAR)


def _gelu_tanh_first(x):
    x = np.clip(x, -TANH_FAR, TANH_FAR)
    return _gated_first(x * (TANH_LINEAR + 3 * TANH_CUBIC * x * x), *_tanh_argument(x))


def _gelu_tanh_second(x):
    x = np.clip(x, -TANH_FAR, TANH_FAR)
    square = TANH_CUBIC * x * x
    v = TANH_LINEAR + 3 * square
    return _gated_second(x * v, *_tanh_argument(x), v, 6 * square)


GELU_TANH = Activation(
    name="gelu_tanh",
    title="GELU, tanh form",
    aliases=("tanh GELU", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"),
    year=2016,
    paper="hendrycks2016gaussian",
    formula="x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))",
    when="to run models that were trained with it (GPT-2, later code of BERT); elsewhere where erf is slow",
    cost="computed in float64, as float32 loses the tail; PyTorch loses it",
    kernels=Kernels(_gelu_tanh, _gelu_tanh_first, _gelu_tanh_second, narrow=False, value64=_gelu_tanh64),
    facts=Facts(
        range=(-0.17004075057125405, INFINITY),
        lipschitz=1.1289930686587718,
        monotone=False,
        minimum=(-0.7524614220710163, -0.17004075057125405),
        limits=(0.0, INFINITY),
        roots=((-0.7524614220710163,), (-1.4185040087908284, 1.4185040087908284)),
    ),
    accuracy_ulp=(6, 6, 10),
)

# --- GELU --------------------------------------------------------------------------------------------------------

GELU_FAR = 40.0  # exp(-40²/2) is 0 in float64


def _density(x):
    """exp(-x²/2)/√(2π) for |x| ≤ GELU_FAR. x² is split, or its rounding would cost digits in the tails."""
    head = x.astype(np.float32).astype(np.float64)  # 24 bits: its square is exact
    return np.exp(-head * head / 2) * np.exp((head - x) * (head + x) / 2) / math.sqrt(2 * math.pi)


def _mills(x):
    """Φ(x)/φ(x) for x ≤ 0, which stays of the size of 1/|x| where both vanish."""
    from scipy.special import erfcx

    return math.sqrt(math.pi / 2) * erfcx(x * -math.sqrt(0.5))


def _gelu(x, out, spare):
    from scipy.special import ndtr

    np.maximum(x, -GELU_FAR, out=spare)  # -infinity · 0 would be NaN
    ndtr(spare, out=out)
    out *= spare


def _gelu64(x, out, spare):
    _gelu(x, out, spare)
    tail = spare < -1  # where SciPy's ndtr loses digits
    far = spare[tail]
    out[tail] = far * (_density(far) * _mills(far))


def _gelu_first(x):
    from scipy.special import ndtr

    bounded = np.clip(x, -GELU_FAR, GELU_FAR)
    density = _density(bounded)
    below = density * (_mills(np.minimum(bounded, 0)) + bounded)
    return np.where(x < 0, below, ndtr(bounded) + bounded * density)


def _gelu_second(x):
    x = np.clip(x, -GELU_FAR, GELU_FAR)
    root = math.sqrt(2)
    return _density(x) * (root - x) * (root + x)


GELU = Activation(
    name="gelu",
    title="GELU",
    aliases=("Gaussian error linear unit", "exact GELU", "GELU erf"),
    year=2016,
    paper="hendrycks2016gaussian",
    formula="x/2*(1 + erf(x/sqrt(2)))",
    when="transformers (BERT, GPT, vision transformers), smooth where ReLU has its kink",
    cost="the error function of SciPy, which takes one number at a time: NumPy has none",
    kernels=Kernels(_gelu, _gelu_first, _gelu_second, value64=_gelu64),
    facts=Facts(
        range=(-0.16997120747990366, INFINITY),
        lipschitz=1.1289041451851548,
        monotone=False,
        minimum=(-0.7517915246935645, -0.16997120747990366),
        limits=(0.0, INFINITY),
        roots=((-0.7517915246935645,), (-1.4142135623730951, 1.4142135623730951)),
    ),
    accuracy_ulp=(8, 8, 8),
)

# --- Mish --------------------------------------------------------------------------------------------------------
#
# tanh(softplus(x)) is n/(n + 2) with n = e(e + 2), e = exp(x). Above 0 the derivatives are in q = exp(-x).


def _mish(x, out, spare):
    np.minimum(x, ONE / 2, out=out)
    np.exp(out, out=out)
    np.add(out, 2, out=spare)
    out *= spare
    np.add(out, 2, out=spare)
    out /= spare
    np.maximum(x, -FAR, out=spare)  # -infinity · 0 would be NaN
    out *= spare


def _mish_first(x):
    bounded = np.clip(x, -FAR, FAR)
    e = np.exp(-np.abs(bounded))
    n = e * (e + 2)
    below = e * ((e + 2) * (n + 2) + 4 * bounded * (1 + e)) / (n + 2) ** 2
    d = 1 + 2 * e * (1 + e)
    above = ((1 + 2 * e) * d + 4 * bounded * e * e * (1 + e)) / (d * d)
    return np.where(x < 0, below, above)


def _mish_second(x):
    bounded = np.clip(x, -FAR, FAR)
    e = np.exp(-np.abs(bounded))
    d = e * (e + 2) + 2
    below = 4 * e * (2 * (1 + e) * d + bounded * (2 + e * (2 - e * (3 + 2 * e)))) / (d * d * d)
    d = 1 + 2 * e * (1 + e)
    above = 4 * e * e * (2 * (1 + e) * d - bounded * (2 + e * (3 - e * (2 + 2 * e)))) / (d * d * d)
    return np.where(x < 0, below, above)


MISH = Activation(
    name="mish",
    title="Mish",
    year=2020,
    paper="misra2020mish",
    formula="x*tanh(log(1 + exp(x)))",
    when="as SiLU; object detectors (YOLOv4) brought it into use",
    cost="one exp: tanh(softplus(x)) is n/(n + 2) with n = e(e + 2); PyTorch computes exp, log1p and tanh",
    kernels=Kernels(_mish, _mish_first, _mish_second),
    facts=Facts(
        range=(-0.3088434130172504, INFINITY),
        lipschitz=1.088498161251728,
        monotone=False,
        minimum=(-1.1924312145154952, -0.3088434130172504),
        limits=(0.0, INFINITY),
        roots=((-1.1924312145154952,), (-2.256376396360793, 1.4905711794854285)),
    ),
    accuracy_ulp=(6, 6, 10),
)
