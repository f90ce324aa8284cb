"""The built site in a real browser that can reach no other host."""

import io
import json
import re
import time
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import urlopen

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parent.parent

VERDICT = "application/vnd.relubook.verdict+json"
FIGURE = "application/vnd.vegalite.v5+json"

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [entry["file"] for part in TOC["parts"] for entry in part["chapters"] if "notebooks/" in entry["file"]]
PAGES = [
    f"{name}.html"
    for name in (TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"]), "search", "404")
]
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 320)]

# Rules beyond axe's default set; `preload` asks again for every style sheet and resolves some wrongly.
# Describing each of the ten thousand elements that pass takes as long as looking at them.
AXE = {
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "preload": False,
    "resultTypes": ["violations"],
}

WAITING = 240  # seconds; a loaded machine takes its time

OPEN_EVERYTHING = """async () => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  // A picture further down would come when a reader gets there.
  document.querySelectorAll("img").forEach((picture) => { picture.loading = "eager"; });
  await Promise.all([...document.images].map((picture) => picture.decode().catch(() => {})));
  await new Promise(requestAnimationFrame);
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
}"""


# What runs out of the page, or out of a box that hides what doesn't fit, with no box around it to scroll.
CUT_OFF = """[...document.querySelectorAll("main :is(article, .prev-next-area) *")].filter((element) => {
  const style = getComputedStyle(element);
  if (style.position === "absolute") return false;
  for (let box = element; box; box = box.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
  }
  const { left, right, width } = element.getBoundingClientRect();
  const hides = style.overflowX !== "visible" && element.clientWidth > 1;
  return (width && (left < -1 || right > innerWidth + 1))
    || (hides && element.scrollWidth > element.clientWidth + 1);
}).map((element) => element.outerHTML.slice(0, 200))"""


def stored_outputs(chapter, mime_type):
    notebook = json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    return [
        (cell, output["data"][mime_type])
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if mime_type in output.get("data", {})
    ]


CHAPTERS_WITH_SLIDERS = [chapter for chapter in CHAPTERS if stored_outputs(chapter, FIGURE)]
REFERENCE = "book/reference"


def figures_that_answer(site, page):
    """What each of a page's figures with sliders should show: (alt text, specification)."""
    if page in CHAPTERS:
        return [(cell["metadata"]["mystnb"]["image"]["alt"], spec) for cell, spec in stored_outputs(page, FIGURE)]
    figures = soup(site, f"{page}.html").select(".live-figure")
    return [(figure["data-alt"], json.loads(figure.find("script").get_text())) for figure in figures]


def bound(specification):
    """The parameters of a figure that a reader moves with a slider."""
    return [param for param in specification["params"] if "bind" in param]


def wait_until(page, condition, argument=None):
    """Wait for a condition. Playwright's own wait needs eval, which the site's security policy forbids."""
    end = time.monotonic() + WAITING
    while not page.evaluate(condition, argument):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def soup(site, page):
    return BeautifulSoup((site.folder / page).read_text(encoding="utf-8"), "html.parser")


def violations(page):
    found = Axe().run(page, options=AXE).response["violations"]
    return [f"{v['id']}: {node['html'][:150]} {node['failureSummary']}" for v in found for node in v["nodes"]]


def test_pages_are_those_of_the_table_of_contents(site):
    built = {path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*.html")}
    built = {name for name in built if not name.startswith("_static/")}
    assert built == set(PAGES)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_page_in_the_browser(site, open_page, name, scheme, width):
    page = open_page(site.url + name, scheme=scheme, width=width)
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith((site.url, "data:"))] == []
    assert not [url for url in page.requests if "vega" in url], "loaded before the first touch"
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    page.evaluate(OPEN_EVERYTHING)
    broken = "[...document.images].filter((i) => !(i.complete && i.naturalWidth)).map((i) => i.src)"
    assert page.evaluate(broken) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_OFF) == []
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_without_javascript(site, open_page, name):
    page = open_page(site.url + name, width=320, javascript=False)
    assert page.complaints == []
    article = page.locator("main").inner_text()
    assert len(article) > 100 or name in ("search.html", "404.html")
    # Nothing of it waits for a script.
    with_scripts = len(open_page(site.url + name, width=320).locator("main").inner_text())
    assert len(article) > 0.9 * with_scripts or name in ("search.html", "book/explorer.html")
    hidden = """[...document.querySelectorAll("main math, main .admonition > *")].filter(
        (e) => !e.closest("details:not([open])") && !e.getClientRects().length).map((e) => e.outerHTML)"""
    assert page.evaluate(hidden) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", PAGES)
def test_formulas_are_typeset_in_the_served_page(site, name):
    main = soup(site, name).find("main")
    for code in main.find_all(["pre", "code", "script", "style"]):
        code.decompose()
    assert all(span.find("math") for span in main.select("span.math, div.math"))
    raw = re.findall(r"\$[^$\n]+\$|\\[a-zA-Z]+\b|\\\(|\\\[", main.get_text())
    assert raw == []


@pytest.mark.parametrize("name", [f"{CHAPTERS[0]}.html", "book/glossary.html"])
def test_formulas_have_the_book_font(site, open_page, name):
    page = open_page(site.url + name)
    assert "STIX2" in page.evaluate("getComputedStyle(document.querySelector('math')).fontFamily")
    assert page.evaluate("[...document.fonts].some((f) => f.family === 'STIX2' && f.status === 'loaded')")


def italic(letter):
    """The mathematical italic of a letter."""
    if letter == "h":
        return "ℎ"
    first, place = {"A": ("A", 0x1D434), "a": ("a", 0x1D44E), "α": ("α", 0x1D6FC)}[
        "A" if letter <= "Z" else "a" if letter <= "z" else "α"
    ]
    return chr(place + ord(letter) - ord(first))


def test_the_book_font_has_every_sign_of_every_formula(site):
    font = TTFont(next((site.folder / "_static").rglob("STIXTwoMath.woff2")))
    asked = {sign for name in PAGES for math in soup(site, name).select("math") for sign in math.get_text()}
    # A letter by itself is drawn as its italic form, which Unicode has at places of its own.
    alone = {tag.get_text() for name in PAGES for tag in soup(site, name).select("math mi:not([mathvariant=normal])")}
    asked |= {italic(letter) for letter in alone if re.fullmatch("[A-Za-zα-ω]", letter)}
    # A function application is not drawn.
    lacking = {sign for sign in asked - {"\u2061", "\n"} if ord(sign) not in font.getBestCmap()}
    assert lacking == set(), "put them into FONT_SIGNS of tools/vendor.py, then run `python tools/vendor.py --accept`"


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_no_other_host(site, name):
    """Also what Chromium would not fetch at once, such as a lazy picture or a hint to connect."""
    asked = {
        tag.get("src") or tag.get("href") or tag.get("action")
        for tag in soup(site, name).select("[src], link[href]:not([rel=canonical]), form[action]")
    }
    assert [address for address in asked if urlsplit(address).netloc] == []


def test_style_sheets_and_scripts_ask_no_other_host(site):
    for sheet in site.folder.joinpath("_static").rglob("*.css"):
        addresses = re.findall(r"url\(\s*[\"']?(?!data:)([^\"')]+)|@import\s+[\"']([^\"']+)", sheet.read_text("utf-8"))
        assert [a or b for a, b in addresses if urlsplit(a or b).netloc] == [], sheet.name


@pytest.mark.parametrize("name", PAGES)
def test_no_inline_script_and_no_handler(site, name):
    page = soup(site, name)
    assert page.select("script:not([src]):not([type='application/json'])") == []
    handlers = [(tag.name, key) for tag in page.find_all(True) for key in tag.attrs if key.startswith("on")]
    assert handlers == []
    assert [tag for tag in page.select("[href]") if tag["href"].startswith("javascript:")] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_id_stands_twice(site, name):
    ids = [tag["id"] for tag in soup(site, name).select("[id]")]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_internal_links_resolve(site, name):
    base, identifiers, faults = site.url + name, {}, []
    for link in soup(site, name).select("a[href], img[src], script[src], link[rel=stylesheet]"):
        address, fragment = urldefrag(urljoin(base, link.get("href") or link.get("src")))
        if not address.startswith(site.url):
            continue
        if address not in identifiers:
            try:
                with urlopen(address) as answer:
                    content = answer.read()
            except OSError as error:
                faults.append(f"{address}: {error}")
                continue
            is_page = urlsplit(address).path.endswith(("/", ".html"))
            found = BeautifulSoup(content, "html.parser").select("[id]") if is_page else ()
            identifiers[address] = {tag["id"] for tag in found}
        state = address.endswith("book/explorer.html") and "=" in fragment  # tests/test_site_explorer.py opens these
        if fragment and not state and unquote(fragment) not in identifiers[address]:
            faults.append(f"{address} has no #{fragment}")
    assert faults == []


def test_chapters_can_be_downloaded_and_launched(site):
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    repository = "/".join(urlsplit(config["url"]).path.strip("/").split("/"))
    for chapter in CHAPTERS:
        links = {link["href"] for link in soup(site, f"{chapter}.html").select("a[href]")}
        assert f"../_sources/{chapter}.ipynb" in links
        assert (site.folder / "_sources" / f"{chapter}.ipynb").read_bytes() == (ROOT / f"{chapter}.ipynb").read_bytes()
        launch = f"https://mybinder.org/v2/gh/{repository}/{config['branch']}?urlpath=lab/tree/{chapter}.ipynb"
        assert launch in {unquote(link) for link in links}


def test_landing_page_is_the_page_at_the_root(site):
    with urlopen(site.url) as answer:
        page = BeautifulSoup(answer.read(), "html.parser")
    assert not page.select("meta[http-equiv=refresh]")
    assert page.find("h1").get_text().startswith("The ReLU Book")


def test_sitemap_has_the_addresses_that_are_served(site):
    listed = re.findall(r"<loc>(.*?)</loc>", (site.folder / "sitemap.xml").read_text(encoding="utf-8"))
    base = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
    pages = [name for name in PAGES if name not in ("index.html", "search.html", "404.html")]
    assert sorted(listed) == sorted([base, *(base + name for name in pages)])


def test_not_found_page_works_at_any_depth(site, open_page):
    page = open_page(site.url + "404.html")
    for link in page.evaluate("[...document.querySelectorAll('a[href], link[href], script[src]')].map((e) => "
                              "e.getAttribute('href') ?? e.getAttribute('src'))"):  # fmt: skip
        assert link.startswith(("/", "#", "https://")), link


def test_keyboard_reaches_the_text_first(site, open_page):
    page = open_page(site.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main-content"
    page.keyboard.press("Enter")
    assert urlsplit(page.url).fragment == "main-content"


def test_theme_can_be_switched(site, open_page):
    page = open_page(site.url)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator(".theme-switch-button").first.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(background) != light


def test_wide_content_scrolls_in_its_own_box_by_keyboard(site, open_page):
    page = open_page(site.url + f"{CHAPTERS[0]}.html", width=320)
    page.evaluate(OPEN_EVERYTHING)
    page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    wide = "[...document.querySelectorAll('pre')].filter((e) => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{wide}.length") > 20
    assert page.evaluate(f"{wide}.every((e) => e.tabIndex === 0)")


def test_some_chapter_has_a_figure_that_answers():
    assert CHAPTERS_WITH_SLIDERS


def picture(page, index):
    """The pixels of a page's figure that answers, as it is drawn now."""
    cell = page.locator(".cell_output:has(.live-figure)").nth(index)
    return Image.open(io.BytesIO(cell.locator("img, .live-figure-picture").first.screenshot())).convert("L")


def difference(one, other):
    """How much two pictures differ: 0 for the same, 255 for black against white."""
    histogram = ImageChops.difference(one, other.resize(one.size)).histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


@pytest.mark.parametrize("served", [True, False], ids=["served", "from disk"])
@pytest.mark.parametrize("name", [*CHAPTERS_WITH_SLIDERS, REFERENCE])
def test_sliders_move_the_picture(site, open_page, name, served):
    page = open_page(site.url + f"{name}.html" if served else (site.folder / f"{name}.html").as_uri())
    page.evaluate(OPEN_EVERYTHING)
    figures = figures_that_answer(site, name)
    assert figures
    for index, (alt, specification) in enumerate(figures):
        figure = page.locator(".live-figure").nth(index)
        still = picture(page, index)
        assert still.getextrema() == (still.getextrema()[0], 255), "white paper"
        sliders = figure.locator("input[type=range]")
        assert sliders.count() == len(bound(specification)) > 0
        drawn = page.locator(".cell_output:has(.live-figure)").nth(index).locator(".live-figure-picture")
        for slider, param in zip(sliders.all(), bound(specification), strict=True):
            assert float(slider.input_value()) == param["value"]
            assert page.get_by_label(param["bind"]["name"], exact=True).nth(0).is_visible()
            moved = []
            for key in ("End", "Home"):
                slider.press(key)
                drawn.wait_for()
                page.wait_for_timeout(100)
                moved.append(picture(page, index))
                assert figure.locator(f"output[for='{slider.get_attribute('id')}']").inner_text() != ""
            assert difference(*moved) > 0.01, param["name"]
            slider.fill(str(param["value"]))
        page.wait_for_timeout(100)
        # Drawn again with the values it had, it is the picture that stood there before, but for fonts and half a dot.
        again = picture(page, index).resize(still.size)
        assert difference(still.reduce(2), again.reduce(2)) < 4
        assert drawn.get_attribute("role") == "img"
        assert drawn.get_attribute("aria-label") == alt
    assert page.complaints == []
    assert violations(page) == []


@pytest.mark.parametrize("name", [*CHAPTERS_WITH_SLIDERS, REFERENCE])
def test_figures_without_javascript_say_what_would_move(site, open_page, name):
    page = open_page(site.url + f"{name}.html", javascript=False)
    for index, (alt, specification) in enumerate(figures_that_answer(site, name)):
        place = page.locator(".cell_output:has(.live-figure)").nth(index)
        assert place.locator("img").get_attribute("alt") == alt
        for param in bound(specification):
            assert param["bind"]["name"] in place.locator(".live-figure-still").inner_text()


def test_figures_have_alt_text_and_size(site):
    for chapter in CHAPTERS:
        pictures = soup(site, f"{chapter}.html").select(".cell_output img")
        assert pictures, chapter
        for tag in pictures:
            assert len(tag["alt"]) > 20, tag
            assert int(tag["width"]) > 100 < int(tag["height"]) * 2, tag


def test_ledger_says_what_the_chapters_stored(site):
    page = soup(site, "book/ledger.html")
    groups = json.loads((ROOT / "notebooks/relubook/claims.json").read_text(encoding="utf-8"))["groups"]
    claims = [claim for group in groups for claim in group["claims"]]
    records = [(chapter, record) for chapter in CHAPTERS for _, record in stored_outputs(chapter, VERDICT)]
    decided = {record["id"]: (chapter, record) for chapter, record in records if record["kind"] == "decision"}
    assert [card["id"] for card in page.select(".claim")] == [claim["id"] for claim in claims]
    for claim in claims:
        card = page.find(id=claim["id"])
        facts = {dt.get_text(): dt.find_next_sibling("dd") for dt in card.find_all("dt")}
        assert card.find("strong").get_text() == claim["statement"]
        links = [link["href"] for link in card.select("a.internal") if "notebooks/" in link["href"]]
        if claim["id"] in decided:
            chapter, record = decided[claim["id"]]
            expected = f"{record['verdict']} {record['condition'] or ''}".strip()
            assert facts["Verdict"].get_text(strip=True) == expected
            code = re.findall("`(.*?)`", record["evidence"])
            assert facts["Evidence"].get_text().strip() == record["evidence"].replace("`", "")
            assert [literal.get_text() for literal in facts["Evidence"].select("code")] == code
            assert f"../{chapter}.html#claim-{claim['id']}" in links
        else:
            assert facts["Verdict"].get_text(strip=True) == "open"
            assert facts["To be decided in"].get_text(strip=True) == f"chapter {claim['decided_in']}"
    for chapter, record in records:
        if record["kind"] == "evidence":
            card = page.find(id=record["id"])
            assert record["evidence"].replace("`", "") in card.get_text()
            assert card.find("a", href=f"../{chapter}.html#evidence-{record['id']}")
    counted = re.findall(r"(\d+) ([a-z ]+):", page.find(class_="ledger-counts").get_text())
    verdicts = [decided[claim["id"]][1]["verdict"] if claim["id"] in decided else "open" for claim in claims]
    assert {name: int(number) for number, name in counted} == {
        name: verdicts.count(name) for name in ("holds", "holds if", "misleading", "not shown", "false", "open")
    }


def test_a_published_chapter_leaves_no_claim_of_its_own_open(site):
    page = soup(site, "book/ledger.html")
    published = {chapter.removeprefix("notebooks/")[:2] for chapter in CHAPTERS}
    groups = json.loads((ROOT / "notebooks/relubook/claims.json").read_text(encoding="utf-8"))["groups"]
    due = [claim["id"] for group in groups for claim in group["claims"] if claim["decided_in"] in published]
    assert due
    assert [claim for claim in due if "verdict-open" in page.find(id=claim)["class"]] == []
