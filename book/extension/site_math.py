"""Typeset formulas to MathML while the book is built, so that a page has nothing to load and nothing to run.

Temml (vendored) does the work in an embedded JavaScript engine. It writes the subset that browsers draw
and raises on any command it doesn't know; here that becomes a warning, which fails the build.
"""

import functools
import re
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

TEMML = Path(__file__).with_name("vendor") / "temml.min.js"
PUNCTUATION = re.compile(r"[.,;:!?)’”]+")
LOGGER = logging.getLogger(__name__)


class FormulaError(ValueError):
    """A formula that cannot be typeset; the message says where it stops."""


@functools.cache
def _engine():
    engine = MiniRacer()
    engine.eval(TEMML.read_text(encoding="utf-8"))
    return engine


@functools.cache
def to_mathml(tex, display=False):
    """MathML for one formula. Raises FormulaError if any part of it is not understood."""
    # Numbers come from Sphinx, where a formula has a label; Temml's own would count separately.
    tex = re.sub(r"\\(begin|end)\{(align|alignat|equation|gather)\}", r"\\\1{\2*}", tex)
    try:
        mathml = _engine().call(
            "temml.renderToString", tex, {"displayMode": display, "throwOnError": True, "strict": True}
        )
    except JSEvalException as error:
        reason = re.search(r"ParseError:\s*(.*)", str(error))
        raise FormulaError(reason.group(1).strip() if reason else str(error)) from None
    return mathml


def _typeset(translator, node, display):
    tex = node.astext()
    try:
        return to_mathml(tex, display)
    except FormulaError as error:
        LOGGER.warning("formula %r: %s", tex, error, location=node, type="relubook", subtype="math")
        return translator.encode(tex)


class KeepPunctuation(SphinxPostTransform):
    """Put a formula and the punctuation right after it into one piece that doesn't wrap."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            following = formula.next_node(nodes.Text, descend=False, siblings=True)
            place = formula.parent.index(formula)
            if following is None or formula.parent.index(following) != place + 1:
                continue
            mark = PUNCTUATION.match(following)
            if mark:
                kept = nodes.inline("", "", formula.deepcopy(), nodes.Text(mark[0]), classes=["formula-end"])
                formula.parent[place : place + 2] = [kept, nodes.Text(following[mark.end() :])]


def visit_inline(self, node):
    self.body.append(f'<span class="math notranslate">{_typeset(self, node, display=False)}</span>')
    raise nodes.SkipNode


def visit_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math notranslate"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f'<div class="scroll-box">{_typeset(self, node, display=True)}</div></div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_post_transform(KeepPunctuation)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
