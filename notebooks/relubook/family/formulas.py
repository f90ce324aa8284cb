"""A formula as text, made into SymPy's form and into LaTeX. SymPy is imported when it is needed, not before."""

GREEK = {"α": r"\alpha", "β": r"\beta", "θ": r"\theta", "λ": r"\lambda", "a": "a", "l": "l", "u": "u"}


def expression(formula):
    """Return the SymPy expression of ``formula``, whose names are real numbers.

    Parameters
    ----------
    formula : str
        As in :attr:`Activation.formula`.
    """
    import re

    import sympy

    known = {"exp", "log", "tanh", "erf", "sqrt", "pi", "Abs", "Piecewise", "True", "Min", "Max", "E"}
    names = set(re.findall(r"[A-Za-z_]\w*", formula)) - known
    return sympy.sympify(formula, locals={name: sympy.Symbol(name, real=True) for name in names})


def latex(formula, symbols):
    """Return ``formula`` in LaTeX, with each parameter written as its symbol.

    Parameters
    ----------
    formula : str
    symbols : dict from a parameter's name to a Unicode symbol
    """
    import sympy

    parsed = expression(formula)
    written = {
        symbol: GREEK[symbols[symbol.name]] for symbol in parsed.free_symbols if symbol.name in symbols
    }
    return sympy.latex(parsed, symbol_names=written)
