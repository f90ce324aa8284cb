"""Reads the built pages once: what they are made of, for the style sheet, and what they say, for the search.

The index names every section, term, claim and function of the book, with its text. It is a script and not data,
because a page opened from disk may not fetch data.
"""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from site_reference import relubook

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "nav", "noscript", "button", "svg", "summary"}
NOT_SEARCHED = ("search.html", "404.html")


@dataclass
class Place:
    """A part of a page that an address can name."""

    anchor: str
    title: str = ""
    text: list = field(default_factory=list)


class Page(HTMLParser):
    """What a built page is made of, and what it says where."""

    def __init__(self, name):
        super().__init__()
        self.name = name
        self.tags, self.classes, self.ids, self.styles, self.static = set(), set(), set(), set(), set()
        self.places = [Place("")]
        self._open = []  # (tag, what it is for us)
        self._stack = [self.places[0]]

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        classes = (found.get("class") or "").split()
        self.tags.add(tag)
        self.classes.update(classes)
        self.ids.update(filter(None, [found.get("id")]))
        self.styles.update(filter(None, [found.get("style")]))
        for address in filter(None, (found.get("src"), found.get("href"))):
            if "_static/" in address:
                self.static.add(unquote(address.split("_static/", 1)[1].split("?")[0].split("#")[0]))
        if tag in VOID:
            return
        self._open.append((tag, self._role(tag, found, classes)))

    def _role(self, tag, found, classes):
        if tag == "article":
            return "article"
        if not self._inside("article"):
            return None
        if tag in SILENT or "headerlink" in classes or "live-figure" in classes:
            return "silent"
        named = found.get("id") and (tag in ("section", "dt") or "claim" in classes)
        if named:
            place = Place(found["id"])
            self.places.append(place)
            # A term's text stands beside it, not in it: it lasts until the next one.
            if tag == "dt" and len(self._stack) > 1 and getattr(self._stack[-1], "term", False):
                self._stack.pop()
            self._stack.append(place)
            place.term = tag == "dt"
            return "title" if tag == "dt" else "place"
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6") or (tag == "strong" and self._in_claim()):
            return "title"
        return "terms" if tag == "dl" and "glossary" in classes else None

    def _inside(self, role):
        return any(kind == role for _, kind in self._open)

    def _in_claim(self):
        return bool(re.fullmatch(r"[A-Z]+\d+", self._stack[-1].anchor)) and not self._stack[-1].title

    def handle_endtag(self, tag):
        while self._open:
            name, role = self._open.pop()
            if role == "place" or (role == "terms" and getattr(self._stack[-1], "term", False)):
                self._stack.pop()
            if name == tag:
                break

    def handle_data(self, data):
        if not self._inside("article") or self._inside("silent"):
            return
        place = self._stack[-1]
        if self._inside("title") and self._open[-1][0] not in ("p",):
            place.title += data
        else:
            place.text.append(data)


def read_pages(app):
    """Every page of the built site."""
    folder = Path(app.outdir)
    pages = []
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(("_static/", "_sources/")):
            page = Page(name)
            page.feed(path.read_text(encoding="utf-8"))
            pages.append(page)
    return pages


def clean(text):
    return re.sub(r"\s+", " ", text.replace("\u2061", "")).strip()


def names(function):
    """Everything a function goes by: its title, its other names, and what the frameworks call it."""
    calls = [line.split("(")[0] for lines in function.calls.values() for line in lines if re.match(r"\w+\.[\w.]+\(", line)]
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
        entries.append((page.name, title, places))
        if page.name == "book/reference.html":
            cards = {title: anchor for anchor, title, _ in places}
    functions = [
        (f"book/reference.html#{cards[function.title]}", *names(function))
        for function in relubook(app.srcdir, "family").FAMILY.values()
        if function.title in cards
    ]
    index = json.dumps({"pages": entries, "functions": functions}, ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir) / "_static" / "search-index.js"
    path.write_text(f"globalThis.bookIndex = {index};\n", encoding="utf-8", newline="\n")
