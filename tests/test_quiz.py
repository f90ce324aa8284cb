"""The questions of the chapters: sound, in place, and no answer told by where it stands or how long it is."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
import site_quiz
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

ROOT = Path(__file__).resolve().parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SETTINGS = {
    "myst_enable_extensions": ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"],
    "report_level": 2,
    "halt_level": 2,
}


def tree(text):
    return publish_doctree(text, parser=Parser(), settings_overrides=SETTINGS)


def quizzes_in(text, chapter="01"):
    return [site_quiz.read_quiz(node, chapter) for node in tree(text).findall(site_quiz.is_quiz)]


def quiz_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if ":class: quiz" in cell.source]


BOOK = {
    path.stem: [quiz for cell in quiz_cells(path) for quiz in quizzes_in(cell.source, path.stem[:2])] for path in PATHS
}
ALL = [quiz for quizzes in BOOK.values() for quiz in quizzes]


@pytest.mark.parametrize("name", BOOK)
def test_a_chapter_asks_two_to_four_questions(name):
    assert 2 <= len(BOOK[name]) <= 4


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_quiz_has_a_cell_of_its_own_named_like_it(path):
    for cell in quiz_cells(path):
        assert cell.cell_type == "markdown"
        assert re.fullmatch(r"::::\{admonition\} Check yourself\n.*\n::::", cell.source, re.DOTALL)
        assert [quiz.name for quiz in quizzes_in(cell.source, path.stem[:2])] == [cell.id]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_quiz_ends_its_section(path):
    """What was asked for has just been read, and no exercise is torn apart."""
    cells = nbformat.read(path, as_version=4).cells
    for cell, after in pairwise(cells):
        if ":class: quiz" in cell.source:
            assert re.match(r"#{2,} |::::\{admonition\} Check yourself", after.source), cell.id


def test_every_name_is_used_once():
    assert len({quiz.name for quiz in ALL}) == len(ALL)


def test_where_the_right_answer_stands_tells_nothing():
    places = [next(i for i, option in enumerate(quiz.options) if option.right) for quiz in ALL]
    expected = sum(1 / len(quiz.options) for quiz in ALL)
    for place in range(3):
        assert 0.6 * expected < places.count(place) < 1.5 * expected, f"place {place + 1}: {places.count(place)}"
    last = sum(place == len(quiz.options) - 1 for place, quiz in zip(places, ALL, strict=True))
    assert 0.6 * expected < last < 1.5 * expected


def test_how_long_the_right_answer_is_tells_nothing():
    def rank(quiz, pick):
        lengths = [len(option.title.astext()) for option in quiz.options]
        right = next(len(option.title.astext()) for option in quiz.options if option.right)
        return right == pick(lengths)

    expected = sum(1 / len(quiz.options) for quiz in ALL)
    for pick in (min, max):
        assert sum(rank(quiz, pick) for quiz in ALL) < 1.5 * expected, pick.__name__


# What the format refuses

GOOD = """\
::::{admonition} Check yourself
:class: quiz
:name: quiz-01-sample

What is $1 + 1$?

:::{admonition} 2
:class: dropdown

Right. One more than one is two.
:::

:::{admonition} 11
:class: dropdown

Not quite. That would be the two digits, side by side.
:::
::::
"""


OTHERS = "".join(
    f"\n:::{{admonition}} {n}\n:class: dropdown\n\nNot quite. That is too many, by far.\n:::\n" for n in "3456"
)


def test_a_sound_quiz_is_read():
    (quiz,) = quizzes_in(GOOD)
    assert (quiz.name, quiz.head) == ("quiz-01-sample", "Check yourself")
    assert [(option.title.astext(), option.right) for option in quiz.options] == [("2", True), ("11", False)]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("Right. One", "Not quite. One", "0 right answers"),
        ("Not quite. That", "Right. That", "2 right answers"),
        ("Right. One", "Yes. One", "opens with neither"),
        ("One more than one is two.", "It is.", "says too little"),
        (":name: quiz-01-sample\n", "", "its name is ''"),
        ("quiz-01-sample", "quiz-02-sample", "its name is 'quiz-02-sample'"),
        ("quiz-01-sample", "sample", "its name is 'sample'"),
        ("} 11\n", "} 2\n", "the same answer twice"),
        ("What is $1 + 1$?\n", "", "not a question and then its answers"),
        ("two.\n:::\n", "two.\n:::\n\nOr is it?\n", "not a question and then its answers"),
        (GOOD[GOOD.index(":::{admonition} 11") : -5], "", "has 1 answers"),
        ("::::\n", f"{OTHERS}::::\n", "has 6 answers"),
    ],
)  # fmt: skip
def test_an_unsound_quiz_is_refused(before, after, message):
    assert before in GOOD
    text = GOOD.replace(before, after) if before != "::::\n" else GOOD.removesuffix(before) + after
    with pytest.raises(site_quiz.QuizError, match=re.escape(message)):
        quizzes_in(text)


@pytest.fixture
def build(tmp_path):
    """A function that builds a book of two pages, the first with the given text; it returns stderr and the pages."""
    extension = Path(site_quiz.__file__).parent
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(extension)!r})\nextensions = ['myst_parser', 'site_quiz']\n"
        "myst_enable_extensions = ['colon_fence', 'dollarmath']\nroot_doc = '01_page'\nhtml_theme = 'basic'\n",
        encoding="utf-8",
    )
    (tmp_path / "02_plain.md").write_text("# Plain\n\nNo question.\n", encoding="utf-8")

    def build(text):
        text = f"# Page\n\n{text}\n```{{toctree}}\n02_plain\n```\n"
        (tmp_path / "01_page.md").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-q", tmp_path, tmp_path / "out"]
        built = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        assert bool(built.returncode) == bool(built.stderr)
        return built.stderr, *((tmp_path / f"out/{name}.html").read_text("utf-8") for name in ("01_page", "02_plain"))

    return build


def test_only_a_page_with_a_quiz_gets_what_a_quiz_needs(build):
    errors, page, plain = build(GOOD)
    assert errors == ""
    assert '<div class="quiz" id="quiz-01-sample" role="group" aria-labelledby="quiz-01-sample-question">' in page
    assert [page.count(part) for part in ("<details", "</details>", "quiz.js")] == [2, 2, 1]
    assert "quiz." not in plain


def test_an_unsound_quiz_stops_the_build(build):
    unsound = GOOD.replace("Right. ", "Not quite. ").replace("quiz-01-sample", "quiz-01-other")
    errors, *_ = build(f"{GOOD}\n{unsound}\n{GOOD}")
    assert "a quiz is not sound: quiz-01-other has 0 right answers" in errors
    assert 'Duplicate explicit target name: "quiz-01-sample"' in errors
