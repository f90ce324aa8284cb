"""The activation explorer: its arithmetic against relubook and SymPy, its page and its small forms in a browser."""

import json
import math
import re
from html import unescape

import numpy as np
import pytest
import sympy
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from relubook.family import ELEMENTWISE
from relubook.family.moments import expectation
from test_site import AXE, violations, wait_until

PAGE = "book/explorer.html"
SCRIPTS = ("explorer-start.js", "explorer-family.js", "explorer-math.js", "explorer.js")
CLOSE = 1e-10
SHIFT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(0), 300);
})"""


@pytest.fixture(scope="module")
def explorer(site, chromium):
    """A page on which the explorer's scripts have started."""
    page = chromium.new_page()
    page.goto(site.url + PAGE)
    page.locator(".explorer-panel").first.wait_for()
    yield page
    page.close()


def settings(function):
    """Numbers for the parameters of a function: the defaults, and each parameter at the ends of its slider."""
    yield {}
    for parameter in function.parameters:
        for value in parameter.slider[:2]:
            try:
                function._check({parameter.name: value})
            except ValueError:
                continue
            yield {parameter.name: value}


CASES = [pytest.param(f, given, id=f"{f.name}-{given}") for f in ELEMENTWISE.values() for given in settings(f)]


def numbers(function, given):
    """Everything that a function's formula has to be given."""
    return {name: value for name, (_, value) in function.constants.items()} | function._check(given)


def of_formula(explorer, formula, x, given=None):
    """Value, first and second derivative of a typed formula at the points of x."""
    return np.array(explorer.evaluate(
        """([formula, x, given]) => {
          const { tree } = activationMath.parse(formula);
          return activationMath.evaluate(tree, x, given, 2).map((values) => [...values].map(String));
        }""",
        [formula, [float(at) for at in x], given or {}],
    ), dtype=float)  # fmt: skip


def prepared(explorer, function, given, action):
    """What `action`, JavaScript about the prepared function f, returns."""
    return explorer.evaluate(
        f"""([name, given]) => {{
          const math = activationMath;
          const f = math.prepare(math.familyTree(name), given);
          return {action};
        }}""",
        [function.name, numbers(function, given)],
    )


def close(found, wanted, within=CLOSE):
    """Whether numbers agree: relative above 1, absolute below; infinities only with themselves."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    with np.errstate(invalid="ignore"):
        near = np.abs(found - wanted) <= within * np.maximum(1, np.abs(wanted))
    return (found == wanted) | (near & np.isfinite(wanted))


# --- The arithmetic ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("function", "given"), CASES)
def test_value_and_derivatives_are_those_of_relubook(explorer, function, given):
    kinks = np.array(function._fact("kinks", given))
    beside = [kink + step for kink in kinks for step in (-1e-6, 0, 1e-6)]
    x = np.unique([*np.linspace(-9, 9, 181), *beside, *(s * 10.0**k for k in (1.5, 2, 3, 6) for s in (-1, 1))])
    found = of_formula(explorer, function.formula, x, numbers(function, given))
    wanted = [function(x, **given), *(function.derivative(x, order=n, **given) for n in (1, 2))]
    for order in range(3):
        # The second derivative at a kink is a convention: relubook says 0, the page what is on the left.
        compared = ~np.isin(x, kinks) if order == 2 else np.full(x.shape, True)
        wrong = compared & ~close(found[order], wanted[order])
        assert not wrong.any(), (order, x[wrong], found[order][wrong], wanted[order][wrong])


@pytest.mark.parametrize(("function", "given"), CASES)
def test_what_is_said_of_a_function_is_in_its_contract(explorer, function, given):
    what = "[f.kinks, math.rangeOf(f), math.moments(f), math.moments(f, 0.7, 2.5)]"
    kinks, ranges, standard, moved = prepared(explorer, function, given, what)
    assert close(kinks, function._fact("kinks", given)).all()
    assert close([ranges["low"], ranges["high"]], function.range(**given), 1e-8).all()
    assert close(ranges["steepest"], function.lipschitz(**given), 1e-4)
    lowest = function.minimum(**given)
    assert (ranges["lowest"] is None) == (lowest is None)
    assert lowest is None or close(ranges["lowest"], lowest).all()
    mean, second = function.moments(**given)
    assert close([standard["mean"], standard["second"]], [mean, second]).all()
    assert close(standard["variance"], second - mean**2)

    def of_moved(power):
        shifted = [(kink - 0.7) / 2.5 for kink in function._fact("kinks", given)]
        return expectation(lambda z: function(0.7 + 2.5 * z, **given) ** power, shifted)

    assert close([moved["mean"], moved["second"]], [of_moved(1), of_moved(2)]).all()


@pytest.mark.parametrize("name", ["relu", "tanh", "selu", "gelu", "hard_swish", "squared_relu"])
@pytest.mark.parametrize("start", ["he", "xavier", "lecun", "pytorch", "own"])
def test_signal_and_gradient_follow_the_recursion(explorer, name, start):
    function = ELEMENTWISE[name]
    gain = {"he": 2, "xavier": 1, "lecun": 1, "pytorch": 1 / 3, "own": 1 / function.moments()[1]}[start]
    found = prepared(explorer, function, {}, f"math.throughLayers(f, '{start}')")
    q, signal, factors = 1.0, [1.0], []
    for _ in range(8):
        root = math.sqrt(q)
        kinks = [kink / root for kink in function._fact("kinks", {})]
        factors.append(gain * expectation(lambda z, s=root: function.derivative(s * z) ** 2, kinks))
        q = gain * expectation(lambda z, s=root: function(s * z) ** 2, kinks)
        signal.append(q)
    assert close(np.array(found["signal"][:9]) / signal, 1, 1e-8).all()
    assert close(np.array(found["factors"][:8]) / factors, 1, 1e-8).all()
    passed = explorer.evaluate("(factors) => activationMath.gradientOf(factors, 5)", found["factors"])
    assert close(passed, [math.prod(factors[layer:4]) for layer in range(5)]).all()


# Mean, variance and mean square of the slope of a standard normal input: NaN where there is no such number.
TYPED = {
    "1/x": (math.nan, math.nan, math.nan),
    "sqrt(abs(x))": (0.822179, 0.121906, math.nan),
    "sin(40*x)": (0.0, 0.5, 800.0),
    "x*sigmoid(3*x)": None,
}


@pytest.mark.parametrize(("formula", "wanted"), TYPED.items(), ids=TYPED)
def test_a_typed_formula_gets_numbers_that_settle_or_none(explorer, formula, wanted):
    found = explorer.evaluate(
        """(formula) => {
          const f = activationMath.prepare(activationMath.parse(formula).tree, {}, true);
          const { mean, variance, slopes } = activationMath.moments(f);
          return [mean, variance, slopes].map(String);
        }""",
        formula,
    )
    if wanted is None:
        swish = ELEMENTWISE["silu"]
        mean, second = swish.moments(beta=3.0)
        wanted = (mean, second - mean**2, expectation(lambda z: swish.derivative(z, beta=3.0) ** 2, []))
    found = np.array(found, dtype=float)
    assert (np.isnan(found) == np.isnan(wanted)).all(), found
    assert close(found, wanted, 1e-6)[~np.isnan(wanted)].all(), found


def test_the_layers_of_a_typed_formula_settle_too(explorer):
    """With He's start, E f'^2 of x + sin(x)^2 tends to 3/2 as the signal grows: the factor to 3."""
    factors = explorer.evaluate(
        """() => {
          const f = activationMath.prepare(activationMath.parse("x + sin(x)**2").tree, {}, true);
          return activationMath.throughLayers(f, "he").factors.map(String);
        }"""
    )
    told = np.array(factors, dtype=float)
    told = told[~np.isnan(told)]
    assert len(told) >= 8
    assert close(told[6:], 3, 1e-3).all(), told


def test_a_signal_that_explodes_does_not_become_nonsense(explorer):
    found = prepared(explorer, ELEMENTWISE["squared_relu"], {}, "math.throughLayers(f, 'he').signal.map(String)")
    assert found[-1] == "Infinity"
    assert "NaN" not in found


def test_histogram_has_the_shares_of_the_normal_distribution(explorer):
    def phi(z):
        return (1 + math.erf(z / math.sqrt(2))) / 2

    shares = prepared(explorer, ELEMENTWISE["relu"], {}, "[...math.histogram(f, 0.5, 2, -1, 0.5, 20)]")
    assert shares[:2] == [0, 0]
    assert abs(shares[2] - phi((0.5 - 0.5) / 2)) < 1e-3  # all that is below 0, and up to 0.5
    assert abs(shares[5] - (phi((2 - 0.5) / 2) - phi((1.5 - 0.5) / 2))) < 1e-3
    shares = prepared(explorer, ELEMENTWISE["tanh"], {}, "[...math.histogram(f, 0, 1, -1, 0.1, 20)]")
    wanted = np.diff([phi(math.atanh(max(-1 + 1e-12, min(1 - 1e-12, -1 + k / 10)))) for k in range(21)])
    assert abs(sum(shares) - 1) < 1e-3
    assert np.abs(shares - wanted).max() < 1e-3


FORMULAS = {
    "max(0, x) - 0.1*sin(x)": "Max(0, x) - sin(x)/10",
    "x*sigmoid(beta*x)": "x/(1 + exp(-beta*x))",
    "x / (1 + exp(-x))": "x/(1 + exp(-x))",
    "exp(x)/(1 + exp(x))": "1/(1 + exp(-x))",
    "log(exp(x) + 1)": "log(1 + exp(x))",
    "where(x > 0, x**2, expm1(x))": "Piecewise((x**2, x > 0), (exp(x) - 1, True))",
    "np.maximum(x, 0.2*x)": "Max(x, x/5)",
    "a*abs(x)**1.5 - -x": "a*Abs(x)**Rational(3, 2) + x",
    "sqrt(1 + x^2) - 1": "sqrt(1 + x**2) - 1",
    "2**x": "2**x",
    "(1 + x*x)**sin(x)": "(1 + x**2)**sin(x)",
    "-x**2": "-x**2",
    "tanh(softplus(x))*cos(a)": "tanh(log(1 + exp(x)))*cos(a)",
    "gelu(a*x)": "a*x/2*(1 + erf(a*x/sqrt(2)))",
    "leaky_relu(x - 1, 0.3)": "Piecewise((x - 1, x > 1), (Rational(3, 10)*(x - 1), True))",
    "x*(x > 0)": "Piecewise((x, x > 0), (0, True))",
    "clip(x, -1, a) + erfc(x)": "Piecewise((-1, x < -1), (x, x < a), (a, True)) + 1 - erf(x)",
    "log1p(x*x) - sign(x)": "log(1 + x**2) - sign(x)",
    "Piecewise((0, x <= -3), (x*(x + 3)/6, x < 3), (x, True))": ELEMENTWISE["hard_swish"].formula,
    "min(x, 1, x*x)": "Min(x, 1, x**2)",
    "1e1*.5*x/2 - pi × e": "Rational(5, 2)*x - pi*E",
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_typed_formulas_are_computed_and_differentiated(explorer, formula):
    x, a, beta = sympy.symbols("x a beta", real=True)
    wanted = sympy.sympify(FORMULAS[formula], locals={"x": x, "a": a, "beta": beta}).rewrite(sympy.Piecewise)
    points = np.array([-4.3, -2.1, -0.7, -0.05, 0.31, 0.95, 1.9, 5.2])
    given = {"a": 1.7, "beta": 0.6}
    found = of_formula(explorer, formula, points, given)
    for order in range(3):
        exact = sympy.diff(wanted, x, order).subs({a: given["a"], beta: given["beta"]})
        # SymPy writes the derivative of a sign as a delta, which is 0 away from the kink.
        exact = exact.replace(sympy.DiracDelta, lambda *arguments: sympy.Integer(0))
        truth = [float(exact.subs(x, at).evalf()) for at in points]
        assert close(found[order], truth, 1e-9).all(), (order, found[order], truth)


@pytest.mark.parametrize(
    "formula",
    ["1/(1 + exp(-x))", "x/(exp(-2*x) + 1)", "exp(x)/(1 + exp(x))", "log(1 + exp(x))", "tanh(x)", "erf(x)",
     "sigmoid(x)", "softplus(x)", "x*(1 + erf(x))", "x*tanh(log(1 + exp(x)))", "where(x > 0, x, exp(x) - 1)"],
)  # fmt: skip
def test_large_inputs_give_numbers(explorer, formula):
    assert np.isfinite(of_formula(explorer, formula, [-1000.0, -50.0, 50.0, 1000.0])).all()


FAULTS = [
    ("", "there is no formula yet", 0),
    ("2x", "“*” is missing between “2” and “x”", 1),
    ("sin x", "“sin” needs brackets", 4),
    ("max(0, x", "“)” is missing before the end", 8),
    ("x)", "one “)” too many", 1),
    ("x +", "ends too early", 3),
    ("x * / 2", "in place of “/”", 4),
    ("foo(x)", "there is no function “foo”", 0),
    ("a(x + 1)", "write a*(…)", 0),
    ("1 + relu", "“relu” is a function and needs brackets", 4),
    ("x $ 2", "“$” has no meaning", 2),
    ("X", "the input is written x", 0),
    ("max(x)", "takes 2 to 9 values", 0),
    ("1 + gelu(x, 2)", "takes 1 value", 4),
    ("where(x, 1, 2)", "a condition such as x > 0", 6),
    ("x > 0 > 1", "two things at a time", 6),
    ("leaky_relu(x, x)", "cannot depend on x", 0),
    ("x 2", "an operator is missing", 2),
]


@pytest.mark.parametrize(("formula", "message", "at"), FAULTS)
def test_a_wrong_formula_is_told_what_and_where(explorer, formula, message, at):
    ours, said, where = explorer.evaluate(
        """(formula) => {
          try { return [false, JSON.stringify(activationMath.parse(formula)), -1] }
          catch (error) { return [error instanceof activationMath.FormulaError, error.message, error.at] }
        }""",
        formula,
    )
    assert ours, said
    assert message in said
    assert where == at


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_make_no_code_from_text_and_ask_for_nothing(site, name):
    text = (site.folder / "_static" / name).read_text(encoding="utf-8")
    assert re.findall(r"\beval\b|\bFunction\(|innerHTML|\bimport\b|fetch\(|https?://(?!www\.w3\.org/)", text) == []


# --- The address -----------------------------------------------------------------------------------------------------


@pytest.fixture
def open_explorer(open_page):
    """A function that opens a page with the explorer, and waits until it stands there."""

    def open_explorer(url, **look):
        page = open_page(url, **look)
        page.locator(".explorer-panel").first.wait_for()
        return page

    return open_explorer


def from_address(page, address):
    return page.evaluate("(hash) => activationExplorer.fromAddress(hash)", address)


def test_the_last_address_is_the_one_that_is_shown(site, open_explorer):
    page = open_explorer(site.url + PAGE)
    # The first takes longer to compute than the one that follows it at once.
    page.evaluate("""() => new Promise((resolve) => {
      addEventListener("hashchange", () => { location.hash = "f=relu"; resolve(); }, { once: true });
      location.hash = "f=gelu&f=mish&f=silu&f=elu&layers=64";
    })""")
    wait_until(page, "document.querySelectorAll('.explorer-function').length === 1")
    page.wait_for_timeout(1000)
    assert [select.input_value() for select in page.locator(".explorer-pick select").all()] == ["relu"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "f=gelu",
        "f=leaky_relu;negative_slope=0.2&f=relu",
        "f=max(0,x)+a*sin(x)/2;a=-0.35&f=celu;alpha=2.5&layers=64&start=own",
        "f=1%20%2B%20x*(x%20%3E%200)&mean=-1.5&deviation=2.2&span=8",
        "f=softplus;beta=10&show=value,signal&start=pytorch",
    ],
)
def test_an_address_brings_back_the_same_state(explorer, address):
    opened = from_address(explorer, address)
    assert opened["problems"] == []
    written = explorer.evaluate("(state) => activationExplorer.addressOf(state)", opened["state"])
    assert from_address(explorer, written) == opened
    assert address == "" or len(written) <= len(address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("#f=gelo(x)", "gelo"),
        ("#f=swish", "“swish” is no function of the book and cannot be read as a formula: it is a single name"),
        ("#f=leaky_relu;negative_slope=9", "negative_slope goes from −0.5 to 1"),
        ("#f=relu;alpha=1", "“relu” has no parameter “alpha”"),
        ("#layers=many", "layers is “many”, which is no number"),
        ("#start=zero", "the start “zero” is not known"),
        ("#f=relu&f=relu&f=relu&f=relu&f=tanh", "room for 4 functions"),
        ("#bla=1", "“bla” means nothing here"),
        ("#f=%E0%A4%A", "%"),
    ],
)
def test_a_bad_address_is_told_and_the_rest_is_used(site, open_explorer, address, said):
    page = open_explorer(site.url + PAGE + address)
    assert said in page.locator(".explorer-note").inner_text()
    assert page.locator(".explorer-panel svg[role=img]").count() == 6
    assert page.complaints == []


def test_every_link_of_the_site_opens_what_it_promises(site, explorer):
    states = {
        unescape(state): path.name
        for path in site.folder.rglob("*.html")
        for state in re.findall(r'href="[^"]*explorer\.html#([^"]+=[^"]*)"', path.read_text(encoding="utf-8"))
    }
    assert len(states) >= 5
    for state, page in states.items():
        assert from_address(explorer, state)["problems"] == [], page


# --- The page --------------------------------------------------------------------------------------------------------


def curves(page, panel=0):
    paths = page.locator(".explorer-panel").nth(panel).locator("path")
    return [path.get_attribute("d") for path in paths.all()]


def words(page, count):
    """The sentences, once they have been brought up to date."""
    page.locator(".explorer-words[aria-busy=false]").wait_for()
    lines = page.locator(".explorer-words li").all_inner_texts()
    assert len(lines) == count
    return lines


@pytest.mark.parametrize("served", [True, False], ids=["served", "from disk"])
def test_a_reader_compares_moves_types_and_shares(site, open_explorer, served):
    page = open_explorer(site.url + PAGE if served else (site.folder / PAGE).as_uri())
    assert [len(curves(page, panel)) for panel in range(6)] == [2] * 6
    assert "lowest at x = −0.752" in words(page, 2)[1]

    page.get_by_role("button", name="Add a function").click()
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    page.get_by_label("Function", exact=True).nth(2).select_option("leaky_relu")
    slope = page.get_by_role("slider", name="negative_slope α")
    before = curves(page)
    slope.press("End")
    assert slope.get_attribute("aria-valuetext") == "1.00"
    assert "Leaky ReLU, α = 1.00" in words(page, 3)[2]
    assert curves(page)[2] != before[2]

    page.get_by_label("Function", exact=True).nth(1).select_option("own")
    formula = page.get_by_label("Formula in x")
    formula.fill("x*sigmoid(beta*x)")
    page.get_by_role("slider", name="beta").fill("2")
    assert "x*sigmoid(beta*x), beta = 2.00: values from −0.139 to ∞" in words(page, 3)[1]

    kept = curves(page)
    formula.fill("x*sigmoid(beta x)")
    page.locator(".explorer-fault mark").wait_for()
    # What is rebuilt around a faulty formula keeps it and what is said of it.
    page.get_by_role("button", name="Add a function").click()
    page.get_by_role("button", name="Remove function 4").click()
    page.locator(".explorer-fault mark").wait_for()
    assert "An operator is missing before “x”" in page.locator(".explorer-fault").inner_text()
    assert formula.get_attribute("aria-invalid") == "true"
    assert formula.input_value() == "x*sigmoid(beta x)"
    assert curves(page) == kept
    formula.fill("x*sigmoid(beta*x)")
    assert page.locator(".explorer-fault").inner_text() == ""
    assert formula.get_attribute("aria-invalid") is None
    assert page.get_by_role("slider", name="beta").input_value() == "2"

    page.get_by_role("button", name="Remove function 1").click()
    said = words(page, 2)
    other = open_explorer(page.url)
    assert words(other, 2) == said
    assert curves(other) == curves(page)
    assert violations(page) == []
    assert page.complaints + other.complaints == []
    assert [url for url in page.requests if not url.startswith(("data:", page.url.partition("book/")[0]))] == []


@pytest.mark.parametrize("width", [1280, 1000, 320])
def test_a_slider_and_what_it_changes_are_on_one_screen(site, open_explorer, width):
    page = open_explorer(site.url + PAGE + "#f=relu&f=leaky_relu&f=max(a*x,sin(x))", width=width)
    picture = page.locator(".explorer-panel, .explorer-preview").locator("svg[role=img]:visible")
    for slider in page.locator(".explorer-controls input[type=range]").all():
        slider.focus()
        boxes = [slider.bounding_box(), picture.first.bounding_box()]
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"] for box in boxes), boxes
        before = picture.first.inner_html()
        slider.press("Home")
        drawn = [picture.first.element_handle(), before]
        wait_until(page, "([svg, before]) => !svg.isConnected || svg.innerHTML !== before", drawn)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_words_for_functions_with_holes_and_with_many_lowest_points(site, open_explorer):
    page = open_explorer(site.url + PAGE + "#f=log(x)&f=max(a*x,sin(x))&f=sin(x)")
    logarithm, kinked, sine = words(page, 3)
    assert "not defined everywhere, as at x = −1;" in logarithm
    assert "lowest" not in logarithm
    assert "too large" not in logarithm
    assert "the variances in the layers, are not defined" in logarithm
    assert "lowest at x = −1.57" in kinked
    assert "lowest at x = −1.57" in sine
    (crossed,) = words(open_explorer(site.url + PAGE + "#f=rrelu;lower=0.4;upper=0.1"), 1)
    assert "its lower bound is above its upper one" in crossed


def test_contents_lead_to_every_part_and_change_nothing(site, open_explorer):
    page = open_explorer(site.url + PAGE + "#f=tanh", width=1000)
    entries = page.locator(".page-toc a").all()
    names = ["Value, slope, bend", "A normal input", "Through the layers", "In numbers"]
    assert [entry.text_content() for entry in entries][:4] == names
    for entry in entries:
        assert page.locator(entry.get_attribute("href")).count() == 1
    entries[1].evaluate("(link) => link.click()")
    assert page.url.endswith("#a-normal-input")
    assert page.get_by_label("Function", exact=True).input_value() == "tanh"


def test_layers_start_and_input_change_their_pictures(site, open_explorer):
    page = open_explorer(site.url + PAGE + "#f=tanh", scheme="dark", width=320)
    pictures = [curves(page, panel) for panel in range(6)]
    page.get_by_role("slider", name="Layers").press("End")
    page.get_by_label("Start of the weights").select_option("xavier")
    page.get_by_role("slider", name="Standard deviation").press("End")
    said = words(page, 1)[0]
    assert "the signal in layer 64 has 0.00809 times the variance it has in layer 1" in said
    changed = [curves(page, panel) != picture for panel, picture in enumerate(pictures)]
    assert changed == [False, False, False, True, True, True]
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []


def test_two_curves_are_never_told_apart_by_colour_alone(site, open_explorer):
    page = open_explorer(site.url + PAGE + "#f=relu&f=leaky_relu&f=leaky_relu;negative_slope=0.3&f=x*a")
    drawn = page.locator(".explorer-panel").first.locator("path").all()
    dashes = [path.get_attribute("stroke-dasharray") for path in drawn]
    assert len(set(dashes)) == 4
    assert drawn[1].get_attribute("stroke") == drawn[2].get_attribute("stroke")


def test_the_address_is_copied_or_offered(site, open_explorer):
    page = open_explorer(site.url + PAGE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("slider", name="Layers").fill("12")
    page.get_by_role("button", name="Copy this view").click()
    page.get_by_text("The address has been copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == site.url + PAGE + "#f=relu&f=gelu&layers=12"
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.get_by_role("button", name="Copy this view").click()
    page.get_by_text("copy it with your keyboard").wait_for()
    assert page.get_by_label("Address of this view").is_visible()
    assert page.get_by_label("Address of this view").input_value() == page.url
    page.get_by_role("button", name="Start again").click()
    assert page.get_by_role("slider", name="Layers").input_value() == "32"
    assert "#" not in page.url


def test_what_can_be_touched_is_large_enough(site, open_explorer):
    page = open_explorer(site.url + PAGE + "#f=elu&f=x*a", width=320)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.explorer :is(input:not([hidden]), select, button)')]"
        ".map((e) => [e.offsetWidth, e.offsetHeight])"
    )
    assert len(sizes) > 8
    assert min(min(size) for size in sizes) >= 24


def test_page_without_javascript_has_a_picture_and_a_sentence(site, open_page):
    page = open_page(site.url + PAGE, javascript=False, width=320)
    assert page.locator(".explorer noscript > p").is_visible()
    picture = page.locator(".explorer img")
    assert picture.is_visible()
    assert "GELU" in picture.get_attribute("alt")
    assert page.evaluate("document.querySelector('.explorer').offsetHeight") < 800


# --- Small forms -----------------------------------------------------------------------------------------------------

CHAPTER = "notebooks/11_leaky_parametric_randomised.html"


@pytest.mark.parametrize("width", [1280, 320])
def test_a_link_in_a_chapter_becomes_a_small_explorer(site, open_page, width):
    page = open_page(site.url + CHAPTER, width=width)
    asked = [url for url in page.requests if "explorer" in url and "start" not in url and url.endswith(".js")]
    assert asked == [], "loaded before it is near"
    box = page.locator(".explorer-inline")
    top = box.bounding_box()["y"]
    page.mouse.move(width / 2, 400)
    while page.evaluate("scrollY") < top - 300:
        page.mouse.wheel(0, min(700, top - 250 - page.evaluate("scrollY")))
        page.wait_for_timeout(30)
    box.locator(".explorer-small").wait_for()
    assert box.locator("a").inner_text() == "Open in the explorer"
    assert box.locator(".explorer-caption").inner_text() == "Move the leak and keep He’s start"
    slope = box.get_by_role("slider", name="Slope below 0 (negative_slope α)")
    before = box.locator("path").nth(1).get_attribute("d")
    slope.press("Home")
    box.locator(".explorer-words[aria-busy=false]").wait_for()
    assert box.locator("path").nth(1).get_attribute("d") != before
    assert "Leaky ReLU, α = −0.50" in box.locator(".explorer-words").inner_text()
    assert "f=leaky_relu;negative_slope=-0.5&" in box.locator("a").get_attribute("href")
    assert page.evaluate(SHIFT) < 0.02
    assert page.complaints == []
    # tests/test_site.py looks at the whole page.
    assert Axe().run(page, context=".explorer-inline", options=AXE).response["violations"] == []


def test_a_link_in_a_chapter_is_a_link_without_javascript(site, open_page):
    page = open_page(site.url + CHAPTER, javascript=False)
    link = page.locator(".explorer-inline a")
    assert link.is_visible()
    assert page.evaluate("document.querySelector('.explorer-inline').offsetHeight") < 120
    link.click()
    assert page.get_by_role("heading", name="Activation explorer").is_visible()


def test_a_script_that_does_not_come_is_told(site, open_page):
    page = open_page("about:blank")
    page.route("**/explorer-math.js", lambda route: route.abort())
    page.goto(site.url + PAGE)
    page.get_by_text("The explorer is not available: explorer-math.js did not load").wait_for()


def test_pages_without_an_explorer_load_nothing_for_it(site):
    for name in ("index.html", "book/reference.html"):
        soup = BeautifulSoup((site.folder / name).read_text(encoding="utf-8"), "html.parser")
        if not soup.select(".explorer, .explorer-inline"):
            assert "explorer" not in json.dumps([tag.attrs for tag in soup.select("script[src], link[rel=stylesheet]")])
