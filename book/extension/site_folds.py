"""What is folded until a reader opens it, without any script: sections titled "Deeper:", boxes of class dropdown."""

from html import escape

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PREFIX = "Deeper:"
FOLDED = "dropdown"


def raw(html):
    return nodes.raw("", html, format="html")


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
            section.insert(index, raw(f'<details class="deeper"><summary>Show this section: {subject}</summary>'))
            section.append(raw("</details>"))


class FoldBoxes(SphinxPostTransform):
    """Turn hints and solutions into a <details> whose summary is their title."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        for box in list(
            self.document.findall(lambda node: FOLDED in getattr(node, "attributes", {}).get("classes", ()))
        ):
            if not isinstance(box, nodes.Admonition):
                continue
            title = next(child for child in box.children if isinstance(child, nodes.title))
            classes = " ".join(dict.fromkeys(["admonition", *box["classes"]]))
            first, *others = [*box["ids"], None][: len(box["ids"]) or 1]
            identifier = f' id="{escape(first)}"' if first else ""
            spans = "".join(f'<span id="{escape(other)}"></span>' for other in others)
            opening = raw(
                f'<details class="{escape(classes)}"{identifier}>'
                f'<summary class="admonition-title">{escape(title.astext().strip())}</summary>{spans}'
            )
            inside = [child for child in box.children if child is not title]
            # Not by replace_self, which would hand the box's ids and classes on.
            box.parent[box.parent.index(box) : box.parent.index(box) + 1] = [opening, *inside, raw("</details>")]


def setup(app):
    app.add_post_transform(FoldDeeperSections)
    app.add_post_transform(FoldBoxes)
