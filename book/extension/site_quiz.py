"""Questions to check oneself with: an admonition of the class "quiz", with one folded admonition for each answer.

JupyterLab and Jupyter Book 2 fold the answers as they stand. Here each becomes a <details>, which needs no
script either; quiz.js only says how it went. A quiz that is not sound is a warning, so the book isn't built.
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

from docutils import nodes
from site_folds import raw
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

RIGHT, WRONG = "Right.", "Not quite."
OPTIONS = range(2, 6)
MIN_REASON = 20
INVITATION = "Choose an answer. It says whether it is right, and why."
LOGGER = logging.getLogger(__name__)


class quiz_option(nodes.General, nodes.Element):
    """An answer to choose, with the reason that it gives when it is chosen."""


class quiz_answer(nodes.TextElement):
    """What stands on an answer before it is chosen."""


class QuizError(ValueError):
    """A quiz that a reader could not rely on."""


@dataclass
class Option:
    """One answer: its title and the blocks of its reason, which open with the verdict."""

    title: nodes.title
    reason: list
    right: bool


@dataclass
class Quiz:
    """A question and its answers."""

    name: str
    head: str
    question: list
    options: list


def is_quiz(node):
    return isinstance(node, nodes.admonition) and "quiz" in node["classes"]


def read_option(node):
    title, *reason = node.children
    text = " ".join(block.astext() for block in reason)
    verdict = next((word for word in (RIGHT, WRONG) if text.startswith(word)), None)
    if verdict is None:
        raise QuizError(f"the reason of {title.astext()!r} opens with neither {RIGHT!r} nor {WRONG!r}")
    if len(text.removeprefix(verdict).strip()) < MIN_REASON:
        raise QuizError(f"{title.astext()!r} says too little about why")
    return Option(title, reason, verdict == RIGHT)


def read_quiz(node, chapter):
    """Return the quiz that an admonition holds; raise QuizError if it isn't sound. `chapter` is like "01"."""
    name = (node["names"] or [""])[0]
    if not re.fullmatch(rf"quiz-{chapter}-[a-z0-9-]+", name):
        raise QuizError(f"its name is {name!r}, and not quiz-{chapter}-… in small letters")
    title, *blocks = node.children
    answers = [block for block in blocks if isinstance(block, nodes.admonition) and "dropdown" in block["classes"]]
    question = blocks[: len(blocks) - len(answers)]
    if not question or blocks[len(question) :] != answers:
        raise QuizError(f"{name} is not a question and then its answers")
    options = [read_option(answer) for answer in answers]
    if len(options) not in OPTIONS:
        raise QuizError(f"{name} has {len(options)} answers, not {OPTIONS[0]} to {OPTIONS[-1]}")
    if len({option.title.astext() for option in options}) < len(options):
        raise QuizError(f"{name} has the same answer twice")
    if sum(option.right for option in options) != 1:
        raise QuizError(f"{name} has {sum(option.right for option in options)} right answers")
    return Quiz(name, title.astext(), question, options)


def stress_verdict(option):
    """Set the verdict at the beginning of the reason in bold."""
    text = next(option.reason[0].findall(nodes.Text))
    verdict = RIGHT if option.right else WRONG
    text.parent.replace(text, [nodes.strong(text=verdict), nodes.Text(text[len(verdict) :])])


def rendered(quiz):
    """The nodes that write a quiz."""
    parts = [
        raw(
            f'<div class="quiz" id="{quiz.name}" role="group" aria-labelledby="{quiz.name}-question">'
            f'<p class="quiz-head">{escape(quiz.head)}</p><div class="quiz-question" id="{quiz.name}-question">'
        ),
        *quiz.question,
        raw("</div>"),
    ]
    for option in quiz.options:
        stress_verdict(option)
        classes = ["quiz-right" if option.right else "quiz-wrong"]
        answer = quiz_answer("", "", *option.title.children)
        parts.append(quiz_option("", answer, *option.reason, classes=classes))
    return [*parts, raw(f'<p class="quiz-status" role="status">{INVITATION}</p></div>')]


class RenderQuizzes(SphinxPostTransform):
    """Write each quiz of a page so that it works without a script."""

    default_priority = 890  # before site_folds folds the answers as it does all other boxes
    formats = ("html",)

    def run(self, **kwargs):
        chapter = PurePosixPath(self.env.docname).name[:2]
        for node in list(self.document.findall(is_quiz)):
            try:
                node.parent.replace(node, rendered(read_quiz(node, chapter)))
            except QuizError as error:
                LOGGER.warning("a quiz is not sound: %s", error, location=node, type="relubook")


def visit_option(self, node):
    self.body.append(self.starttag(node, "details", CLASS="quiz-option"))


def depart_option(self, node):
    self.body.append("</div></details>\n")


def visit_answer(self, node):
    self.body.append("<summary><span>")


def depart_answer(self, node):
    self.body.append('</span></summary>\n<div class="quiz-reason">')


def add_files(app, pagename, templatename, context, doctree):
    """On html-page-context: what a page with quizzes needs, and only there."""
    if doctree is not None and any(doctree.findall(quiz_option)):
        app.add_js_file("quiz.js", loading_method="defer")


def setup(app):
    app.add_node(quiz_option, html=(visit_option, depart_option))
    app.add_node(quiz_answer, html=(visit_answer, depart_answer))
    app.add_post_transform(RenderQuizzes)
    app.connect("html-page-context", add_files)
