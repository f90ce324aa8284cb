"""Pages as they are served: sizes for pictures, sound names and roles, the address that the "not found" page needs."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import imagesize

IMAGE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*_images/([^"/]+))"[^>]*?>')


# docutils gives citations a role that is deprecated, in a list that has no list items; MyST-NB gives the
# switch of a folded cell a name other than its text.
WRONG_NAMES = re.compile(r' role="(?:doc-biblioentry|list)"|(?<=<summary) aria-label="Toggle hidden content"')


def improve_body(app, pagename, templatename, context, doctree):
    """Give every picture its width and height, so that the text doesn't jump when it arrives; mend names and roles."""
    folder = Path(app.outdir) / app.builder.imagedir
    sources = {target: app.srcdir / source for source, target in app.builder.images.items()}

    def sized(match):
        path = sources.get(match[2], folder / match[2])
        width, height = imagesize.get(path)
        return match[0].replace("<img", f'<img width="{width:.0f}" height="{height:.0f}"', 1)

    if "body" in context:
        context["body"] = WRONG_NAMES.sub("", IMAGE.sub(sized, context["body"]))


def set_addresses(app, config):
    """One address, html.baseurl, serves all who need it."""
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path


def setup(app):
    app.connect("config-inited", set_addresses)
    app.connect("html-page-context", improve_body)
