"""Reads the built pages once: what they are made of, for the style sheet, and what they say, for the search.

The index names every section, term, claim and function of the book, with its text. It is a script and not data,
because a page opened from disk may not fetch data.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from site_reference import relubook

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
SILENT_TAGS = {"nav", "noscript", "button", "svg", "summary"}
# A solution is for who opens it. A wrong answer is no knowledge; a list of facts, as one line, is none either.
SILENT_CLASSES = {
    "headerlink", "claim-anchor", "live-figure", "solution", "eqno", "quiz-wrong", "activation-facts",
    "stacks-label",
}  # fmt: skip
# Listings and what they print are found by the text around them.
LISTING = re.compile(r"<(pre|script|style)\b.*?</\1>", re.DOTALL)
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
# Formulas whose letters in a row say something else: a fraction, a power, cases, what stands on a line of its own.
BUILT_UP = re.compile(r"<m(frac|su[bp]|subsup|under|over|underover|sqrt|root|table)\b|tml-display")
MARKUP = re.compile(r"<[^>]*>")
NOT_SEARCHED = ("search.html", "404.html")


@dataclass
class Place:
    """A part of a page that an address can name."""

    anchor: str
    title: str = ""
    text: list = field(default_factory=list)


class Reader(HTMLParser):
    """Tells which part of a page says what."""

    def __init__(self):
        super().__init__()
        self.places = [Place("")]
        self._open = []  # (tag, the role it plays here, the place outside it)
        self._roles = Counter()
        self._place = self.places[0]

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        found = dict(attributes)
        role, outside = self._role(tag, found.get("id"), (found.get("class") or "").split()), self._place
        if role == "place" or (role == "title" and tag == "dt"):
            self._place = Place(found["id"])
            self.places.append(self._place)
            # A term's text stands after it, up to the next one.
            outside = outside if role == "place" else self._place
        self._open.append((tag, role, outside))
        self._roles[role] += 1

    def _role(self, tag, identifier, classes):
        if tag in SILENT_TAGS or SILENT_CLASSES.intersection(classes):
            return "silent"
        if identifier and tag == "dt":
            return "title"
        if identifier and (tag == "section" or {"claim", "exercise", "citation"}.intersection(classes)):
            return None if identifier.endswith("-content") else "place"
        if tag in HEADINGS or {"admonition-title", "claim-statement"}.intersection(classes):
            return None if self._place.title else "title"
        return None

    def handle_endtag(self, tag):
        if tag in VOID or not any(name == tag for name, *_ in self._open):
            return
        closed = None
        while closed != tag:
            closed, role, self._place = self._open.pop()
            self._roles[role] -= 1

    def handle_data(self, data):
        if self._roles["silent"]:
            return
        if self._roles["title"]:
            self._place.title += data
        else:
            # Parts of a list or of a table don't run into each other.
            self._place.text += (data, " ") if self._open and self._open[-1][0] in ("dt", "dd", "td", "th") else (data,)


def in_a_row(formula):
    """The text of a formula that a line of text can hold, or a mark that one is left out."""
    return "…" if BUILT_UP.search(formula[0]) else MARKUP.sub("", formula[0])


class Page:
    """What a built page is made of, and what it says where."""

    def __init__(self, name, html):
        self.name = name
        self.tags = set(re.findall(r"<([a-z][\w-]*)", html))
        self.classes = set(" ".join(re.findall(r'\bclass="([^"]*)"', html)).split())
        self.ids = set(re.findall(r'\bid="([^"]*)"', html))
        self.styles = set(re.findall(r'\bstyle="([^"]*)"', html))
        self.static = {unquote(name) for name in re.findall(r'\b(?:src|href)="[^"]*_static/([^"?#]+)', html)}
        reader = Reader()
        article = html.partition("<article")[2].partition("</article>")[0]
        article = FORMULA.sub(in_a_row, LISTING.sub("", article))
        reader.feed(article.partition(">")[2])
        self.places = reader.places


def read_pages(app):
    """Every page of the built site."""
    folder = Path(app.outdir)
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html")))
    return [
        Page(name, (folder / name).read_text(encoding="utf-8"))
        for name in names
        if not name.startswith(("_static/", "_sources/"))
    ]


def clean(text):
    return re.sub(r"\s+", " ", text.replace("\u2061", "")).strip()


def names(function):
    """Everything a function goes by: its title, its other names, and what the frameworks call it."""
    calls = [
        line.split("(")[0] for lines in function.calls.values() for line in lines if re.match(r"\w+\.[\w.]+\(", line)
    ]
    known = [function.title, *function.aliases, *calls, *(call.rsplit(".", 1)[1] for call in calls)]
    return list(dict.fromkeys(known))


def write_index(app, pages):
    """Write search-index.js beside the scripts."""
    entries, cards = [], {}
    for page in pages:
        if page.name in NOT_SEARCHED:
            continue
        places = [(place.anchor, clean(place.title), clean("".join(place.text))) for place in page.places]
        places = [(anchor, title, text) for anchor, title, text in places if title]
        title = places[0][1] if places else page.name
        # A heading with nothing under it but other places shows nothing; the page itself stays.
        places = [place for number, place in enumerate(places) if place[2] or not number]
        entries.append((page.name, title, places))
        if page.name == "book/reference.html":
            cards = {title: anchor for anchor, title, _ in places}
    functions = [
        (f"book/reference.html#{cards[function.title]}", *names(function))
        for function in (relubook(app.srcdir, "family").FAMILY.values() if cards else ())
        if function.title in cards
    ]
    index = json.dumps({"pages": entries, "functions": functions}, ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir) / "_static" / "search-index.js"
    path.write_text(f"globalThis.bookIndex = {index};\n", encoding="utf-8", newline="\n")
