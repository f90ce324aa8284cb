"""Figures that answer to a slider, in JupyterLab and on the page, with no kernel.

A figure is a Vega-Lite specification. JupyterLab draws it by itself; for the page, the book's
builder makes a still picture of it, which comes to life at the first touch of a slider.
"""

import json

MIME_TYPE = "application/vnd.vegalite.v5+json"
_LOOK = {
    "background": "white",
    "config": {
        "font": "sans-serif",
        "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#DDDDDD"},
        "legend": {"labelFontSize": 13, "titleFontSize": 13, "symbolStrokeWidth": 3, "labelLimit": 300},
        "title": {"fontSize": 13, "fontWeight": "normal"},
        "text": {"fontSize": 13},
        "line": {"strokeWidth": 2.5},
    },
}


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
        self.specification = {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json", **_LOOK, **specification,
        }

    def __repr__(self):
        return f"Figure that answers to: {', '.join(self.sliders)}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            # Through JSON, so that what is stored is what a later run compares with.
            MIME_TYPE: json.loads(json.dumps(self.specification)),
            "text/plain": repr(self),
        }
