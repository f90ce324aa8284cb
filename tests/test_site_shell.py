"""What surrounds the text: the policy that keeps a page to itself, search, panels, copying, paper."""

import io
import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
from PIL import Image
from relubook import family
from test_site import CHAPTERS, PAGES, soup, violations, wait_until

ASSETS = Path(__file__).resolve().parent.parent / "book" / "assets"
CHAPTER = f"{CHAPTERS[0]}.html"
INDEX = "book/reference.html"


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_comes_before_what_it_could_stop(site, name):
    head = soup(site, name).head
    policy = head.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy.find_previous(["script", "link", "style"]) is None
    rules = dict(rule.strip().split(" ", 1) for rule in policy["content"].split(";"))
    own = ["default-src", "connect-src", "font-src", "form-action"]
    # Styles alone may be inline: formulas bring some. A blob is a picture or a worker that the page made itself.
    assert rules == dict.fromkeys(own, "'self'") | {
        "script-src": "'self' 'wasm-unsafe-eval'",
        "worker-src": "'self' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
    }


@pytest.mark.parametrize(
    ("attempt", "directive"),
    [
        ("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))",
         "script-src-elem"),
        ("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')", "script-src-attr"),
        ("document.body.append(Object.assign(document.createElement('script'), {src: 'https://example.org/x.js'}))",
         "script-src-elem"),
        ("fetch('https://example.org/x').catch(() => {})", "connect-src"),
        ("document.body.append(Object.assign(new Image(), {src: 'https://example.org/x.png'}))", "img-src"),
        ("try { Function('window.ran = 1')() } catch {}", "script-src"),
        ("document.head.append(Object.assign(document.createElement('link'),"
         "{rel: 'stylesheet', href: 'https://example.org/x.css'}))", "style-src-elem"),
        ("const form = document.createElement('form'); form.action = 'https://example.org/'; form.method = 'post';"
         "document.body.append(form); form.submit()", "form-action"),
    ],
    ids=["inline script", "handler", "script from elsewhere", "fetch", "picture", "code from text", "style sheet",
         "form"],
)  # fmt: skip
def test_the_policy_stops_what_is_not_the_books_own(site, open_page, attempt, directive):
    page = open_page(site.url + "book/how-to-use.html")
    # From a script of the site, as an attack would come: the browser lets a debugger evaluate anything.
    page.route("**/_static/attempt.js", lambda route: route.fulfill(
        content_type="text/javascript", body=f"setTimeout(() => {{ {attempt} }})"))  # fmt: skip
    stopped = page.evaluate("""() => new Promise((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      document.head.append(Object.assign(document.createElement("script"), {src: "../_static/attempt.js"}));
    })""")
    assert stopped == directive
    assert page.evaluate("window.ran") is None


def first_hit(page, query):
    """What search puts first: its address, relative to the site, and its passage."""
    field = page.locator("dialog.search-box input")
    field.fill(query)
    page.locator(f".search-box[open] .search-results[data-query={query!r}] li").first.wait_for()
    link = page.locator(".search-box[open] .search-results a").first
    return link.get_attribute("href"), page.locator(".search-box[open] .search-results p").first.inner_text()


def test_search_finds_a_function_by_any_of_its_names(site, open_page):
    page = open_page(site.url + "book/how-to-use.html")
    page.keyboard.press("/")
    titles = {card.find(["h2", "h3"]).contents[0]: card["id"] for card in soup(site, INDEX).select(".activation-card")}
    asked = {
        name: function.title for function in family.FAMILY.values() for name in (function.title, *function.aliases)
    }
    asked |= {
        "GELU tanh": "GELU, tanh form", "leaky relu": "Leaky ReLU", "LEAKYRELU": "Leaky ReLU",
        "leaky_relu": "Leaky ReLU",
        "torch.nn.SiLU": "SiLU", "nn.Hardswish": "Hard swish", "jax.nn.relu6": "ReLU6", "parametric": "PReLU",
        "self normalizing linear": "SELU",
    }  # fmt: skip
    wrong = {}
    for name, title in asked.items():
        address, passage = first_hit(page, name)
        if address != f"{site.url}{INDEX}#{titles[title]}":
            wrong[name] = address
        assert passage
    assert wrong == {}
    assert page.complaints == []


def test_search_shows_the_passage_and_leads_to_it(site, open_page):
    page = open_page(site.url + CHAPTER)
    page.keyboard.press("Control+k")
    address, passage = first_hit(page, "four points in the plane")
    assert "four points in the plane" in passage
    assert page.locator(".search-box[open] mark").first.is_visible()
    assert "places" in page.locator(".search-box[open] .search-status").inner_text()
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(address)
    assert not page.locator("#search-dialog").is_visible()
    # What no page says is said to be nowhere, and Escape leads back to the text.
    page.keyboard.press("/")
    page.keyboard.type("zeugma")
    page.get_by_text("Nothing found for “zeugma”.").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#search-dialog").is_visible()
    assert page.complaints == []


@pytest.mark.parametrize("served", [True, False], ids=["served", "from disk"])
def test_search_page_answers_a_question_in_its_address(site, open_page, served):
    address = site.url + "search.html" if served else (site.folder / "search.html").as_uri()
    page = open_page(address + "?q=subgradients")
    page.locator("article .search-results a[href*='glossary']").first.wait_for()
    assert page.locator("article .search-results mark").first.inner_text().lower().startswith("subgradient")
    page.locator("article input").fill("normalisation layer")
    page.locator("article .search-results[data-query='normalisation layer']").wait_for(state="attached")
    page.locator("article input").press("Enter")
    page.wait_for_url(lambda url: url.endswith("search.html?q=normalisation+layer"))
    assert page.complaints == []


def test_search_leads_to_all_that_it_found(site, open_page):
    page = open_page(site.url + CHAPTER)
    page.keyboard.press("/")
    first_hit(page, "swish")
    rest = page.get_by_role("link", name="Show all")
    places = int(rest.inner_text().split()[-1])
    rest.click()
    page.wait_for_url(lambda url: url.endswith("search.html?q=swish"))
    page.locator("article .search-results li").first.wait_for()
    assert page.locator("article .search-results li").count() == places > 8
    assert page.complaints == []


def test_search_knows_sentences_and_nothing_that_reads_wrong(site, open_page):
    page = open_page(site.url + "search.html?q=relu")
    wait_until(page, "Boolean(globalThis.bookIndex)")
    known = {(name, title): text for name, _, places in page.evaluate("bookIndex.pages") for _, title, text in places}
    assert [title for _, title in known if title.endswith("#")] == []
    # Neither the formula x / (1 + e^−βx) in a row, nor the list of facts.
    silu = known[INDEX, "SiLU"]
    assert "When it helps" in silu
    assert "x1+" not in silu
    assert soup(site, INDEX).select_one("#silu .activation-facts dt").get_text() not in silu
    # A formula that is a row of letters stays, or its sentence would have a hole.
    assert any("x=−b/w" in text for (name, _), text in known.items() if name == CHAPTER)
    wrong = soup(site, CHAPTER).select_one(".quiz-wrong .quiz-reason p").get_text().split(". ")[1]
    assert len(wrong) > 20
    assert not [title for (name, title), text in known.items() if name == CHAPTER and wrong in text]


def test_every_place_that_search_knows_exists(site, open_page):
    page = open_page(site.url + "search.html?q=relu")
    page.locator("article .search-results li").first.wait_for()
    pages, functions = page.evaluate("[bookIndex.pages, bookIndex.functions]")
    assert {name for name, *_ in pages} == set(PAGES) - {"search.html", "404.html"}
    for name, _, places in pages:
        identifiers = {tag["id"] for tag in soup(site, name).select("[id]")}
        assert {anchor for anchor, *_ in places} <= identifiers, name
        assert places, name
    assert len(functions) == len(family.FAMILY)


@pytest.mark.parametrize("missing", ["search.js", "search-index.js"])
def test_search_without_a_connection_says_so_and_tries_again(site, open_page, missing):
    page = open_page("about:blank")
    page.context.route(f"**/{missing}*", lambda route: route.abort())
    page.goto(site.url + CHAPTER)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.keyboard.type("swish")
    status = page.locator("dialog .search-status")
    status.get_by_text("did not load. Is there a connection?").wait_for()
    page.context.unroute_all()
    page.keyboard.press("Escape")
    page.locator("dialog.search-box").wait_for(state="hidden")
    page.keyboard.press("/")
    address, _ = first_hit(page, "swish")
    assert address


def test_without_javascript_search_says_so_and_the_contents_open(site, open_page):
    page = open_page(site.url + CHAPTER, javascript=False)
    assert page.locator(".no-script").is_visible()
    assert not page.locator(".js-only").filter(visible=True).count()
    narrow = open_page(site.url + CHAPTER, javascript=False, width=320)
    narrow.get_by_role("button", name="Chapters").click()
    assert narrow.get_by_role("link", name="03 · ReLU in NumPy").is_visible()
    search = open_page(site.url + "search.html", javascript=False)
    assert search.locator("article .no-script").inner_text().startswith("Search needs JavaScript.")


def test_panels_and_menus_by_keyboard(site, open_page):
    page = open_page(site.url + CHAPTER, width=320)
    for name, link in (("Chapters", "03 · ReLU in NumPy"), ("Contents of this page", "What to remember")):
        page.get_by_role("button", name=name, exact=True).press("Enter")
        assert page.get_by_role("link", name=link).is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.keyboard.press("Escape")
        assert not page.get_by_role("link", name=link).is_visible()
    menu = page.locator(".menu-launch-buttons")
    menu.locator("summary").press("Enter")
    assert menu.get_by_role("link", name="Binder").is_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not menu.get_by_role("link", name="Binder").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_panels_and_search_have_a_button_to_close_them(site, open_page):
    page = open_page(site.url + CHAPTER, width=320)
    close = page.get_by_role("button", name="Close")
    for name in ("Chapters", "Contents of this page", "Search"):
        assert close.count() == 0
        page.get_by_role("button", name=name, exact=True).filter(visible=True).click()
        assert close.count() == 1, name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        close.click()
    assert close.count() == 0
    assert open_page(site.url + CHAPTER).get_by_role("button", name="Close").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_shows_in_the_chapter_list_and_in_the_contents(site, open_page, scheme):
    page = open_page(site.url + CHAPTER, scheme=scheme)
    page.keyboard.press("Tab")
    seen = page.evaluate("""() => [...document.querySelectorAll(
        ".bd-sidebar-primary :is(a, button), .bd-sidebar-secondary a")].filter((stop) => stop.checkVisibility())
      .map((stop) => {
        stop.focus();
        const style = getComputedStyle(stop);
        const list = stop.closest("[popover]").getBoundingClientRect(), box = stop.getBoundingClientRect();
        const reach = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
        return [stop.textContent, stop.matches(":focus-visible") && style.outlineStyle === "solid"
          && parseFloat(style.outlineWidth) >= 2 && box.left - reach >= list.left && box.right + reach <= list.right];
      })""")
    assert len(seen) > 30
    assert [text for text, shown in seen if not shown] == []


@pytest.mark.parametrize("name", [CHAPTER, "book/glossary.html"])
def test_punctuation_stays_with_its_formula(site, name):
    html = (site.folder / name).read_text(encoding="utf-8")
    formula = r"<span class=\"math notranslate\">(?:(?!</math>).)*</math></span>[.,;:]"
    ends = re.findall(rf"(<span class=\"formula-end\">)?{formula}", html, re.DOTALL)
    assert len(ends) > 3
    assert all(ends)


def test_a_table_that_goes_on_has_a_shadow(site, open_page):
    page = open_page(site.url + INDEX, width=320)
    table = page.locator(".pst-scrollable-table-container").first
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    corner = table.bounding_box()
    middle = {"x": corner["x"], "y": corner["y"] + 200, "width": corner["width"], "height": 1}

    def greys():
        row = Image.open(io.BytesIO(page.screenshot(clip=middle, full_page=True))).convert("L")
        return row.getpixel((2, 0)), row.getpixel((row.width - 2, 0))

    left, right = greys()
    assert right < left - 30
    table.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    left, right = greys()
    assert left < right - 30


@pytest.mark.parametrize("width", [1280, 320])
def test_a_heading_is_larger_than_those_under_it(site, open_page, width):
    page = open_page(f"{site.url}{CHAPTERS[2]}.html", width=width)
    sizes = [page.evaluate(f"parseFloat(getComputedStyle(document.querySelector('article {name}')).fontSize)")
             for name in ("h1", "h2", "h3")]  # fmt: skip
    assert sizes == sorted(set(sizes), reverse=True)


@pytest.mark.parametrize("width", [1280, 320])
def test_no_name_is_broken_in_the_table_of_functions(site, open_page, width):
    page = open_page(site.url + INDEX, width=width)
    # A word that is broken has a box on each of its lines.
    broken = page.evaluate("""[...document.querySelectorAll(".activation-index :is(td:first-child a, th p)")].filter(
      ({ firstChild: text }) => text.data.split(" ").some((word) => {
        const range = document.createRange();
        range.setStart(text, text.data.indexOf(word));
        range.setEnd(text, text.data.indexOf(word) + word.length);
        return range.getClientRects().length > 1;
      })).map((place) => place.textContent)""")
    assert page.locator(".activation-index td:first-child a").count() > 20
    assert broken == []


@pytest.mark.parametrize(("width", "cards"), [(1280, False), (600, True), (320, True)])
def test_which_activation_is_a_table_or_a_card_for_each_case(site, open_page, width, cards):
    page = open_page(site.url + "book/which.html", width=width)
    table = page.locator("table.stacks")
    assert table.locator("thead").is_visible() is not cards
    names = table.locator("thead th").all_text_contents()
    for row in table.locator("tbody tr").all():
        labels = row.locator("td .stacks-label")
        assert labels.all_text_contents() == names
        assert {label.is_visible() for label in labels.all()} == {cards}
    assert table.evaluate("table => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
    tops = [box["y"] for box in (cell.bounding_box() for cell in table.locator("tbody tr").first.locator("td").all())]
    assert len(set(tops)) == (len(names) if cards else 1)
    # Paper is wide enough for the table, and what scrolls could not go on on the next sheet.
    page.emulate_media(media="print")
    assert table.locator("thead").is_visible()
    assert table.evaluate("table => getComputedStyle(table.parentElement).overflowX") == "visible"


def test_a_listing_can_be_copied(site, open_page):
    page = open_page(site.url + CHAPTER)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy", exact=True).first.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".cell_input pre").first.inner_text().rstrip()


def test_a_link_into_a_folded_part_opens_it(site, open_page):
    page = open_page(site.url + CHAPTER)
    solution = page.locator("details.solution").first
    page.evaluate("location.hash = document.querySelector('details.solution').id")
    solution.locator(".cell_input").wait_for()


def test_the_choice_of_colours_lasts_and_is_there_at_the_first_paint(site, open_page):
    page = open_page(site.url + CHAPTER)
    button = page.locator(".theme-switch-button")
    assert button.get_attribute("aria-label") == "Colours: as the system"
    button.click()
    assert button.get_attribute("aria-label") == "Colours: dark"
    # Without the deferred scripts: the first paint has what was chosen.
    page.route("**/page.js*", lambda route: route.abort())
    page.goto(site.url + INDEX)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_chapter_on_paper(site, open_page):
    page = open_page(site.url + CHAPTER, scheme="dark")
    page.evaluate("localStorage.mode = 'dark'")
    page.reload()
    page.emulate_media(media="print")
    page.locator("html[data-theme=light]").wait_for()
    for part in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article", ".prev-next-footer", "footer"):
        assert not page.locator(part).first.is_visible(), part
    # Also before any script opens them, what is folded is on the paper.
    hidden = """[...document.querySelectorAll("article details *")].filter((e) => !e.checkVisibility({
        contentVisibilityAuto: true }) && !e.closest(
        "summary, svg, math, .copy-button, .headerlink, .live-figure, .run-bar"))
        .map((e) => e.outerHTML.slice(0, 100))"""
    assert page.evaluate("document.querySelectorAll('article details:not([open])').length") > 5
    assert page.evaluate(hidden) == []
    corner = Image.open(io.BytesIO(page.screenshot())).convert("RGB").getpixel((5, 5))
    assert corner == (255, 255, 255)
    whole = page.evaluate("""[...document.querySelectorAll("article pre, .cell_input, .cell_input div, details.hide")]
        .filter((box) => getComputedStyle(box).breakInside !== "auto").length""")
    assert whole == 0, "a listing longer than a page would leave an empty frame"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('article details:not([open])').length") == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelectorAll('article details:not([open])').length") > 5
    page.emulate_media(media="screen")
    page.locator("html[data-theme=dark]").wait_for()


@pytest.mark.parametrize("name", [CHAPTER, INDEX, "index.html", "book/explorer.html", "book/which.html"])
def test_reduced_motion_is_honoured(site, open_page, name):
    page = open_page(site.url + name)
    page.emulate_media(reduced_motion="reduce")
    moving = """[...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.transitionDuration !== "0s" && style.transitionProperty !== "none" || style.animationName !== "none"
        || style.scrollBehavior === "smooth";
    }).map((element) => element.outerHTML.slice(0, 100))"""
    assert page.evaluate(moving) == []


def test_the_site_has_no_file_that_nothing_asks_for(site):
    kept = {path.relative_to(site.folder / "_static").as_posix() for path in (site.folder / "_static").rglob("*.*")}
    assert not [name for name in kept if "fontawesome" in name.lower() or "bootstrap" in name or name.endswith(".map")]
    assert {name for name in kept if name.endswith(".css")} == {"book.css"}


def test_no_script_of_our_own_is_left_over(site):
    """Each is on some page, or another script loads it by its name."""
    scripts = {path.name: path.read_text(encoding="utf-8") for path in ASSETS.glob("*.js")}
    on_pages = {PurePosixPath(urlsplit(tag["src"]).path).name for name in PAGES for tag in soup(site, name).select(
        "script[src]")}  # fmt: skip
    named = {name for name in scripts for text in scripts.values() if f'"{name}"' in text}
    assert set(scripts) - on_pages - named == set()
    assert set(scripts) <= {path.name for path in (site.folder / "_static").glob("*.js")}


def test_the_style_sheet_names_no_class_that_no_page_has(site):
    sheet = (site.folder / "_static" / "book.css").read_text(encoding="utf-8")
    had = {name for page in PAGES for tag in soup(site, page).select("[class]") for name in tag["class"]}
    written = set(re.findall(r"[A-Za-z_][\w-]*", "".join(p.read_text(encoding="utf-8") for p in ASSETS.glob("*.js"))))
    # Of what a selector names to choose from, some may be missing.
    selectors = re.sub(r":[a-z]+\((?:[^()]|\([^()]*\))*\)", "", re.sub(r"\{[^{}]*\}", "{}", sheet))
    # The colours of code are whole sets, whatever kinds of words a page has.
    named = set(re.findall(r"\.([A-Za-z_][\w-]*)", re.sub(r"\.highlight[^{]*", "", selectors)))
    assert len(named) > 100
    assert named - had - written == set()


FAR = """(kind) => [...document.querySelectorAll("article > section > section > :not(h2)")].every(
    (part) => getComputedStyle(part).contentVisibility === kind)"""


def test_far_parts_get_their_height_in_the_end(site, open_page):
    # Opening a page waits until all are visible; here until then, and on paper, and without scripts.
    page = open_page(site.url + CHAPTER)
    assert page.evaluate("document.documentElement.dataset.later") is None
    page.route("**/page.js*", lambda route: route.abort())
    page.goto(site.url + CHAPTER)
    assert page.evaluate(FAR, "auto")
    page.emulate_media(media="print")
    assert page.evaluate(FAR, "visible")
    assert open_page(site.url + CHAPTER, javascript=False).evaluate(FAR, "visible")


def test_a_place_that_is_asked_for_is_found(site, open_page):
    """In a page whose parts have no height yet, the browser would end somewhere else."""
    last = "what-to-remember"
    page = open_page(f"{site.url}{CHAPTERS[11]}.html#{last}")
    top = "document.getElementById(location.hash.slice(1)).getBoundingClientRect().top"
    page.wait_for_timeout(300)
    assert 48 < page.evaluate(top) < 80

    # The same by a link of the page, before its parts have their height.
    never = "window.requestIdleCallback = () => {};"
    page.route("**/page.js*", lambda route: route.fulfill(
        content_type="text/javascript", body=never + route.fetch().text()))  # fmt: skip
    page.goto(f"{site.url}{CHAPTERS[11]}.html")
    assert page.evaluate(FAR, "auto")
    page.locator(f".page-toc a[href='#{last}']").evaluate("(link) => link.click()")
    assert 48 < page.evaluate(top) < 80

    # The reader's old place, after a reload and on the way back.
    page.goto(f"{site.url}{CHAPTERS[11]}.html#")
    page.evaluate("document.documentElement.removeAttribute('data-later'); scrollTo(0, 20000)")
    page.wait_for_timeout(300)
    for move in (page.reload, lambda: (page.goto(site.url + INDEX), page.go_back())):
        move()
        page.wait_for_load_state("networkidle")
        # Within what the browser moves to hold the passage; without heights it was off by thousands.
        assert abs(page.evaluate("scrollY") - 20000) < 100


def test_the_toolbar_can_be_reached_without_losing_the_place(site, open_page):
    page = open_page(site.url + CHAPTER)
    page.evaluate("scrollTo(0, 5000)")
    tools = page.locator(".bd-header-article :is(a, button, summary)").filter(visible=True).all()
    assert len(tools) > 2
    for tool in tools:
        tool.focus()
        page.wait_for_timeout(100)
        assert page.evaluate("scrollY") == 5000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_can_be_read_without_javascript(site, open_page, scheme):
    page = open_page(site.url + CHAPTER, javascript=False, scheme=scheme)
    colours = page.evaluate("""[...new Set([...document.querySelectorAll(".cell_input .highlight span")].map(
        (piece) => getComputedStyle(piece).color))]""")
    assert len(colours) > 4, "highlighted"
    # The ink, and the paper: what lies under it and is not transparent.
    ink, *papers = page.evaluate("""() => {
      const found = [getComputedStyle(document.querySelector(".cell_input .highlight pre")).color];
      for (let box = document.querySelector(".cell_input .highlight pre"); box; box = box.parentElement) {
        found.push(getComputedStyle(box).backgroundColor);
      }
      return found;
    }""")
    paper = next((colour for colour in papers if colour != "rgba(0, 0, 0, 0)"), "rgb(255, 255, 255)")
    toolbar = page.evaluate("getComputedStyle(document.querySelector('.bd-header-article')).backgroundColor")
    assert toolbar != "rgba(0, 0, 0, 0)"
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) < 250
    assert sum(map(int, re.findall(r"\d+", paper)[:3])) > 600


def test_search_puts_the_chapter_first_and_shows_something(site, open_page):
    page = open_page(site.url + "book/how-to-use.html")
    page.keyboard.press("/")
    address, passage = first_hit(page, "dying")
    assert address.partition("#")[0] == f"{site.url}{CHAPTERS[7]}.html"
    assert len(passage) > 40
    wait_until(page, "Boolean(globalThis.bookIndex)")
    places = page.evaluate("bookIndex.pages.flatMap(([, , places]) => places.slice(1))")
    assert [title for _, title, text in places if not text] == []
    assert [title for _, title, text in places if "Hide the code" in text or "Show the code" in text] == []
