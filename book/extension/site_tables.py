"""Tables of class "stacks": on a narrow screen each row becomes a card, each cell with its column's name.

A table of numbers is compared down its columns and scrolls sideways; one of sentences is read along its rows.
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

STACKS = "stacks"
LABEL = "stacks-label"


class NameCells(SphinxPostTransform):
    """Put its column's name into each cell; the style sheet shows it where rows are cards."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        for table in self.document.findall(lambda node: isinstance(node, nodes.table) and STACKS in node["classes"]):
            names = [entry.astext() for entry in table.next_node(nodes.thead).findall(nodes.entry)]
            for row in table.next_node(nodes.tbody).findall(nodes.row):
                for name, entry in zip(names, row.children, strict=True):
                    entry.insert(0, nodes.paragraph("", name, classes=[LABEL]))


def setup(app):
    app.add_post_transform(NameCells)
