"""The activation explorer: a page, and small forms of it where a paragraph is nothing but a link to it.

``{activation-explorer}`` is the place on the page. A link to ``book/explorer.md`` may carry a state behind its
``#``, as in ``[Move the slope](../book/explorer.md#f=leaky_relu)``. In JupyterLab it is a link; on the site such a
paragraph becomes a small explorer when it scrolls into view (book/assets/explorer-start.js).

The formulas that the scripts compute with are those of relubook.family, word for word.
"""

import json
import os
from pathlib import Path
from urllib.parse import parse_qs, quote

import numpy as np
from docutils import nodes
from myst_parser.sphinx_ext.myst_refs import MystReferenceResolver
from site_figures import still
from site_reference import relubook
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

PAGE = "book/explorer"
DATA = "explorer-family.js"
WITHOUT_SCRIPT = (
    "The explorer needs JavaScript, which is off in this browser. The picture shows what it starts with; "
    'the <a class="reference internal" href="reference.html">reference</a> has every function on a card.'
)
START = ("relu", "gelu")
SPAN = 5.0
# What a parameter does, beside its name in code.
WORDS = {
    "negative_slope": "Slope below 0",
    "slope": "Slope below 0",
    "alpha": "Depth on the left",
    "beta": "Sharpness of the bend",
    "theta": "Threshold",
}


def look(root, name):
    """The colour and the dashes of a curve, as in every figure of the book."""
    figures, interactive = relubook(root, "figures"), relubook(root, "interactive")
    return {"colour": figures.COLOURS[name], "dash": interactive.dash_pattern(figures.LINE_STYLES[name])}


def own_looks(root):
    """The looks of formulas that a reader types."""
    return [look(root, name) for name in ("target", "highlight", "identity")]


def family_data(root):
    """What the scripts have to know of every elementwise function: dict from its name, in reading order."""
    return {
        name: {
            "title": function.title,
            "formula": function.formula,
            "constants": {constant: value for constant, (_, value) in function.constants.items()},
            "parameters": [
                {"name": p.name, "symbol": p.symbol, "value": p.default, "slider": p.slider}
                | ({"words": WORDS[p.name]} if p.name in WORDS else {})
                for p in function.parameters
            ],
            **look(root, name),
        }
        for name, function in relubook(root, "family").ELEMENTWISE.items()
    }


def write_data(app, env, docnames):
    """On env-before-read-docs: write the family where Sphinx takes static files from, if the book has the explorer."""
    if PAGE not in env.found_docs:
        return
    folder = Path(app.doctreedir) / "explorer"
    folder.mkdir(parents=True, exist_ok=True)
    data = {"activationFamily": family_data(app.srcdir), "activationLooks": {"own": own_looks(app.srcdir)}}
    lines = (
        f"globalThis.{name}={json.dumps(v, ensure_ascii=False, separators=(',', ':'))};" for name, v in data.items()
    )
    (folder / DATA).write_text("\n".join(lines) + "\n", encoding="utf-8")
    app.config.html_static_path.append(os.path.relpath(folder, app.confdir))


def picture(root):
    """The still picture for readers without JavaScript, as SVG, and the same in words."""
    functions = [relubook(root, "family").ELEMENTWISE[name] for name in START]
    x = np.linspace(-SPAN, SPAN, 201)
    rows = [
        {"x": round(float(at), 3), "y": round(float(height), 4), "curve": function.title}
        for function in functions
        for at, height in zip(x, function(x), strict=True)
    ]
    names = {"domain": [function.title for function in functions]}
    looks = [look(root, name) for name in START]
    legend = {"orient": "top", "title": None}
    specification = relubook(root, "interactive").with_look({
        "width": 300,
        "height": 230,
        "mark": "line",
        "data": {"values": rows},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": "input x"},
            "y": {"field": "y", "type": "quantitative", "title": "value"},
            "color": {"field": "curve", "legend": legend,
                      "scale": {**names, "range": [one["colour"] for one in looks]}},
            "strokeDash": {"field": "curve", "legend": legend,
                           "scale": {**names, "range": [one["dash"] for one in looks]}},
        },
    })  # fmt: skip
    where, lowest = functions[1].minimum()
    alt = (
        f"ReLU and GELU from −5 to 5. ReLU is 0 up to 0 and then rises with slope 1. GELU keeps close to it, "
        f"but without a corner: it dips to −{abs(lowest):.2f} at −{abs(where):.2f} and comes back to ReLU from 2 on."
    )
    return still(specification), alt


class ActivationExplorer(SphinxDirective):
    """``{activation-explorer}``: the place of the explorer, with a still picture for readers without JavaScript."""

    def run(self):
        self.env.note_dependency(__file__)
        svg, alt = picture(self.env.srcdir)
        path = Path(self.env.app.doctreedir) / "explorer-picture" / "explorer.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
        page = Path(self.env.doc2path(self.env.docname)).parent
        return [
            nodes.raw("", f'<div class="explorer explorer-page"><noscript><p>{WITHOUT_SCRIPT}</p>', format="html"),
            nodes.container(
                "", nodes.image(uri=Path(os.path.relpath(path, page)).as_posix(), alt=alt), classes=["cell_output"]
            ),
            nodes.raw("", "</noscript></div>", format="html"),
        ]


class ExplorerLinks(SphinxPostTransform):
    """Let links to the explorer keep their state, and mark the paragraphs that are nothing but such a link."""

    default_priority = MystReferenceResolver.default_priority - 1
    formats = ("html",)

    def run(self, **kwargs):
        for link in list(self.document.findall(pending_xref)):
            if link.get("reftarget") != PAGE or not link.get("reftargetid"):
                continue
            state = link["reftargetid"]
            address = self.app.builder.get_relative_uri(self.env.docname, PAGE)
            reference = nodes.reference("", "", internal=True, refuri=f"{address}#{quote(state, safe='=&;,.()*/+-')}")
            reference += [child.deepcopy() for child in link.children]
            paragraph = link.parent
            link.replace_self(reference)
            if isinstance(paragraph, nodes.paragraph) and len(paragraph.children) == 1:
                panels = parse_qs(state).get("show", ["value"])[0].split(",")
                classes = ["explorer-inline", f"explorer-panels-{len(panels)}"]
                classes += ["explorer-layers"] if {"signal", "gradient"} & set(panels) else []  # more to say and to set
                paragraph.replace_self(nodes.container("", paragraph.deepcopy(), classes=classes))


def add_scripts(app, pagename, templatename, context, doctree):
    """Only pages that have an explorer load something for it, and of the scripts only the one that waits."""
    small = doctree and any("explorer-inline" in box["classes"] for box in doctree.findall(nodes.container))
    if small or pagename == PAGE:
        app.add_js_file("explorer-start.js", loading_method="defer")


def setup(app):
    app.add_directive("activation-explorer", ActivationExplorer)
    app.add_post_transform(ExplorerLinks)
    app.connect("env-before-read-docs", write_data)
    app.connect("html-page-context", add_scripts)
