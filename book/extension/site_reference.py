"""The reference: one card for each function of the family, made from relubook.family and from nothing else.

A picture is drawn from the same formula that the card shows; where the function has a parameter, the
picture follows a slider (site_figures makes both). ``{activation-table}`` is the overview,
``{activation-cards}`` the cards.
"""

import functools
import math
import os
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
from docutils import nodes
from site_figures import live_part, still
from sphinx.util.docutils import SphinxDirective

SPAN, STEP = 5.0, 0.04
CURVES = ("value", "derivative", "second derivative")
WINDOW = (-2.0, 5.0)  # what lies outside is cut off, or the steepest function would flatten all others
VALUES = (-1.0, 0.5, 2.0)  # of a gated unit's other input
DASHES = ([1, 0], [7, 3], [2, 2])
# What torch.nn.init.calculate_gain returns, where it knows the function (tests/test_reference.py asks it).
PYTORCH_GAINS = {"sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / 1.0001), "selu": 0.75}
# Where a function is taught.
CHAPTERS = {
    "03": ("relu",),
    "07": ("sigmoid", "tanh"),
    "11": ("leaky_relu", "prelu", "rrelu", "thresholded_relu"),
    "12": ("elu", "celu", "selu", "softplus"),
    "13": ("relu6", "gelu", "gelu_tanh", "gelu_sigmoid", "silu", "mish", "hard_swish", "squared_relu",
           "glu", "bilinear", "reglu", "geglu", "swiglu"),
}  # fmt: skip


@functools.cache
def relubook(root, module):
    """A module of relubook, as it lies beside the book."""
    sys.path.insert(0, str(Path(root) / "notebooks"))
    try:
        return import_module(f"relubook.{module}")
    finally:
        del sys.path[0]


def number(value, digits=6):
    """A number as a reader sees it: 1.0507, −∞."""
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    return f"{0 if abs(value) < 1e-12 else value:.{digits}g}".replace("-", "−")


def shortened(value):
    """A default as code shows it, a third as 0.3333."""
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def anchor(name):
    """What stands behind the # of a card's address."""
    return nodes.make_id(name.replace("β", "beta"))


def orders(function):
    """A function's formula and its derivatives as SymPy has them, without a second derivative that is 0 throughout."""
    import sympy
    from relubook.family.formulas import expression

    x = sympy.Symbol("x", real=True)
    found = [expression(function.formula)]
    found += [sympy.diff(found[0], x), sympy.diff(found[0], x, 2)]
    pieces = found[2].args if isinstance(found[2], sympy.Piecewise) else [(found[2], True)]
    return found[:2] if all(sympy.simplify(piece) == 0 for piece, _ in pieces) else found


def in_vega(expression):
    """A SymPy expression in Vega's language; a parameter is a signal of its own name with p_ before it."""
    import sympy

    names = {symbol: "datum.x" if symbol.name == "x" else f"p_{symbol.name}" for symbol in expression.free_symbols}
    signals = {symbol: sympy.Symbol(name, real=True) for symbol, name in names.items()}
    return " ".join(sympy.jscode(expression.xreplace(signals)).replace("Math.", "").split())


def piece_in_vega(expression):
    """Which piece of its formula an x belongs to, in Vega's language: a curve is broken where it may jump."""
    import sympy

    if not isinstance(expression, sympy.Piecewise):
        return "0"
    numbered = [(index, condition) for index, (_, condition) in enumerate(expression.args)]
    return in_vega(sympy.Piecewise(*numbered, evaluate=False))


def span_of(function, gated):
    """How far a picture reaches to both sides of 0: far enough to show every kink."""
    return SPAN if gated else max(SPAN, 2 + max(map(abs, function.kinks()), default=0))


def curves_of(function, gated):
    """The curves of a card with the defaults: dict from label to values, and the x at which they are taken."""
    span = span_of(function, gated)
    x = np.round(np.arange(-span + STEP / 2, span, STEP), 6)  # beside 0, where many have a kink
    if gated:
        return x, {f"value = {number(v)}": function(v, x) for v in VALUES}
    curves = {"value": function(x)}
    for order in range(1, len(orders(function))):
        curves[CURVES[order]] = function.derivative(x, order=order)
    return x, curves


def start_of(default, step):
    """The stop of a slider that is nearest to a default, such as 0.333 for a third; a whole number without a point."""
    start = round(round(default / step) * step, 6)
    return int(start) if start == int(start) else start


def drawing(function, gated, figures, look):
    """The picture of a card as a Vega-Lite specification, with a slider for each parameter."""
    span = span_of(function, gated)
    x, curves = curves_of(function, gated)
    heights = np.concatenate(list(curves.values()))
    low = max(WINDOW[0], math.floor(4 * heights.min()) / 4 - 0.25)
    high = min(max(WINDOW[1], span - 1), math.ceil(4 * heights.max()) / 4 + 0.25)
    names = {"domain": list(curves)}
    colours = [figures.COLOURS[function.name], figures.COLOURS["target"], figures.COLOURS["identity"]]
    legend = {"orient": "top", "title": None, "direction": "vertical"}
    specification = {
        "width": 300,
        "height": 230,
        "mark": {"type": "line", "clip": True},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": "gate" if gated else "input x",
                  "scale": {"domain": [-span, span], "nice": False},
                  "axis": {"values": [tick for tick in range(-8, 9, 2) if abs(tick) < span]}},
            "y": {"field": "y", "type": "quantitative", "title": None,
                  "scale": {"domain": [low, high], "nice": False}},
            "color": {"field": "curve", "scale": {**names, "range": colours}, "legend": legend},
            "strokeDash": {"field": "curve", "scale": {**names, "range": DASHES}, "legend": legend},
            "detail": {"field": "piece"},
        },
    }  # fmt: skip
    if gated or not function.parameters:
        breaks = np.array([] if gated else function.kinks())
        rows = [
            {"x": float(at), "y": float(f"{height:.4g}"), "curve": label, "piece": int((breaks < at).sum())}
            for label, values in curves.items()
            for at, height in zip(x, values, strict=True)
        ]
        return look(specification | {"data": {"values": rows}})
    formulas = orders(function)
    calculated = [{"calculate": in_vega(formula), "as": name} for name, formula in zip(curves, formulas, strict=True)]
    return look(specification | {
        "params": [
            {"name": f"p_{p.name}", "value": start_of(p.default, p.slider[2]),
             "bind": {"input": "range", "name": f"{p.name} {p.symbol}" if p.symbol != p.name else p.name,
                      "min": p.slider[0], "max": p.slider[1], "step": p.slider[2]}}
            for p in function.parameters
        ],
        "data": {"sequence": {"start": float(x[0]), "stop": span, "step": STEP, "as": "x"}},
        "transform": [
            *calculated,
            {"calculate": piece_in_vega(formulas[0]), "as": "piece"},
            {"fold": list(curves), "as": ["curve", "y"]},
        ],
    })


def described(function, gated):
    """The picture in words, for someone who cannot see it."""
    span = span_of(function, gated)
    x, curves = curves_of(function, gated)
    middle = int(np.argmin(np.abs(x)))
    said = [
        f"{label} goes from {number(values[0], 3)} at {number(-span)} through {number(values[middle], 3)} near 0 "
        f"to {number(values[-1], 3)} at {number(span)}"
        for label, values in curves.items()
    ]
    subject = f"{function.title} {'against its gate, for three values' if gated else 'and its derivatives'}"
    return f"{subject}, from {number(-span)} to {number(span)}. " + "; ".join(said) + "."


class _FamilyDirective(SphinxDirective):
    """What the directives of this page share: the family, and that the page follows its files."""

    def family(self):
        root = self.env.srcdir
        self.gated = relubook(root, "family").Gated
        self.env.note_dependency(__file__)
        for path in sorted((Path(root) / "notebooks" / "relubook" / "family").rglob("*.*")):
            if path.suffix in (".py", ".json"):
                self.env.note_dependency(str(path))
        return relubook(root, "family").FAMILY.values()


class ActivationTable(_FamilyDirective):
    """``{activation-table}``: every function in one line, with a link to its card."""

    def run(self):
        lines = [
            ":::{table}", ":class: activation-index", "",
            "| function | also called | range | monotone | steepest | gain |", "|:--|:--|:--|:--|--:|--:|",
        ]  # fmt: skip
        for f in self.family():
            low, high = f.range()
            monotone = "–" if isinstance(f, self.gated) else "yes" if f.monotone() else "no"
            cells = [f"[{f.title}](#reference-{f.name})", ", ".join(f.aliases),
                     f"{number(low, 3)} to {number(high, 3)}", monotone,
                     number(f.lipschitz(), 4), number(f.gain(), 4)]  # fmt: skip
            lines.append("| " + " | ".join(cells) + " |")
        return self.parse_text_to_nodes("\n".join([*lines, ":::"]))


class ActivationCards(_FamilyDirective):
    """``{activation-cards}``: a section for each function."""

    def run(self):
        root = self.env.srcdir
        self.figures = relubook(root, "figures")
        self.interactive = relubook(root, "interactive")
        return [self.card(function) for function in self.family()]

    def card(self, function):
        gated = isinstance(function, self.gated)
        name = anchor(function.name)
        section = nodes.section(ids=[name], names=[f"reference-{function.name}"], classes=["activation-card"])
        self.state.document.note_explicit_target(section)
        # Its other names lead here too; "σ" alone leaves nothing that an address could hold.
        others = dict.fromkeys(map(anchor, (function.title, *function.aliases)))
        section["ids"] += [other for other in others if other not in ("", name)]
        section += nodes.title("", function.title)
        if function.aliases:
            section += nodes.paragraph("", f"Also called {', '.join(function.aliases)}.", classes=["activation-names"])
        section += self.parse_text_to_nodes(f"$$ {'f(v, g)' if gated else 'f(x)'} = {function.latex} $$")
        look = (self.picture(function, gated), self.facts(function, gated))
        section += nodes.container("", *look, classes=["activation-look"])
        section += self.parse_text_to_nodes("\n\n".join(self.text(function, gated)))
        return section

    def facts(self, function, gated):
        """The properties, as a list of terms."""
        items = []
        for name, value in self.properties(function, gated):
            words = nodes.definition("", nodes.paragraph("", "", *self.parse_inline(value)[0]))
            items.append(nodes.definition_list_item("", nodes.term("", name), words))
        return nodes.definition_list("", *items, classes=["activation-facts"])

    def picture(self, function, gated):
        """The still picture, and what brings it to life where there is a slider."""
        specification = drawing(function, gated, self.figures, self.interactive.with_look)
        alt = described(function, gated)
        path = Path(self.env.app.doctreedir) / "reference" / f"{function.name}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(still(specification), encoding="utf-8")
        page = Path(self.env.doc2path(self.env.docname)).parent
        box = nodes.container(classes=["cell_output"])
        box += nodes.image(uri=Path(os.path.relpath(path, page)).as_posix(), alt=alt, loading="lazy")
        if specification.get("params"):
            box += nodes.raw("", live_part(specification, alt), format="html")
        return box

    def text(self, function, gated):
        """The rest of a card, as MyST Markdown."""
        if function.constants:
            yield f"with {', '.join(f'{symbol} = {value!r}' for symbol, value in function.constants.values())}."
        yield f"**When it helps:** {function.when}."
        yield f"**What it costs:** {function.cost}."
        yield "\n".join(["```python", *self.calls(function), "```"])
        if function.disagreement:
            yield f"**Where the frameworks disagree:** {function.disagreement}"
        chapter = next((number for number, names in CHAPTERS.items() if function.name in names), None)
        page = next((name for name in self.env.found_docs if name.startswith(f"notebooks/{chapter}_")), None)
        if not gated:
            beside = "" if function.name == "relu" else "&f=relu"
            yield f"**Play:** [{function.title} in the explorer](explorer.md#f={function.name}{beside})."
        taught = f" In this book: {{doc}}`chapter {chapter} </{page}>`." if page else ""
        yield f"**Source:** {{cite:t}}`{function.paper}`.{taught}"

    def properties(self, function, gated):
        """What a card says of a function, as (name, value)."""
        low, high = function.range()
        yield "range", f"{number(low)} to {number(high)}"
        if not gated:
            left, right = function.limits()
            yield "limits", f"{number(left)} at −∞, {number(right)} at ∞"
            if function.monotone():
                yield "monotone", "yes"
            else:
                yield "monotone", "no: the lowest point is {1} at x = {0}".format(*map(number, function.minimum()))
        slope = function.lipschitz()
        yield "steepest slope", number(slope) if math.isfinite(slope) else "none: no Lipschitz constant"
        mean, second = function.moments()
        yield "standard normal in", f"mean {number(mean, 5)}, {{term}}`second moment` {number(second, 5)}"
        known = PYTORCH_GAINS.get(function.name)
        said = "" if known is None else f"; PyTorch’s `calculate_gain` says {number(known, 5)}"
        yield "initialisation gain", f"{number(function.gain(), 5)}{said}"
        names = ("value", "derivative", "second derivative")
        units = ", ".join(f"{n} {u}" for n, u in zip(names, function.accuracy_ulp, strict=True))
        yield "accuracy of relubook", f"{units} {{term}}`units in the last place <unit in the last place>`"
        times = "[{copies:g} × a copy](#reference-times), {pytorch:g} × PyTorch"
        yield "time of relubook", times.format(**function.speed)
        yield "year of its paper", str(function.year)

    def calls(self, function):
        """The lines that call a function in each framework."""
        given = "".join(f", {p.name}={p.default:g}" for p in function.parameters)
        inputs = "value, gate" if isinstance(function, self.gated) else "x"
        yield "# relubook"
        yield f'FAMILY["{function.name}"]({inputs}{given})'
        for framework, lines in function.calls.items():
            yield f"# {framework}"
            for line in lines:
                defaults = function.defaults.get(framework, {}).get(line.partition("(")[0], {})
                said = ", ".join(f"{name}={shortened(value)}" for name, value in defaults.items())
                yield f"{line}  # default: {said}" if said else line


def setup(app):
    app.add_directive("activation-table", ActivationTable)
    app.add_directive("activation-cards", ActivationCards)
