"""The Sphinx extension: formulas, figures that answer, the claims ledger; alone and in a small book."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import site_figures
import site_ledger
from bs4 import BeautifulSoup
from site_math import FormulaError, to_mathml

EXTENSION = Path(site_figures.__file__).parent


def mathml(tex, display=False):
    return BeautifulSoup(to_mathml(tex, display), "html.parser")


# Formulas


def test_cases_have_a_brace_that_grows_and_columns_at_the_left():
    formula = mathml(r"f(x) = \begin{cases} x & \text{if } x > 0,\\ 0 & \text{otherwise}\end{cases}")
    brace = formula.find("mo", string="{")
    assert brace["stretchy"] == "true"
    assert len(formula.find_all("mtr")) == 2
    assert formula.find("mtext").get_text() == "if\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("tex", "tag", "text"),
    [
        (r"\operatorname{ReLU}(x)", "mi", "ReLU"),
        (r"\mathbb{R}", "mi", "ℝ"),
        (r"\mathbf{W}", "mi", "𝐖"),
        (r"\boldsymbol{b}", "mi", "𝒃"),
        (r"\lfloor x", "mo", "⌊"),
        (r"\sum_i", "mo", "∑"),
        (r"\alpha", "mi", "α"),
        (r"W^\top", "mi", "⊤"),
        (r"\arg\max_x f", "mi", "arg"),
        (r"\partial f", "mi", "∂"),
        (r"10\%", "mn", "10"),
    ],
)
def test_letters_and_operators(tex, tag, text):
    assert text in [found.get_text() for found in mathml(tex).find_all(tag)]


def test_lines_are_aligned_at_the_sign():
    rows = mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True).find_all("mtr")
    assert [len(row.find_all("mtd")) for row in rows] == [2, 2]


def test_numbered_environments_leave_the_number_to_sphinx():
    assert "tml-eqn" not in to_mathml(r"\begin{align} a &= b \\ c &= d \end{align}", display=True)


def test_accent_fraction_root_and_matrix():
    formula = mathml(r"\hat{y} = \frac{1}{2} \sqrt{2} \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}")
    for tag in ("mover", "mfrac", "msqrt", "mtable"):
        assert formula.find(tag), tag


@pytest.mark.parametrize("tex", [r"\foo x", r"\frac{1}{", r"a & b", r"\begin{cases} x", r"x^", r"\text{a"])
def test_what_is_not_understood_is_an_error(tex):
    with pytest.raises(FormulaError):
        to_mathml(tex)


# Figures

FIGURE = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "width": 200,
    "height": 100,
    "title": "</script><b>",
    "params": [
        {"name": "n", "value": 3, "bind": {"input": "range", "min": 1, "max": 9, "step": 1, "name": "hinges <n>"}},
        {"name": "fixed", "value": 1},
    ],
    "data": {"sequence": {"start": 0, "stop": 5, "step": 1, "as": "x"}},
    "transform": [{"calculate": "datum.x * n", "as": "y"}],
    "mark": "line",
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}


def test_the_still_picture_is_that_of_the_values_given():
    picture = site_figures.still(FIGURE)
    assert picture.startswith("<svg")
    assert picture == site_figures.still(FIGURE)
    moved = json.loads(json.dumps(FIGURE))
    moved["params"][0]["value"] = 6
    assert site_figures.still(moved) != picture


def test_a_figure_that_needs_the_network_is_refused():
    with pytest.raises(ValueError, match=r"(?i)not allowed|denied|access"):
        site_figures.still(FIGURE | {"data": {"url": "https://example.org/data.csv"}})


def test_data_cannot_end_the_script_that_holds_it():
    part = BeautifulSoup(site_figures.live_part(FIGURE, 'a "line"'), "html.parser")
    assert json.loads(part.find("script").get_text()) == FIGURE
    assert part.div["data-alt"] == 'a "line"'
    assert "hinges <n> (1 to 9)" in part.p.get_text()
    assert "fixed" not in part.p.get_text()


# The ledger


@pytest.fixture
def record():
    return {
        "kind": "decision", "id": "W1", "statement": "One.", "decided_in": "01", "verdict": "holds",
        "condition": None, "evidence": "Exactly.", "checks": ["equal"], "sample": None, "literature": [],
    }  # fmt: skip


CLAIMS = [
    {"id": "W1", "statement": "One.", "decided_in": "01"},
    {"id": "W2", "statement": "Two.", "decided_in": "02"},
]


def write_notebook(path, *outputs, metadata=None):
    cell = {
        "cell_type": "code", "id": "a", "execution_count": 1, "metadata": metadata or {}, "source": "1",
        "outputs": [
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data} for data in outputs
        ],
    }  # fmt: skip
    heading = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "# Chapter"}
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    notebook = {"cells": [heading, cell], "metadata": language, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture
def ledger(tmp_path):
    """A function: the ledger of the given records, all stored in chapter 01."""

    def make(*records, claims=CLAIMS):
        path = tmp_path / "claims.json"
        path.write_text(json.dumps({"groups": [{"title": "Why", "claims": claims}]}), encoding="utf-8")
        write_notebook(tmp_path / "01.ipynb", *({site_ledger.MIME_TYPE: record} for record in records))
        return site_ledger.read_ledger(path, {"01": tmp_path / "01.ipynb"})[0]["claims"]

    return make


def test_the_ledger_knows_decided_open_and_evidence(ledger, record):
    evidence = record | {"kind": "evidence", "id": "W2", "statement": "Two.", "decided_in": "02", "verdict": None}
    first, second = ledger(record, evidence)
    assert first["decision"] == record | {"chapter": "01"}
    assert second["decision"] is None
    assert second["evidence"] == [evidence | {"chapter": "01"}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "W9"}, "W9, which claims.json doesn't have"),
        ({"statement": "Other."}, "another statement"),
        ({"decided_in": "02"}, "another decided_in"),
        ({"verdict": "true"}, "'true'"),
        ({"verdict": None}, "None"),
        ({"kind": "rumour"}, "rumour"),
        ({"kind": "evidence"}, "yet gives a verdict"),
        ({"verdict": "holds if"}, "condition None"),
        ({"condition": "sometimes"}, "condition 'sometimes'"),
        ({"evidence": None}, "malformed"),
        ({"checks": "equal"}, "malformed"),
        ({"extra": 1}, "malformed"),
        ({"id": "W2", "statement": "Two.", "decided_in": "02"}, "leaves to chapter 02"),
    ],
)
def test_a_wrong_record_is_refused(ledger, record, change, message):
    with pytest.raises(site_ledger.LedgerError, match=message):
        ledger(record | change)


def test_a_record_with_a_key_missing_is_refused(ledger, record):
    del record["evidence"]
    with pytest.raises(site_ledger.LedgerError, match="malformed"):
        ledger(record)


def test_a_claim_is_decided_once_and_listed_once(ledger, record):
    with pytest.raises(site_ledger.LedgerError, match="W1 is decided twice"):
        ledger(record, record)
    with pytest.raises(site_ledger.LedgerError, match=r"claims\.json has W1 2 times"):
        ledger(claims=[*CLAIMS, CLAIMS[0]])


# A small book


@pytest.fixture
def small_book(tmp_path, record):
    """A function that builds a book of one chapter and a ledger; it returns the process and its pages' folder."""
    book = tmp_path / "book"
    (book / "notebooks" / "relubook").mkdir(parents=True)
    (book / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(EXTENSION)!r})\n"
        "extensions = ['myst_nb', 'relubook_site']\nnb_execution_mode = 'off'\n"
        "myst_enable_extensions = ['dollarmath', 'amsmath']\nhtml_math_renderer = 'mathml'\n"
        "html_baseurl = 'https://example.org/book/'\nnotfound_urls_prefix = ''\n",
        encoding="utf-8",
    )
    (book / "_toc.yml").touch()
    claims = {"groups": [{"title": "Why", "claims": CLAIMS}]}
    (book / "notebooks/relubook/claims.json").write_text(json.dumps(claims), encoding="utf-8")
    alt = {"mystnb": {"image": {"alt": "a line"}}}

    def build(*, verdict="holds", formula="$x^2$", metadata=alt):
        index = f"# Ledger\n\n{formula}\n\n```{{claims-ledger}}\n```\n\n```{{toctree}}\nnotebooks/01_chapter\n```\n"
        if not (book / "index.md").exists():
            (book / "index.md").write_text(index, encoding="utf-8")
        outputs = {site_ledger.MIME_TYPE: record | {"verdict": verdict}, "text/html": "<p>box</p>"}
        figure = {site_figures.MIME_TYPE: FIGURE, "text/plain": "figure"}
        write_notebook(book / "notebooks/01_chapter.ipynb", outputs, figure, metadata=metadata)
        command = [sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-q", str(book), str(tmp_path / "out")]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8"), tmp_path / "out"

    return build


def test_a_small_book_builds_and_its_ledger_follows_the_notebook(small_book):
    for verdict in ("holds", "misleading"):
        built, folder = small_book(verdict=verdict)
        assert built.returncode == 0, built.stderr
        card = BeautifulSoup((folder / "index.html").read_text("utf-8"), "html.parser").find(id="W1")
        assert f"verdict-{verdict}" in card["class"]
        assert card.find("a", href="notebooks/01_chapter.html#claim-W1")
    chapter = BeautifulSoup((folder / "notebooks/01_chapter.html").read_text("utf-8"), "html.parser")
    picture = chapter.select_one(".cell_output img")
    assert picture["alt"] == "a line"
    assert int(picture["width"]) > 200 < 2 * int(picture["height"])


def test_a_page_can_quote_a_verdict(small_book):
    built, folder = small_book(verdict="misleading", formula="{claim}`W1` {claim}`W2`")
    assert built.returncode == 0, built.stderr
    page = BeautifulSoup((folder / "index.html").read_text("utf-8"), "html.parser")
    quoted = {link.get_text(): link["href"] for link in page.select("a.claim-link")}
    assert quoted == {"W1 misleading": "book/ledger.html#W1", "W2 open": "book/ledger.html#W2"}


def test_quoting_an_unknown_claim_fails_the_build(small_book):
    built, _ = small_book(formula="{claim}`W9`")
    assert built.returncode != 0
    assert "claims.json has no claim 'W9'" in built.stderr


def test_a_wrong_formula_fails_the_build(small_book):
    built, _ = small_book(formula=r"$\foo$")
    assert built.returncode != 0
    assert r"Unsupported function name: \foo" in built.stderr
    assert "index.md:3" in built.stderr


def test_a_wrong_verdict_fails_the_build(small_book):
    built, _ = small_book(verdict="perhaps")
    assert built.returncode != 0
    assert "'perhaps'" in built.stderr


def test_a_figure_without_alt_text_fails_the_build(small_book):
    built, _ = small_book(metadata={})
    assert built.returncode != 0
    assert "no alt text" in built.stderr
