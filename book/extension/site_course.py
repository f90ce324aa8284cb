"""The course as its notebooks tell it: what each chapter promises, takes and builds on; the map of all."""

import functools
import json
import re
from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

TITLE = re.compile(r"^# (\d\d) · (.+)$", re.MULTILINE)
PROMISE = re.compile(r"^After this chapter you (?:can )?(.+)$", re.MULTILINE)
FACTS = re.compile(r"^\*(\d+) minutes · (.+)\*$", re.MULTILINE)
NUMBERS = re.compile(r"(?<!\d)(\d\d)(?!\d)")
RANGE = re.compile(r"\[(\d\d)\]\([^)]*\) to \[(\d\d)\]")


class Chapter(NamedTuple):
    """What the first cell of a notebook says."""

    docname: str
    number: str
    title: str
    promise: str
    minutes: int
    needs: str  # in the notebook's words, where it builds on no other chapter
    builds_on: list  # numbers of chapters


@functools.cache
def first_cell(path, changed):
    """The text of a notebook's first cell, read once in each state of the file."""
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def read_chapter(docname, path):
    """Read one chapter's first cell; raise an error that says what is missing there."""
    text = first_cell(path, path.stat().st_mtime_ns)
    found = [pattern.search(text) for pattern in (TITLE, PROMISE, FACTS)]
    if not all(found):
        raise ExtensionError(
            f"{path.name}: the first cell needs a title '# NN · …', a line 'After this chapter you …' "
            "and a line '*NN minutes · what it builds on · packages*'"
        )
    title, promise, facts = found
    needs = facts[2].split(" · ")[0]
    numbers = set(NUMBERS.findall(needs))
    for first, last in RANGE.findall(needs):
        numbers |= {f"{number:02}" for number in range(int(first), int(last))}
    words = plain(promise[1])
    return Chapter(
        docname, title[1], plain(title[2]), words[0].upper() + words[1:], int(facts[1]),
        plain(needs.split(";")[0]), sorted(numbers),
    )  # fmt: skip


def plain(text):
    """A line of Markdown without its marks."""
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text).replace("`", "").replace("*", "")


def read_parts(root):
    """The parts of the table of contents, in order: (caption, names of pages)."""
    contents = yaml.safe_load((Path(root) / "_toc.yml").read_text(encoding="utf-8")) or {"parts": []}
    return [(part["caption"], [entry["file"] for entry in part["chapters"]]) for part in contents["parts"]]


def read_course(root):
    """The parts that have chapters, in order: (caption, chapters)."""
    parts = [(caption, [n for n in names if n.startswith("notebooks/")]) for caption, names in read_parts(root)]
    return [
        (caption, [read_chapter(name, Path(root) / f"{name}.ipynb") for name in names])
        for caption, names in parts if names
    ]  # fmt: skip


def duration(minutes):
    """Minutes as a person says them."""
    return f"{minutes} minutes" if minutes < 100 else f"about {round(minutes / 60)} hours"


def map_html(course, address, level=3):
    """The map as HTML; `address` gives the link to a page, `level` is that of the parts' headings."""
    known = {chapter.number: chapter for _, chapters in course for chapter in chapters}
    every = duration(sum(chapter.minutes for chapter in known.values()))
    parts = [f"<p>{len(known)} chapters are finished: {every} with the exercises.</p>"]
    for caption, chapters in course:
        rows = []
        for chapter in chapters:
            links = [
                f'<a href="{escape(address(known[number].docname))}" title="{escape(known[number].title)}">{number}</a>'
                for number in chapter.builds_on if number in known
            ]  # fmt: skip
            needs = f"builds on {' '.join(links)}" if links else escape(chapter.needs)
            rows.append(
                f'<li><span class="course-number" aria-hidden="true">{chapter.number}</span>'
                f'<a class="course-title" href="{escape(address(chapter.docname))}">{escape(chapter.title)}</a>'
                f'<span class="course-minutes">{chapter.minutes} min</span>'
                f'<p class="course-promise">{escape(chapter.promise)}</p>'
                f'<p class="course-needs">{needs}</p></li>'
            )
        total = duration(sum(chapter.minutes for chapter in chapters))
        parts.append(
            f'<section class="course-part"><h{level}>{escape(caption)} <small>{total}</small></h{level}>'
            f'<ol class="course-chapters" start="{int(chapters[0].number)}">{"".join(rows)}</ol></section>'
        )
    return f'<div class="course-map">{"".join(parts)}</div>'


class CourseMap(SphinxDirective):
    """``{course-map}``: every chapter with minutes and prerequisites. Its content is for other readers of the file."""

    has_content = True

    def run(self):
        course = read_course(self.env.srcdir)
        self.env.note_dependency(str(Path(self.env.srcdir) / "_toc.yml"))
        for _, chapters in course:
            for chapter in chapters:
                self.env.note_dependency(str(Path(self.env.srcdir) / f"{chapter.docname}.ipynb"))
        builder = self.env.app.builder
        html = map_html(course, lambda docname: builder.get_relative_uri(self.env.docname, docname))
        return [nodes.raw("", html, format="html")]


def setup(app):
    app.add_directive("course-map", CourseMap)
