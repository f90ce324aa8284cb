"""The reference page: what its cards are made of, and that its pictures' formulas are relubook's."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import site_reference
import torch
from bs4 import BeautifulSoup
from py_mini_racer import MiniRacer
from relubook.family import ELEMENTWISE, FAMILY, GATED

ROOT = Path(__file__).resolve().parent.parent
WITH_SLIDERS = [name for name, function in ELEMENTWISE.items() if function.parameters]


@pytest.fixture(scope="module")
def vega():
    """Evaluate a formula of a picture at some x: Vega's functions are JavaScript's without Math."""
    engine = MiniRacer()
    engine.eval("const {exp, log, sqrt, abs, min, max, pow, E, PI} = Math;")

    def evaluate(formula, x, parameters):
        names = ", ".join(f"p_{name}" for name in parameters)
        rows = json.dumps([{"x": float(at)} for at in x])
        values = ", ".join(map(str, parameters.values()))
        call = f"(({names}) => {rows}.map((datum) => ({formula})))({values})"
        return np.array(json.loads(engine.eval(f"JSON.stringify({call})")))

    return evaluate


@pytest.mark.parametrize("name", WITH_SLIDERS)
def test_a_pictures_formulas_are_relubooks(name, vega):
    function = ELEMENTWISE[name]
    x = np.linspace(-4.9, 4.9, 99) + 0.003  # beside every kink
    for end in (0, 1, None):
        chosen = {p.name: p.default if end is None else p.slider[end] for p in function.parameters}
        expected = [function(x, **chosen)] + [function.derivative(x, order=k, **chosen) for k in (1, 2)]
        formulas = [site_reference.in_vega(formula) for formula in site_reference.orders(function)]
        for formula, values in zip(formulas, expected, strict=False):
            np.testing.assert_allclose(vega(formula, x, chosen), values, rtol=1e-9, atol=1e-9)
        for values in expected[len(formulas) :]:
            assert not values.any(), "a second derivative that is not drawn is 0"


@pytest.mark.parametrize("name", FAMILY)
def test_a_slider_can_stand_at_its_default(name):
    for parameter in FAMILY[name].parameters:
        low, high, step = parameter.slider
        start = site_reference.start_of(parameter.default, step)
        assert low <= start <= high
        assert abs((start - low) / step - round((start - low) / step)) < 1e-9, "no stop of the slider"
        assert abs(start - parameter.default) < 0.001, "its figure starts elsewhere"


def test_pytorchs_gains_are_what_pytorch_says():
    for name, gain in site_reference.PYTORCH_GAINS.items():
        assert gain == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-12)
    unknown = set(ELEMENTWISE) - set(site_reference.PYTORCH_GAINS)
    for name in unknown:
        with pytest.raises(ValueError, match="Unsupported nonlinearity"):
            torch.nn.init.calculate_gain(name)


def test_functions_say_where_they_are_taught():
    taught = [name for names in site_reference.CHAPTERS.values() for name in names]
    assert sorted([*taught, "softsign", "hard_tanh", "hard_sigmoid"]) == sorted(FAMILY), "three have no chapter"


def test_numbers_as_readers_see_them():
    shown = [site_reference.number(value) for value in (1.0507009873554805, -np.inf, np.inf, -1e-17, -0.25, 3.0)]
    assert shown == ["1.0507", "−∞", "∞", "0", "−0.25", "3"]


@pytest.fixture(scope="module")
def page(site):
    return BeautifulSoup((site.folder / "book/reference.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", FAMILY)
def test_every_function_has_a_card(page, name):
    function = FAMILY[name]
    card = page.find(id=site_reference.anchor(name))
    for alias in (function.title, *function.aliases):
        anchor = site_reference.anchor(alias)
        assert not anchor or page.find(id=anchor).find_parent("section", class_="activation-card") in (card, None)
        assert alias in card.get_text()
    assert len(card.find("img")["alt"]) > 60
    assert card.select_one("div.math math")
    assert "<mn>1</mn><mfrac" not in re.sub(r">\s+<", "><", str(card.math)), "a factor of 1"
    assert len(card.select(".live-figure")) == bool(function.parameters and name not in GATED)
    terms = card.select(".activation-facts dt")
    shown = {term.get_text(): term.find_next_sibling("dd").get_text(strip=True) for term in terms}
    assert shown["range"] == " to ".join(map(site_reference.number, function.range()))
    assert shown["initialisation gain"].startswith(site_reference.number(function.gain(), 5))
    code = card.find("pre").get_text()
    assert f'FAMILY["{name}"]' in code
    for framework, lines in function.calls.items():
        assert f"# {framework}" in code
        assert all(line in code for line in lines)
        for line in lines:
            for key, value in function.defaults.get(framework, {}).get(line.partition("(")[0], {}).items():
                assert f"{key}={site_reference.shortened(value)}" in code
    assert page.select(f'table a[href="#{site_reference.anchor(name)}"]')
