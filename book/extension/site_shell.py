"""What surrounds a page's text: its own scripts alone, a content security policy, nothing that no page asks for.

The theme and the extensions bring scripts that set up others, inline; a page takes those that lie in this book's
own folder of assets. The templates draw what the theme's scripts would have moved.
"""

import re
from html import escape
from pathlib import Path

import site_search
import site_styles

# Static hosts send no headers, so the policy stands in the page. Styles may be inline: formulas and notebooks bring
# a few, and they can do no harm. WebAssembly is for the Python that runs in a page, in a worker that the page makes of
# a blob: that one inherits this policy.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
POLICY_TAG = '<meta http-equiv="Content-Security-Policy" content="{}" />'.format(
    escape("; ".join(f"{name} {sources}" for name, sources in POLICY.items()), quote=True)
)
# What Sphinx writes into _static beside the files of themes and extensions.
GENERATED = ("pygments.css", "basic.css", "documentation_options.js", "doctools.js", "sphinx_highlight.js",
             "language_data.js", "copybutton.js", "scripts/", "styles/", "locales/")  # fmt: skip
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\n?')


def own(app, name):
    """Whether a script is one of this book's."""
    name = str(name or "").removeprefix("_static/").split("?")[0]
    return bool(name) and any((folder / name).is_file() for folder in site_styles.own_folders(app))


def set_up_search(app):
    """A search of this book's own: Sphinx makes no index and no page for it."""
    app.builder.search = False
    app.config.html_additional_pages.setdefault("search", "search.html")


def prepare_page(app, pagename, templatename, context, doctree):
    """Leave a page its own scripts, and put the policy before anything it could stop."""
    if pagename == "search":
        app.add_js_file("search.js", defer="defer")
    context["script_files"] = [script for script in context["script_files"] if own(app, script.filename)]
    # The theme has one of its own.
    context["metatags"] = "\n    " + POLICY_TAG + "\n" + VIEWPORT.sub("", context.get("metatags", ""))


def remove_unused(app, asked):
    """Delete what themes and extensions brought and no page asks for."""
    folder = Path(app.outdir) / "_static"
    brought = [Path(f) / "static" for f in app.builder.theme.get_theme_dirs()]
    brought += [Path(app.confdir) / entry for entry in app.config.html_static_path]
    brought = [place for place in brought if place not in site_styles.own_folders(app)]
    for path in sorted(folder.rglob("*"), reverse=True):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in asked and not own(app, name):
            theirs = any((place / f"{name}{ending}").exists() for place in brought for ending in ("", "_t", ".jinja"))
            if theirs or name.startswith(GENERATED):
                path.unlink()


def finish(app, exception):
    """Once all pages are written: the style sheet, the search index, and away with the rest."""
    if exception or app.builder.name != "html" or not (Path(app.outdir) / "_static" / "basic.css").exists():
        return  # nothing was written
    pages = site_search.read_pages(app)
    asked = {name for page in pages for name in page.static}
    asked |= site_styles.write_sheet(app, pages)
    site_search.write_index(app, pages)
    remove_unused(app, asked)


def setup(app):
    app.connect("builder-inited", set_up_search)
    app.connect("html-page-context", prepare_page, priority=900)
    app.connect("build-finished", finish, priority=900)
