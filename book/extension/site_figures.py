"""Figures that answer to a slider: a still picture, made here from the same specification.

A stored output with a Vega-Lite specification becomes two: an SVG picture, which MyST-NB treats like any
other figure (alt text, caption), and what figures.js needs to bring it to life, with one sentence for
readers without JavaScript.
"""

import json
from html import escape

import vl_convert
from sphinx.util import logging

MIME_TYPE = "application/vnd.vegalite.v5+json"
VEGA_LITE = "5.21"  # the newest 5.x of vl-convert; the page runs 5.23
LOGGER = logging.getLogger(__name__)


def sliders(specification):
    """The specification's parameters that a reader can move."""
    return [p for p in specification.get("params", ()) if p.get("bind", {}).get("input") == "range"]


def still(specification):
    """The picture as it stands before any slider is moved, as SVG."""
    return vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE, allowed_base_urls=[])


def live_part(specification, alt):
    """What stands under the picture: the sentence, and the specification as data."""
    names = "; ".join(
        f"{p['bind'].get('name', p['name'])} ({p['bind']['min']} to {p['bind']['max']})" for p in sliders(specification)
    )
    # "</" would end the script element, wherever it stands in the data.
    data = json.dumps(specification, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<div class="live-figure" data-alt="{escape(alt)}" style="--sliders: {len(sliders(specification))}">'
        f'<p class="live-figure-still">A still picture. With JavaScript it follows: {escape(names)}.</p>'
        f'<script type="application/json">{data}</script></div>'
    )


def split_output(output, alt):
    """The picture and its live part, in place of one stored output."""
    specification = output["data"][MIME_TYPE]
    picture = {"image/svg+xml": still(specification), "text/plain": output["data"].get("text/plain", "")}
    return [
        {"output_type": "display_data", "metadata": {}, "data": data}
        for data in (picture, {"text/html": live_part(specification, alt)})
    ]


def convert_notebook(app, docname, content):
    """On source-read: replace the figures of a notebook before MyST-NB sees them."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(content[0])
    for number, cell in enumerate(notebook["cells"]):
        outputs = cell.get("outputs", [])
        if not any(MIME_TYPE in output.get("data", {}) for output in outputs):
            continue
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
        if not alt:
            LOGGER.warning("the figure of cell %d has no alt text", number, location=docname, type="relubook")
        cell["outputs"] = [
            part
            for output in outputs
            for part in (split_output(output, alt or "") if MIME_TYPE in output.get("data", {}) else [output])
        ]
    content[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", convert_notebook)
