"""The ReLU family: every function of the book once, in NumPy, under one contract.

``FAMILY`` holds them in reading order, by name; ``find`` finds one by any of its names.

    >>> from relubook.family import FAMILY, find
    >>> FAMILY["elu"]([-1.0, 2.0], alpha=1.5).round(4)
    array([-0.9482,  2.    ])
    >>> find("Swish").name
    'silu'

==============  ==============================================================================
``contract``    what every function answers to, how arrays and parameters are read
``piecewise``   those made of straight or squared pieces
``smooth``      those with an exponential
``gated``       those with two inputs
``moments``     mean and second moment by quadrature
``formulas``    from the formula's text to SymPy and LaTeX
``frameworks``  how PyTorch, TensorFlow, Keras and JAX call them, and with which defaults
==============  ==============================================================================

NumPy is all that it needs. GELU imports SciPy, and a formula's LaTeX SymPy, when they are asked for.
"""

from relubook.family import gated, piecewise, smooth
from relubook.family.contract import Activation, Gated, Parameter

ELEMENTWISE = {
    activation.name: activation
    for activation in (
        smooth.SIGMOID,
        smooth.TANH,
        smooth.SOFTSIGN,
        piecewise.RELU,
        piecewise.RELU6,
        piecewise.HARD_TANH,
        piecewise.LEAKY_RELU,
        piecewise.PRELU,
        piecewise.RRELU,
        piecewise.THRESHOLDED_RELU,
        smooth.ELU,
        smooth.CELU,
        smooth.SELU,
        smooth.SOFTPLUS,
        smooth.GELU,
        smooth.GELU_TANH,
        smooth.GELU_SIGMOID,
        smooth.SILU,
        smooth.MISH,
        piecewise.HARD_SIGMOID,
        piecewise.HARD_SWISH,
        piecewise.SQUARED_RELU,
    )
}
GATED = {unit.name: unit for unit in (gated.GLU, gated.BILINEAR, gated.REGLU, gated.GEGLU, gated.SWIGLU)}
FAMILY = {**ELEMENTWISE, **GATED}


def _key(name):
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_FOUND = {_key(name): member for member in FAMILY.values() for name in (member.name, member.title, *member.aliases)}


def find(name):
    """Return the member called ``name``: its name, its title or one of its aliases.

    Upper and lower case, spaces, hyphens and underscores make no difference.

    Parameters
    ----------
    name : str

    Returns
    -------
    Activation or Gated

    Raises
    ------
    TypeError
        ``name`` is no string.
    KeyError
        Nothing is called so.

    Examples
    --------
    >>> find("LReLU").title
    'Leaky ReLU'
    """
    if not isinstance(name, str):
        raise TypeError(f"find: name is a {type(name).__name__}; allowed is a string")
    if _key(name) not in _FOUND:
        raise KeyError(f"find: name is {name!r}; allowed are {', '.join(FAMILY)} and their aliases")
    return _FOUND[_key(name)]


__all__ = ["ELEMENTWISE", "FAMILY", "GATED", "Activation", "Gated", "Parameter", "find"]
