"""A formula as text, made into SymPy's form and into LaTeX. SymPy is imported when it is needed, not before."""

import re

KNOWN = {"exp", "log", "tanh", "erf", "sqrt", "pi", "Abs", "Piecewise", "True"}
LATEX = {"α": r"\alpha", "β": r"\beta", "θ": r"\theta", "λ": r"\lambda"}


def names(formula):
    """Return the names in ``formula`` that stand for numbers, in the order in which they come."""
    return list(dict.fromkeys(name for name in re.findall(r"[A-Za-z_]\w*", formula) if name not in KNOWN))


def expression(formula, *, exact=False):
    """Return the SymPy expression of ``formula``, whose names are real numbers.

    Parameters
    ----------
    formula : str
        As in :attr:`Activation.formula`.
    exact : bool
        Whether a decimal such as 1.702 becomes the fraction 851/500.
    """
    import sympy

    return sympy.sympify(formula, locals=_symbols(formula), rational=exact)


def latex(formula, symbols):
    """Return ``formula`` in LaTeX, its terms in the order in which they are written.

    Parameters
    ----------
    formula : str
    symbols : dict from a name to the Unicode symbol that stands for it
    """
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    known = _symbols(formula)
    shown = {known[name]: LATEX.get(symbol, symbol) for name, symbol in symbols.items()}
    written = parse_expr(formula, local_dict=known, evaluate=False)
    shown_as = sympy.latex(written, order="none", ln_notation=True, symbol_names=shown)
    return re.sub(r"(?<![\w.])1 (?=\\frac)", "", shown_as)  # SymPy keeps 1/u as 1 times 1/u


def _symbols(formula):
    import sympy

    return {name: sympy.Symbol(name, real=True) for name in names(formula)}
