"""Verdicts fail when their evidence does, refuse wrong calls, and leave a copy that machines can read."""

import base64
import html
import io
import json
import re

import matplotlib.pyplot as plt
import pytest
import vl_convert
from PIL import Image
from relubook import verdicts
from relubook.figures import COLOURS, LINE_STYLES, draw_function_and_derivative, line, show_bitmap
from relubook.interactive import AnsweringFigure, answering_curves
from relubook.tables import table
from relubook.verdicts import add_evidence, claims, decide

CHAPTERS = {f"{n:02d}" for n in range(1, 20)}


def test_a_false_check_fails_the_cell_and_is_named():
    with pytest.raises(AssertionError, match=r"D1.*the second check"):
        decide("D1", "holds", evidence="…", checks={"the first check": True, "the second check": False})
    with pytest.raises(AssertionError, match=r"D3.*the only check"):
        add_evidence("D3", evidence="…", checks={"the only check": False})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("D99", "holds", {}), "claim_id is 'D99'; allowed are D1"),
        (("D1", "true", {}), "verdict is 'true'; allowed are holds, holds if, misleading, not shown, false"),
        (("D1", "holds if", {}), "condition is None"),
        (("D1", "holds", {"condition": "sometimes"}), "condition is 'sometimes'"),
        (("D1", "holds", {"evidence": ""}), "evidence is empty"),
        (("D1", "holds", {"checks": {}}), "give checks"),
    ],
)
def test_wrong_calls_say_what_is_allowed(arguments, message):
    claim_id, verdict, options = arguments
    with pytest.raises(ValueError, match=message):
        decide(claim_id, verdict, **{"evidence": "…", "checks": {"a": True}, **options})


def test_the_copy_for_machines_is_complete():
    options = {"condition": "α < 1 & x > 0", "sample": "n = 3", "evidence": "<b>", "checks": {"a": True}}
    bundle = decide("D6", "holds if", **options)._repr_mimebundle_()
    record = bundle[verdicts.MIME_TYPE]
    assert json.loads(json.dumps(record)) == record
    assert record == {
        "kind": "decision",
        "id": "D6",
        "statement": claims()["D6"]["statement"],
        "decided_in": "02",
        "verdict": "holds if",
        "condition": "α < 1 & x > 0",
        "evidence": "<b>",
        "checks": ["a"],
        "sample": "n = 3",
        "literature": [],
    }
    assert 'id="claim-D6"' in bundle["text/html"]
    assert 'class="verdict verdict-holds-if"' in bundle["text/html"]
    # What is said is text, never markup.
    assert "<b>" not in bundle["text/html"]
    text = html.unescape(re.sub("<[^>]+>", " ", bundle["text/html"]))
    for said in (record["statement"], record["condition"], record["evidence"], record["sample"]):
        assert said in text
        assert said in bundle["text/plain"]


def test_code_in_evidence_stands_between_backticks():
    verdict = decide("W1", "holds", evidence="`max(0, x)` < 1 & `y`", checks={"it is": True})
    box = verdict._repr_mimebundle_()["text/html"]
    assert "<code>max(0, x)</code> &lt; 1 &amp; <code>y</code>" in box
    assert verdict.record["evidence"] == "`max(0, x)` < 1 & `y`"


def test_evidence_names_the_chapter_that_decides():
    bundle = add_evidence("D3", evidence="…", checks={"a": True})._repr_mimebundle_()
    assert 'id="evidence-D3"' in bundle["text/html"]
    assert "chapter 05" in bundle["text/plain"]
    assert bundle[verdicts.MIME_TYPE]["verdict"] is None


def test_every_claim_has_an_id_a_statement_and_a_chapter():
    assert len(claims()) == 54
    for claim in claims().values():
        assert set(claim) == {"id", "statement", "decided_in"}
        assert claim["decided_in"] in CHAPTERS
        assert claim["statement"].endswith(".")


def test_table_is_markdown_and_refuses_uneven_rows():
    assert table(["a", "b"], [(1, "x|y")], align="right").data == "| a | b |\n| :-- | --: |\n| 1 | x\\|y |"
    with pytest.raises(ValueError, match="has 1 cells; allowed are 2"):
        table(["a", "b"], [(1,)])
    with pytest.raises(ValueError, match="align is 'centre'"):
        table(["a"], [], align="centre")


def test_every_function_has_a_colour_and_a_line_style():
    assert set(COLOURS) == set(LINE_STYLES)
    assert len(set(COLOURS.values())) == len(COLOURS)
    with pytest.raises(ValueError, match="name is 'rulu'; allowed are relu"):
        line("rulu")


@pytest.mark.parametrize("name", COLOURS)
def test_colours_stand_out_from_white(name):
    """WCAG 2.1, 1.4.11: graphics need a contrast of 3."""
    channels = [int(COLOURS[name][i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 3


def test_a_bitmap_is_small_and_knows_its_size_on_the_page(monkeypatch):
    shown = []
    monkeypatch.setattr("relubook.figures.display", shown.append)
    figure, axes = plt.subplots(figsize=(4.8, 3.2))
    axes.plot([0, 1], [0, 1])
    show_bitmap(figure)
    data, size = shown[0]._repr_png_()
    assert size == {"width": 461, "height": 307}
    data = base64.b64decode(data)
    assert Image.open(io.BytesIO(data)).size == (921, 614)
    assert len(data) < 20_000
    assert plt.get_fignums() == [], "it would be shown a second time"


def test_drawing_refuses_what_would_lie():
    with pytest.raises(ValueError, match="contains the kink"):
        draw_function_and_derivative([-1, 0, 1], {"ReLU": ("relu", [0, 0, 1], [0, 0, 1])}, kink=0)
    with pytest.raises(ValueError, match="2 values and 3 slopes for 3 points"):
        draw_function_and_derivative([-1, 1, 2], {"ReLU": ("relu", [0, 1], [0, 1, 1])}, kink=0)


def test_answering_figures_need_a_complete_slider():
    with pytest.raises(ValueError, match="give it a slider"):
        AnsweringFigure({"mark": "line"})
    with pytest.raises(ValueError, match="'a' lacks max, step"):
        AnsweringFigure({"params": [{"name": "a", "bind": {"input": "range", "name": "slope", "min": 0}}]})
    with pytest.raises(ValueError, match="is named 'rulu'; allowed are relu"):
        answering_curves(
            x=(0, 1, 0.5), curves={"c": ("rulu", "x")}, sliders={"a": ("slope", 0, 1, 0.5, 0)}, ylim=(0, 1)
        )


def test_answering_curves_compute_what_they_say():
    """The drawing library evaluates the formulas; compare one curve with the same formula in Python."""
    figure = answering_curves(
        x=(-1, 1, 0.5),
        steps={"double": "2 * x"},
        curves={"leaky": ("leaky_relu", "x < 0 ? a * double : x")},
        sliders={"a": ("slope", 0, 1, 0.25, 0.25)},
        ylim=(-1, 1),
    )
    drawn = vl_convert.vegalite_to_svg(figure.specification, vl_version="5.20")
    path = next(p for p in re.findall(r'<path [^>]*aria-roledescription="line mark"[^>]*>', drawn))
    points = [
        tuple(map(float, p.split(","))) for p in re.findall(r"[\d.]+,[\d.]+", re.search(r' d="([^"]+)"', path)[1])
    ]
    # 300 by 230 pixels stand for -1 to 1 each; y runs downwards.
    assert [px / 150 - 1 for px, _ in points] == pytest.approx([-1, -0.5, 0, 0.5, 1], abs=1e-6)
    assert [1 - py / 115 for _, py in points] == pytest.approx([-0.5, -0.25, 0, 0.5, 1], abs=1e-6)
