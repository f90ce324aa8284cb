"""Pages as they are served: what they say of themselves, sizes for pictures, sound names and roles, help where none is.

One address, html.baseurl, serves all who need one; the repository's is the theme option repository_url.
"""

import itertools
import re
from html import escape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import imagesize
from docutils import nodes
from site_cards import SIZE, draw_card, draw_icon
from site_course import duration, map_html, read_course, read_parts

IMAGE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*_images/([^"/]+))"[^>]*?>')

# docutils gives citations a role that is deprecated, in a list that has no list items; MyST-NB gives the
# switch of a folded cell a name other than its text; sphinx-exercise gives all its boxes one id.
WRONG_NAMES = re.compile(
    r' role="(?:doc-biblioentry|list)"'
    r'|(?<=<summary) aria-label="Toggle hidden content"'
    r'| id="(?:exercise|solution)-content"'
)

CARDS = "_static/cards"
ICON = "_static/apple-touch-icon.png"
MOTTO = "Activation functions, measured"
LONGEST = 160  # characters of a description that search engines show
WORDS_A_MINUTE = 220
# The background of a page, for the browser's own frame: pairs of a colour scheme and --pst-color-background.
FRAME = {"light": "#ffffff", "dark": "#121212"}
NOT_FOUND = "404"  # as sphinx-notfound-page calls it
# Pages that no source file describes.
OWN_DESCRIPTIONS = {
    "search": "Search The ReLU Book: chapters, functions by any of their names, claims and words.",
    NOT_FOUND: "This page of The ReLU Book does not exist. Search the book, or look on the map of the course.",
}


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
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path


def public_address(app, pagename):
    """Where a page is published; the first page at the folder's own address."""
    name = "" if pagename == app.config.root_doc else app.builder.get_target_uri(pagename)
    return app.config.html_baseurl + name


def describe(doctree):
    """The first sentences of a page, as many as a description has room for."""
    paragraphs = (node for node in doctree.findall(nodes.paragraph) if isinstance(node.parent, nodes.section))
    text = " ".join(next(paragraphs, nodes.paragraph()).astext().split())
    sentences = re.split(r"(?<=[.?]) (?=[A-Z])", text)
    description = sentences[0]
    for sentence in sentences[1:]:
        if len(description) + 1 + len(sentence) > LONGEST:
            break
        description += f" {sentence}"
    if len(description) > LONGEST:
        description = description[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return description


def place_of(app, pagename):
    """Where the page stands in the course, for its card."""
    for caption, chapters in read_course(app.srcdir):
        for chapter in chapters:
            if chapter.docname == pagename:
                return f"{caption} · chapter {chapter.number} · {chapter.minutes} minutes"
    captions = [caption for caption, names in read_parts(app.srcdir) if pagename in names]
    return captions[0] if captions else "A course in notebooks that run"


def describe_page(app, pagename, templatename, context, doctree):
    """Title, description, card and addresses, before sphinxext.opengraph writes the most of them down."""
    project, meta = app.config.project, dict(context.get("meta") or {})
    first = pagename == app.config.root_doc
    description = OWN_DESCRIPTIONS.get(pagename) or meta.get("description") or (describe(doctree) if doctree else "")
    tags = [
        f'<meta name="description" content="{escape(description)}" />',
        f'<link rel="apple-touch-icon" href="{context["pathto"](ICON, True)}" />',
        *(f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{colour}" />'
          for scheme, colour in FRAME.items()),
    ]  # fmt: skip
    title = context.get("title", "")
    address = context["pageurl"] = public_address(app, pagename)
    if first:
        title = context["title"] = f"{project}: {MOTTO[0].lower()}{MOTTO[1:]}"
        context["docstitle"] = ""  # the title names the book already
    if doctree:
        card = f"{CARDS}/{pagename.replace('/', '-')}.png"
        name = project if first else re.sub(r"^\d\d · ", "", title)
        draw_card(Path(app.outdir) / card, place_of(app, pagename), name, project, MOTTO)
        context["meta"] = meta | {
            "og:title": title,
            "og:url": address,
            "og:description": escape(description, quote=False),
            "og:image": app.config.html_baseurl + card,
            "og:image:width": str(SIZE[0]),
            "og:image:height": str(SIZE[1]),
            "og:image:alt": f"The title of this page, {name}, over a line that runs flat and then bends upwards",
        }
        tags.append('<meta name="twitter:card" content="summary_large_image" />')
    context["metatags"] = context.get("metatags", "") + "\n".join(["", *tags, ""])


def say_how_long(app, pagename, templatename, context, doctree):
    """Minutes under the title of a page that doesn't tell them itself."""
    if doctree and not pagename.startswith("notebooks/") and pagename != app.config.root_doc:
        minutes = max(1, round(len(doctree.astext().split()) / WORDS_A_MINUTE))
        words = f"{duration(minutes)} to read" if minutes > 1 else "a minute to read"
        words += " in full" if minutes > 15 else ""  # where one looks things up
        note = f'<p class="reading-time">{words[0].upper()}{words[1:]}</p>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{note}", 1)


def link_mistakes(app, pagename, templatename, context, doctree):
    """The address of the repository's form for mistakes, with this page filled in."""
    title = re.sub("<.*?>", "", context.get("title") or pagename.capitalize())
    fields = {"template": "mistake.yml", "title": f"{title}: ", "page": public_address(app, pagename)}
    repository = app.config.html_theme_options.get("repository_url", "")
    context["report_url"] = f"{repository}/issues/new?{urlencode(fields)}"


def help_the_lost(app, pagename, templatename, context, doctree):
    """The page for addresses that don't exist: what to do, a search field, and the map of the course."""
    if pagename != NOT_FOUND:
        return
    pathto = context["pathto"]
    places = [
        ("index", "the first page"),
        ("book/which", "which activation to use"),
        ("book/ledger", "the claims ledger"),
    ]
    links = [f'<a href="{pathto(name)}">{words}</a>' for name, words in places if name in app.env.found_docs]
    context["body"] = f"""\
<h1>There is no such page</h1>
<p>The address may be mistyped, or the page may have moved. Search for what you were looking for,
take the chapter from the map, or go to {", ".join(links)}.</p>
<form class="lost-search" role="search" action="{pathto("search")}" method="get">
<label for="lost-words">What were you looking for?</label>
<input id="lost-words" type="search" name="q" autocomplete="off" required>
<button type="submit">Search</button>
</form>
<h2>The course</h2>
{map_html(read_course(app.srcdir), pathto)}
"""


def finish(app, exception):
    """What lies beside the pages: the icon, the word to crawlers, the sitemap with the first page's own address."""
    if exception is not None or app.builder.name != "html":
        return
    folder, address = Path(app.outdir), app.config.html_baseurl
    draw_icon(folder / ICON)
    (folder / "robots.txt").write_text(f"User-agent: *\nAllow: /\n\nSitemap: {address}sitemap.xml\n", encoding="utf-8")
    sitemap = folder / "sitemap.xml"
    if sitemap.exists():
        first = app.builder.get_target_uri(app.config.root_doc)
        listed = sitemap.read_text(encoding="utf-8")
        sitemap.write_text(listed.replace(f"<loc>{address}{first}</loc>", f"<loc>{address}</loc>"), encoding="utf-8")


def setup(app):
    app.connect("config-inited", set_addresses)
    # After sphinx-notfound-page (400), whose addresses are used here, before sphinxext.opengraph (500).
    app.connect("html-page-context", describe_page, priority=450)
    app.connect("html-page-context", improve_body)
    app.connect("html-page-context", say_how_long)
    app.connect("html-page-context", link_mistakes)
    app.connect("html-page-context", help_the_lost)
    app.connect("build-finished", finish, priority=600)  # after sphinx-sitemap
