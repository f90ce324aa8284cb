"""Figures that answer to a slider, in JupyterLab and on the page, with no kernel.

A figure is a Vega-Lite specification. JupyterLab draws it by itself; for the page, the book's
builder makes a still picture of it, which comes to life at the first touch of a slider.
"""

import json
import re

from relubook.figures import COLOURS, LINE_STYLES

MIME_TYPE = "application/vnd.vegalite.v5+json"
_LOOK = {
    "background": "white",
    "config": {
        "font": "sans-serif",
        "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#DDDDDD"},
        # The still picture and the moving one may be drawn with different fonts. The room for the labels
        # does not depend on it, so the picture keeps its size when it comes to life.
        "axisY": {"minExtent": 40, "maxExtent": 40},
        # Every second label goes where they would nearly touch.
        "axisX": {"labelSeparation": 6},
        "legend": {"labelFontSize": 13, "titleFontSize": 13, "symbolStrokeWidth": 3, "labelLimit": 300},
        "title": {"fontSize": 13, "fontWeight": "normal"},
        "text": {"fontSize": 13},
        "line": {"strokeWidth": 2.5},
    },
}


def with_look(specification):
    """Return a Vega-Lite specification with the schema and the book's look."""
    return {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **_LOOK, **specification}


class AnsweringFigure:
    """A figure with sliders; leave it as the last expression of a cell.

    Parameters
    ----------
    specification : dict
        Vega-Lite 5, without the schema and the book's look, which are added here. Every top-level
        ``param`` with a range ``bind`` becomes a slider; give it a ``name`` to be read by people.

    Raises
    ------
    ValueError
        No slider in the specification, or one without name, minimum, maximum and step.
    """

    def __init__(self, specification):
        sliders = [p for p in specification.get("params", []) if p.get("bind", {}).get("input") == "range"]
        if not sliders:
            raise ValueError("AnsweringFigure: specification has no param with a range bind; give it a slider")
        for slider in sliders:
            missing = {"name", "min", "max", "step"} - set(slider["bind"])
            if missing:
                raise ValueError(
                    f"AnsweringFigure: the slider {slider['name']!r} lacks {', '.join(sorted(missing))} in its bind"
                )
        self.sliders = [slider["bind"]["name"] for slider in sliders]
        self.specification = with_look(specification)

    def __repr__(self):
        return f"Figure that answers to: {', '.join(self.sliders)}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            # Through JSON, so that what is stored is what a later run compares with.
            MIME_TYPE: json.loads(json.dumps(self.specification)),
            "text/plain": repr(self),
        }


def answering_curves(*, x, curves, sliders, ylim, ylabel="value", xlabel="input x", steps=None, dot=None):
    """Draw curves whose formulas contain sliders.

    Parameters
    ----------
    x : (start, stop, step)
        Where the curves are computed.
    curves : dict from label to (name, formula)
        ``name`` is the curve's entry in ``figures.COLOURS``; the formula is a Vega expression in
        ``x``, the sliders and the ``steps``, such as ``"max(alpha * x, x)"``.
    sliders : dict from symbol to (label, minimum, maximum, step, first value)
    ylim : (lowest, highest)
        The vertical axis stays the same while the sliders move.
    steps : dict from symbol to formula, optional
        Intermediate results, each in terms of ``x``, the sliders and the ones before it.
    dot : (formula, formula), optional
        Horizontal and vertical position of a dot, in terms of the sliders.

    Returns
    -------
    AnsweringFigure

    Raises
    ------
    ValueError
        A curve's name has no colour.
    """
    for label, (name, _) in curves.items():
        if name not in COLOURS:
            raise ValueError(f"answering_curves: curve {label!r} is named {name!r}; allowed are {', '.join(COLOURS)}")
    start, stop, step = x
    columns = ["x", *(steps or {})]
    formulas = {**(steps or {}), **{label: formula for label, (_, formula) in curves.items()}}
    horizontal = {"type": "quantitative", "title": xlabel, "scale": {"domain": [start, stop], "nice": False}}
    vertical = {"type": "quantitative", "title": ylabel, "scale": {"domain": list(ylim), "nice": False}}
    order = {"domain": list(curves)}
    colours = [COLOURS[name] for name, _ in curves.values()]
    dashes = [dash_pattern(LINE_STYLES[name]) for name, _ in curves.values()]
    legend = {"orient": "top", "title": None, "direction": "vertical"} if len(curves) > 1 else None
    layers = [{
        "transform": [{"fold": list(curves), "as": ["curve", "y"]}],
        "mark": {"type": "line", "clip": True},
        "encoding": {
            "x": {"field": "x", **horizontal},
            "y": {"field": "y", **vertical},
            "color": {"field": "curve", "scale": {**order, "range": colours}, "legend": legend},
            "strokeDash": {"field": "curve", "scale": {**order, "range": dashes}, "legend": legend},
        },
    }]
    if dot:
        layers.append({
            "data": {"values": [{}]},
            "transform": [{"calculate": formula, "as": axis} for axis, formula in zip("xy", dot, strict=True)],
            "mark": {"type": "point", "filled": True, "opacity": 1, "size": 90, "color": COLOURS["target"],
                     "clip": True},
            "encoding": {"x": {"field": "x", **horizontal}, "y": {"field": "y", **vertical}},
        })
    return AnsweringFigure({
        "width": 300,
        "height": 230,
        "params": [
            {"name": symbol, "value": value,
             "bind": {"input": "range", "name": label, "min": low, "max": high, "step": by}}
            for symbol, (label, low, high, by, value) in sliders.items()
        ],
        # Half a step more, so that rounding cannot drop the last point.
        "data": {"sequence": {"start": start, "stop": stop + step / 2, "step": step, "as": "x"}},
        "transform": [{"calculate": _of_datum(formula, columns), "as": name} for name, formula in formulas.items()],
        "layer": layers,
    })


def _of_datum(formula, columns):
    """Vega reads a column as ``datum.x``; a formula for people says ``x``."""
    return re.sub(rf"\b({'|'.join(columns)})\b", r"datum.\1", formula)


def dash_pattern(line_style):
    """Matplotlib's line style as Vega's list of dashes and gaps, in pixels."""
    return [1, 0] if line_style == "-" else [2 * length for length in line_style[1]]
