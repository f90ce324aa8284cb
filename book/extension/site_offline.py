"""The whole built site as one archive to take along, made when the build ends."""

import posixpath
import re
import zipfile
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxRole

ARCHIVE = "relu-book-site.zip"
FOLDER = "relu-book-site"  # what the archive unpacks to
# Of use only where the site is published: for search engines, for other sites' previews, for wrong addresses.
ONLINE_ONLY = (ARCHIVE, "404.html", "robots.txt", "sitemap.xml", "_static/cards/", ".buildinfo")
OFFER = re.compile(r'<a class="offline-archive"[^>]*>(?P<words>.*?)</a> \((?P<size>[^)]*)\)')
UNKNOWN = "size unknown"  # until it is made

README = """\
The ReLU Book, the copy to take along
=====================================

Some parts of a page work only when a server sends it, even if that server is
your own machine. With Python:

    cd relu-book-site
    python -m http.server 8000 --bind 127.0.0.1

Then open http://127.0.0.1:8000 in a browser. Nothing is fetched from elsewhere.
Without a server, open index.html: the text, the outputs and the figures are
there all the same.
"""


class OfflineArchive(SphinxRole):
    """``{offline-archive}`words` ``: a link to the archive, with its size. The search index leaves it alone."""

    def run(self):
        address = posixpath.relpath(ARCHIVE, posixpath.dirname(self.env.docname) or ".")
        html = f'<a class="offline-archive" href="{address}" download="">{escape(self.text)}</a> ({UNKNOWN})'
        return [nodes.raw("", html, format="html")], []


def contents(site):
    """The files of the archive: (name, bytes), in order. It offers itself to nobody."""
    for path in sorted(path for path in Path(site).rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if name.startswith(ONLINE_ONLY):
            continue
        data = path.read_bytes()
        if path.suffix == ".html":
            data = OFFER.sub(r"\g<words> (this is it)", data.decode("utf-8")).encode("utf-8")
        yield name, data


def write_archive(site, target):
    """Write the archive; equal files give an equal archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in (("READ-ME.txt", README.encode()), *contents(site)):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}")  # with the date that zip knows as the first
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)


def say_size(site, size):
    """Write the size beside every link to the archive."""
    words = f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    for path in Path(site).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        told = OFFER.sub(lambda offer: offer[0].replace(f"({offer['size']})", f"({words})"), text)
        if told != text:
            path.write_text(told, encoding="utf-8", newline="\n")


def make_archive(app, exception):
    if exception is None and app.builder.name == "html":
        target = Path(app.outdir) / ARCHIVE
        write_archive(app.outdir, target)
        say_size(app.outdir, target.stat().st_size)


def setup(app):
    app.add_role("offline-archive", OfflineArchive())
    # When all others have written what they write.
    app.connect("build-finished", make_archive, priority=950)
