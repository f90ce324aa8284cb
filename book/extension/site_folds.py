"""Sections for a second reading: one whose title begins with "Deeper:" is folded, without any script."""

from html import escape

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PREFIX = "Deeper:"


class FoldDeeperSections(SphinxPostTransform):
    """Put what follows a "Deeper:" heading into a <details>, so that the heading stays in view and in the contents."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        for section in list(self.document.findall(nodes.section)):
            title = section.next_node(nodes.title)
            if title is None or not title.astext().startswith(PREFIX):
                continue
            index = section.index(title) + 1
            subject = escape(title.astext().removeprefix(PREFIX).strip())
            opening = f'<details class="deeper"><summary>Show this section: {subject}</summary>'
            section.insert(index, nodes.raw("", opening, format="html"))
            section.append(nodes.raw("", "</details>", format="html"))


def setup(app):
    app.add_post_transform(FoldDeeperSections)
