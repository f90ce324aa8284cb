"""Pages as they are served: sizes for pictures, sound names and roles, the address that the "not found" page needs."""

import itertools
import re
from pathlib import Path
from urllib.parse import urlsplit

import imagesize

IMAGE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*_images/([^"/]+))"[^>]*?>')


# docutils gives citations a role that is deprecated, in a list that has no list items; MyST-NB gives the
# switch of a folded cell a name other than its text.
WRONG_NAMES = re.compile(r' role="(?:doc-biblioentry|list)"|(?<=<summary) aria-label="Toggle hidden content"')


def improve_body(app, pagename, templatename, context, doctree):
    """Mend names and roles, and let pictures wait.

    Every picture has its width and height, so that the text doesn't jump when it arrives. All but a page's first
    arrive when a reader comes near.
    """
    folder = Path(app.outdir) / app.builder.imagedir
    sources = {target: app.srcdir / source for source, target in app.builder.images.items()}

    number = itertools.count()

    def sized(match):
        path = sources.get(match[2], folder / match[2])
        width, height = imagesize.get(path)
        waits = ' loading="lazy"' if next(number) and "loading=" not in match[0] else ""
        return match[0].replace("<img", f'<img width="{width:.0f}" height="{height:.0f}"{waits}', 1)

    if "body" in context:
        context["body"] = WRONG_NAMES.sub("", IMAGE.sub(sized, context["body"]))


def set_addresses(app, config):
    """One address, html.baseurl, serves all who need it."""
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path


def setup(app):
    app.connect("config-inited", set_addresses)
    app.connect("html-page-context", improve_body)
