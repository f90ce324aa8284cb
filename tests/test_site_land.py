"""The first page and what every page says of itself: map, counts, addresses, cards, help for the lost, the archive."""

import functools
import io
import json
import multiprocessing
import re
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import imagesize
import pytest
import site_cards
import site_course
import site_offline
import site_pages
import yaml
from bs4 import BeautifulSoup
from docutils.core import publish_doctree
from PIL import Image, ImageChops
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from test_site import CHAPTERS, PAGES, VERDICT, stored_outputs, wait_until

ROOT = Path(__file__).resolve().parent.parent
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
BASE = CONFIG["html"]["baseurl"]
OWN = ("search.html", "404.html")  # pages without a source of their own
WRITTEN = [name for name in PAGES if name not in OWN]


def address_of(name):
    return BASE if name == "index.html" else BASE + name


@functools.cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def soup(site, name):
    """A page, to look at only: its tests share it."""
    return parsed(site.folder / name)


def said(page, key):
    """What the page's head says under a name or property; it says each thing once."""
    (tag,) = page.head.find_all("meta", attrs={"name": key}) + page.head.find_all("meta", attrs={"property": key})
    return tag["content"]


# What every page says of itself


def test_titles_and_descriptions_are_each_pages_own(site):
    pages = {name: soup(site, name) for name in PAGES}
    for values in (
        [page.title.get_text(strip=True) for page in pages.values()],
        [said(page, "description") for page in pages.values()],
    ):
        assert [value for value in values if values.count(value) > 1] == []
        assert [value for value in values if not 20 < len(value) <= 160] == []
    assert all("The ReLU Book" in page.title.get_text() for page in pages.values())
    assert not re.search(r"The ReLU Book.*The ReLU Book", pages["index.html"].title.get_text())


@pytest.mark.parametrize("name", PAGES)
def test_page_says_where_it_is_and_what_it_looks_like(site, name):
    page = soup(site, name)
    assert page.html["lang"] == "en"
    assert said(page, "viewport").startswith("width=device-width, initial-scale=1")
    assert [link["href"] for link in page.select("link[rel=canonical]")] == [address_of(name)]
    for relation, size in (("icon", None), ("apple-touch-icon", (180, 180))):
        (link,) = page.select(f"link[rel={relation}]")
        path = site.folder / unquote(
            urlsplit(urljoin(site.url + name, link["href"])).path.removeprefix(urlsplit(BASE).path)
        )
        assert path.is_file()
        assert size is None or imagesize.get(path) == size


@pytest.mark.parametrize("name", WRITTEN)
def test_page_can_be_shared(site, name):
    page = soup(site, name)
    assert said(page, "og:site_name") == "The ReLU Book"
    assert said(page, "og:url") == address_of(name)
    assert said(page, "og:description") == said(page, "description")
    assert said(page, "twitter:card") == "summary_large_image"
    assert len(said(page, "og:image:alt")) > 20
    card = site.folder / said(page, "og:image").removeprefix(BASE)
    width, height = (int(said(page, f"og:image:{side}")) for side in ("width", "height"))
    assert imagesize.get(card) == (width, height) == (1200, 630)
    assert card.stat().st_size < 40_000


def test_every_page_has_a_card_of_its_own_and_loads_none(site):
    cards = sorted(site.folder.glob("_static/cards/*.png"))
    assert len(cards) == len({card.read_bytes() for card in cards}) == len(WRITTEN)
    for name in PAGES:
        assert not soup(site, name).select("[src*='_static/cards/'], link[href*='_static/cards/']")


def test_long_titles_fit_their_card(tmp_path):
    """White letters left of where the line rises, and above it."""
    site_cards.draw_card(tmp_path / "card.png", "Part", "A title that is much longer than any title of a chapter is",
                         "Book", "Motto")  # fmt: skip
    empty = tmp_path / "empty.png"
    site_cards.draw_card(empty, "Part", "", "Book", "Motto")
    with Image.open(tmp_path / "card.png") as drawn, Image.open(empty) as without:
        left, top, right, bottom = ImageChops.difference(drawn.convert("L"), without.convert("L")).getbbox()
    assert site_cards.MARGIN - 10 < left < right < 1200 - site_cards.MARGIN
    assert 100 < top < bottom < 430


def test_a_description_is_whole_sentences_or_says_that_it_goes_on():
    def described(text):
        # Paragraphs of a page stand in a section.
        return site_pages.describe(
            publish_doctree(f"Title\n=====\n\n{text}\n", settings_overrides={"doctitle_xform": False})
        )

    assert described("One sentence. Another one.") == "One sentence. Another one."
    assert described(f"Short. {'A' + 'a' * 160}.") == "Short."
    long = described("word " * 50)
    assert len(long) <= 160
    assert long.endswith("word…")


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_link_to_report_a_mistake_with_the_page_filled_in(site, name):
    page = soup(site, name)
    (link,) = page.select(".report-mistake a")
    address, query = link["href"].split("?")
    fields = {key: value for key, (value,) in parse_qs(query, strict_parsing=True).items()}
    assert address == f"{CONFIG['repository']['url']}/issues/new"
    assert fields.pop("page") == address_of(name)
    assert fields.pop("title").rstrip(": ") == re.split(" [-\N{EM DASH}] ", page.title.get_text())[0]
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / fields.pop("template")).read_text(encoding="utf-8"))
    assert "page" in [field["id"] for field in form["body"]]
    assert fields == {}


def test_pages_say_how_long_they_take(site):
    for name in WRITTEN:
        page = soup(site, name)
        if name.removesuffix(".html") in CHAPTERS:
            assert re.search(r"\d+ minutes · ", page.article.get_text())
        elif name != "index.html":
            assert re.search(r"(?i)\d+ minutes|about \d+ hours|a minute", page.select_one(".reading-time").get_text())


def test_previous_and_next_follow_the_table_of_contents(site):
    for before, after in pairwise(WRITTEN):
        assert urljoin(before, soup(site, before).select_one("a.right-next")["href"]) == after
        assert urljoin(after, soup(site, after).select_one("a.left-prev")["href"]) == before


# Addresses follow html.baseurl


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A small site of one page, published at another address."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    (source / "index.md").write_text("# A title\n\nA sentence about it.\n\n```{toctree}\nnext\n```\n", encoding="utf-8")
    (source / "next.md").write_text('# Another\n\nA sentence & "marks" in it.\n', encoding="utf-8")
    (source / "_toc.yml").touch()
    (source / "conf.py").touch()
    settings = {
        "extensions": ["myst_nb", "sphinxext.opengraph", "sphinx_sitemap", "notfound.extension", "relubook_site"],
        "project": "Small", "html_theme": "sphinx_book_theme", "html_math_renderer": "mathml",
        "html_baseurl": "https://example.org/deep/er/", "ogp_site_url": "https://example.org/deep/er/",
        "sitemap_url_scheme": "{link}", "sitemap_excludes": ["404.html", "search.html"], "language": "en",
        "html_use_index": False, "nb_execution_mode": "off",
        "html_theme_options": {"repository_url": "https://github.com/me/small"},
    }  # fmt: skip
    Sphinx(source, source, built, built / ".doctrees", "html", settings, status=None, warning=None).build()
    # The sitemap's extension leaves a process, a copy of this one. It would hold the browser's lines open for ever.
    for process in multiprocessing.active_children():
        process.terminate()
        process.join()
    return built


def test_canonical_addresses_sitemap_and_robots_follow_the_address(elsewhere):
    base = "https://example.org/deep/er/"
    for name, address in (("index.html", base), ("next.html", f"{base}next.html")):
        page = BeautifulSoup((elsewhere / name).read_text("utf-8"), "html.parser")
        assert page.select_one("link[rel=canonical]")["href"] == said(page, "og:url") == address
        assert said(page, "og:image") == f"{base}_static/cards/{name.removesuffix('.html')}.png"
    assert said(page, "description") == said(page, "og:description") == "A sentence & “marks” in it."
    sitemap = (elsewhere / "sitemap.xml").read_text("utf-8")
    assert sorted(re.findall("<loc>(.*?)</loc>", sitemap)) == [base, f"{base}next.html"]
    assert f"Sitemap: {base}sitemap.xml" in (elsewhere / "robots.txt").read_text("utf-8")


def test_the_page_for_wrong_addresses_follows_the_address(elsewhere):
    page = BeautifulSoup((elsewhere / "404.html").read_text("utf-8"), "html.parser")
    assert page.select_one(".lost-search")["action"] == "/deep/er/search.html"
    assert page.select_one("link[rel=apple-touch-icon]")["href"].startswith("/deep/er/")
    assert page.find("a", string="the first page")["href"] == "/deep/er/index.html"


# The map of the course


def headers():
    """Of each notebook: number, title, minutes, and the text of what it needs, read here by other means."""
    for chapter in CHAPTERS:
        text = "".join(json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"][0]["source"])
        (heading,) = [line for line in text.splitlines() if line.startswith("# ")]
        (facts,) = [line for line in text.splitlines() if re.match(r"\*\d+ minutes", line)]
        minutes, needs, *_ = facts.strip("*").split(" · ")
        yield chapter, heading[2:4], heading[7:], int(minutes.split()[0]), needs


@pytest.mark.parametrize("name", ["index.html", "404.html"])
def test_map_says_what_the_notebooks_say(site, name):
    page = soup(site, name)
    rows = page.select(".course-chapters > li")
    assert len(rows) == len(CHAPTERS)
    for row, (chapter, number, title, minutes, needs) in zip(rows, headers(), strict=True):
        link = row.select_one(".course-title")
        assert urljoin(site.url + name, link["href"]) == f"{site.url}{chapter}.html"
        assert (row.select_one(".course-number").get_text(), link.get_text()) == (number, title)
        assert row.select_one(".course-minutes").get_text() == f"{minutes} min"
        assert len(row.select_one(".course-promise").get_text()) > 40
        builds_on = row.select(".course-needs a")
        for before in builds_on:
            assert Path(before["href"]).name.startswith(f"{before.get_text()}_")
        linked = set(re.findall(r"\((\d\d)_\w+\.ipynb\)", needs))
        assert linked <= {before.get_text() for before in builds_on}
        if not builds_on:
            assert row.select_one(".course-needs").get_text() in needs
    total = sum(minutes for *_, minutes, _ in headers())
    assert f"{len(CHAPTERS)} chapters" in page.select_one(".course-map").get_text()
    assert f"about {round(total / 60)} hours" in page.select_one(".course-map").get_text()


def test_the_first_page_types_no_number_of_chapters_or_minutes():
    text = (ROOT / "index.md").read_text(encoding="utf-8")
    assert not re.search(
        r"(?i)\b(ten|twelve|thirteen|fourteen|\w+teen|twenty\S*|\d+)\s+(chapters|claims|minutes)", text
    )


@pytest.mark.parametrize(
    ("needs", "builds_on"),
    [
        ("needs Python; matrices are explained", []),
        ("builds on [NumPy](03_relu.ipynb) and the idea from chapter 04", ["03", "04"]),
        ("needs chapters [01](01_a.ipynb) to [04](04_d.ipynb): layers", ["01", "02", "03", "04"]),
        ("builds on chapters 01 and 04, and on 05 and 06 for PyTorch", ["01", "04", "05", "06"]),
    ],
)
def test_prerequisites_are_read_from_the_words(tmp_path, needs, builds_on):
    text = f"# 09 · Title\n\nAfter this chapter you can *count* `x`.\n\n*40 minutes · {needs} · NumPy*\n"
    path = tmp_path / "09_title.ipynb"
    path.write_text(json.dumps({"cells": [{"source": text}]}), encoding="utf-8")
    chapter = site_course.read_chapter("notebooks/09_title", path)
    assert (chapter.minutes, chapter.promise, chapter.builds_on) == (40, "Count x.", builds_on)
    assert ";" not in chapter.needs


@pytest.mark.parametrize("missing", ["# 09", "After this", "*40 minutes"])
def test_a_chapter_without_its_header_fails_the_build(tmp_path, missing):
    text = "# 09 · Title\n\nAfter this chapter you can count.\n\n*40 minutes · needs Python*\n"
    path = tmp_path / "09_title.ipynb"
    path.write_text(json.dumps({"cells": [{"source": text.replace(missing, "")}]}), encoding="utf-8")
    with pytest.raises(ExtensionError, match=r"09_title\.ipynb: the first cell needs"):
        site_course.read_chapter("notebooks/09_title", path)


# Claims


def test_the_first_page_counts_the_stored_verdicts(site):
    records = [record for chapter in CHAPTERS for _, record in stored_outputs(chapter, VERDICT)]
    verdicts = [record["verdict"] for record in records if record["kind"] == "decision"]
    groups = json.loads((ROOT / "notebooks/relubook/claims.json").read_text(encoding="utf-8"))["groups"]
    claims = sum(len(group["claims"]) for group in groups)
    tally = soup(site, "index.html").select_one(".ledger-tally")
    assert f"{len(verdicts)} of {claims}" in tally.get_text()
    assert tally.a["href"] == "book/ledger.html"
    counted = {item.span.get_text(): int(item.b.get_text()) for item in tally.select("li")}
    expected = {verdict: verdicts.count(verdict) for verdict in verdicts} | {"open": claims - len(verdicts)}
    assert counted == {verdict: count for verdict, count in expected.items() if count}


def test_every_claim_has_a_place_of_its_own_and_a_sign_that_links_there(site):
    groups = json.loads((ROOT / "notebooks/relubook/claims.json").read_text(encoding="utf-8"))["groups"]
    ledger = soup(site, "book/ledger.html")
    for claim in (claim for group in groups for claim in group["claims"]):
        assert ledger.find(id=claim["id"]).select_one("a.claim-anchor")["href"] == f"#{claim['id']}"
    for chapter in CHAPTERS:
        page = soup(site, f"{chapter}.html")
        for _, record in stored_outputs(chapter, VERDICT):
            anchor = f"{'claim' if record['kind'] == 'decision' else 'evidence'}-{record['id']}"
            (box,) = page.find_all(id=anchor)
            assert box.select_one("a.claim-anchor")["href"] == f"#{anchor}"
            assert box.select_one("a.claim-ledger")["href"] == f"../book/ledger.html#{record['id']}"


@pytest.mark.parametrize("name", [f"{CHAPTERS[0]}.html", "book/ledger.html"])
def test_the_signs_can_be_seen(site, open_page, name):
    page = open_page(site.url + name)
    unseen = """[...document.querySelectorAll(".claim-anchor")].filter((sign) =>
        !sign.checkVisibility({opacityProperty: true, visibilityProperty: true}) || sign.offsetWidth < 8)"""
    assert page.locator(".claim-anchor").count() > 3
    assert page.evaluate(f"{unseen}.length") == 0


# The first page in a browser, the identity, the changelog


def test_the_first_screen_says_what_for_whom_and_what_to_do(site, open_page):
    page = open_page(site.url)
    slider = page.locator(".landing-hero input[type=range]")
    slider.wait_for()
    for what in (*page.locator(".landing-words > *").all(), slider, page.get_by_role("link", name="Press Run")):
        box = what.bounding_box()
        assert box["y"] + box["height"] < 800, what
    drawn = page.locator(".landing-hero .explorer-panels")
    before = drawn.inner_html()
    slider.press("End")
    panels = "document.querySelector('.landing-hero .explorer-panels')"
    wait_until(page, f"(before) => {panels}.innerHTML !== before", before)
    page.get_by_text("Begin with chapter 01").click()
    page.wait_for_url(f"**/{CHAPTERS[0]}.html")


def test_the_button_leads_to_a_cell_whose_output_can_be_seen(site):
    name, _, anchor = soup(site, "index.html").find("a", string="Press Run in chapter 02")["href"].partition("#")
    section = soup(site, name).find("section", id=anchor)
    assert section.select_one("div.cell").select_one(".cell_output img, .cell_output pre")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_books_colours_have_contrast_and_the_mark_has_the_accent():
    css = (ROOT / "book/assets/identity.css").read_text(encoding="utf-8")
    looks = re.findall(r'^html(?:\[data-theme="dark"\])? \{(.*?)\}', css, re.DOTALL | re.MULTILINE)
    for look, ground in zip(looks[:2], site_pages.FRAME.values(), strict=True):
        colours = dict(re.findall(r"--relu-([\w-]+): (#\w{6});", look))
        card = colours.pop("card")
        for name, colour in colours.items():
            for behind in (ground, card):
                low, high = sorted((luminance(colour), luminance(behind)))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (name, behind)
    accent = re.search(r"--relu-accent: (#\w{6});", looks[0])[1]
    assert f'fill="{accent}"' in (ROOT / "book/assets/favicon.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_browsers_frame_has_the_pages_colour(site, open_page, scheme):
    page = open_page(site.url, scheme=scheme)
    name = page.locator(f"meta[name=theme-color][media*={scheme}]").get_attribute("content")
    red, green, blue = (int(name[at : at + 2], 16) for at in (1, 3, 5))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == f"rgb({red}, {green}, {blue})"


def test_the_mark_in_the_sidebar_has_a_size_and_words(site):
    for name in PAGES:
        brand = soup(site, name).select_one("a.navbar-brand")
        assert brand.img["alt"]
        assert brand.img["width"] == brand.img["height"] == "40"
        assert brand.get_text(strip=True) == "The ReLU Book"


def test_the_changelog_begins_with_the_release_that_is_cited(site):
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert versions[0] == citation["version"]
    days = [int(day) for day in re.findall(r"^### .*\((\d+) November 2026\)$", text, re.MULTILINE)]
    assert days == sorted(days, reverse=True)
    assert soup(site, "book/changelog.html").article.h2.get_text().startswith(versions[0])


# Wrong addresses


def test_a_wrong_address_leads_to_a_page_that_helps(site, open_page):
    page = open_page(site.url + "404.html")
    wrong = f"{site.url}notebooks/deeper/no-such-page.html"
    page.route(wrong, lambda route: route.fulfill(status=404, path=site.folder / "404.html", content_type="text/html"))
    page.goto(wrong)
    page.wait_for_load_state("networkidle")
    assert [complaint for complaint in page.complaints if wrong not in complaint and "404" not in complaint] == []
    assert page.locator(".navbar-brand img").evaluate("(image) => image.naturalWidth > 0")
    page.get_by_label("What were you looking for?").fill("leaky")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}search.html?q=leaky")
    page.go_back()
    page.locator(".course-title").first.click()
    page.wait_for_url(f"**/{CHAPTERS[0]}.html")


# The archive


@pytest.fixture(scope="module")
def unpacked(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(site.folder / site_offline.ARCHIVE) as archive:
        assert archive.testzip() is None
        assert all(name.startswith("relu-book-site/") and ".." not in name for name in archive.namelist())
        archive.extractall(folder)
    return folder / "relu-book-site"


def test_the_archive_is_the_site_and_nothing_leads_out_of_it(site, unpacked):
    assert "python -m http.server" in (unpacked / "READ-ME.txt").read_text(encoding="utf-8")
    assert not list(unpacked.rglob("relu-book-site.zip"))
    # Python for the page goes along.
    run = {path.name for path in (site.folder / "_static" / "run").iterdir()}
    assert run == {path.name for path in (unpacked / "_static" / "run").iterdir()} != set()
    pages = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*.html") if "_static" not in path.parts}
    assert pages == set(PAGES) - {"404.html"}
    for name in pages:
        text = (unpacked / name).read_text(encoding="utf-8")
        for address in set(re.findall(r'<[^>]+ (?:href|src|action)="([^"#?]+)', text)):
            if not urlsplit(address).scheme:
                assert (unpacked / name).parent.joinpath(unquote(address)).resolve().is_file(), f"{name}: {address}"


def test_the_archive_can_be_read_from_a_local_server(unpacked, open_page):
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=unpacked))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    try:
        for name in ("", f"{CHAPTERS[0]}.html", "book/how-to-use.html", "search.html?q=leaky"):
            page = open_page(url + name)
            assert page.complaints == []
            assert [address for address in page.requests if not address.startswith((url, "data:"))] == []
        page.locator(".search-results a").first.wait_for()
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("name", ["index.html", "book/how-to-use.html"])
def test_pages_offer_the_archive_with_its_size(site, name):
    (link,) = soup(site, name).select("a.offline-archive")
    path = site.folder / urlsplit(urljoin(site.url + name, link["href"])).path.removeprefix(urlsplit(BASE).path)
    number = int(re.match(r" \((\d+) MB\)", link.next_sibling)[1])
    assert abs(path.stat().st_size / 1e6 - number) <= 0.51


def test_the_same_site_gives_the_same_archive(site):
    again = io.BytesIO()
    site_offline.write_archive(site.folder, again)
    assert again.getvalue() == (site.folder / site_offline.ARCHIVE).read_bytes()
