"""Run buttons: which cells can run in the reader's browser, and the files that this takes.

A notebook's imports decide. A cell gets a button if it, and every cell above it, imports nothing but what
Python in a browser has: its standard library, the packages of run_lock.json, and the modules of relubook
that need nothing else. From the first other cell on, one sentence says why not, and leads to Binder.

The buttons are there if the files of Python are (see tools/run_assets.py); their names carry hashes.
"""

import ast
import gzip
import hashlib
import io
import json
import symtable
import sys
import zipfile
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import run_lock
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
STAND_INS = Path(__file__).resolve().parent.parent / "kernel"
# Of the standard library, what needs threads, processes, sockets or a terminal.
BROWSER_LACKS = {
    "concurrent", "curses", "dbm", "ensurepip", "fcntl", "ftplib", "http", "idlelib", "imaplib", "multiprocessing",
    "pty", "readline", "resource", "smtplib", "socket", "socketserver", "ssl", "subprocess", "syslog", "termios",
    "threading", "tkinter", "tty", "turtle", "urllib", "venv", "webbrowser", "xmlrpc",
}  # fmt: skip
PACKAGES = {name for package in run_lock.LOCK["lock"]["packages"].values() for name in package["imports"]}
BROWSER_HAS = (sys.stdlib_module_names - BROWSER_LACKS) | PACKAGES | {p.stem for p in STAND_INS.iterdir()}
TIMINGS = "Times are other ones in a browser, and what this cell asserts about them may fail there."
TITLES = {"torch": "PyTorch", "sklearn": "scikit-learn", "scipy": "SciPy"}


def imported(source, *, inside_functions):
    """The modules that a piece of code imports, whole names."""
    names, waiting = set(), [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # `from relubook import study` may mean a module.
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif not inside_functions and isinstance(node, (ast.FunctionDef, ast.Lambda)):
            continue
        waiting += ast.iter_child_nodes(node)
    return names


class Package:
    """The modules of relubook: what each needs, and the files that some of them take."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, module):
        """The file of a module of relubook, or None if there is no such module."""
        place = self.folder.joinpath(*module.split("."))
        return next((p for p in (place / "__init__.py", place.with_suffix(".py")) if p.is_file()), None)

    def closure(self, names, *, inside_functions):
        """The modules of relubook among `names` with those that they import, and every other import."""
        ours, others, waiting = set(), set(), list(names)
        while waiting:
            name = waiting.pop()
            if name.split(".")[0] != "relubook":
                others.add(name.split(".")[0])
            elif name not in ours and self.path(name):
                ours.add(name)
                waiting.append(name.rpartition(".")[0] or name)
                waiting += imported(self.path(name).read_text(encoding="utf-8"), inside_functions=inside_functions)
        return ours, others

    def missing(self, source):
        """What a cell imports, itself or through relubook, that Python in a browser lacks."""
        _, others = self.closure(imported(source, inside_functions=True), inside_functions=False)
        return others - BROWSER_HAS

    def files(self, modules):
        """The files of modules, and the data beside them that they name."""
        found = set()
        for path in map(self.path, modules):
            found.add(path)
            strings = {n.value for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Constant)}
            found |= {p for p in path.parent.iterdir() if p.name in strings and p.suffix != ".py" and p.is_file()}
        return found


def code_cells(path):
    """(position, cell) of a notebook's code cells."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(position, cell) for position, cell in enumerate(cells) if cell["cell_type"] == "code"]


def names_in(source):
    """(names that code gives a meaning to, names that it reads) at its outer level."""
    table = symtable.symtable(source, "cell", "exec")
    symbols, inner = table.get_symbols(), list(table.get_children())
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    read = {s.get_name() for s in symbols if s.is_referenced()}
    while inner:
        part = inner.pop()
        read |= {s.get_name() for s in part.get_symbols() if s.is_global()}
        inner += part.get_children()
    return bound, read


def names_of(source):
    """(names that a cell binds, names that it may read from cells above it)."""
    bound, read = set(), set()

    def go_through(statements):
        for statement in statements:
            body = getattr(statement, "body", [])
            if isinstance(statement, (ast.For, ast.With)):
                # What a loop goes over comes before its variable, and its variable before its body.
                loop = isinstance(statement, ast.For)
                heads = [statement.iter] if loop else [item.context_expr for item in statement.items]
                targets = [statement.target] if loop else [item.optional_vars for item in statement.items]
                go_through(map(ast.Expr, heads))
                for target in filter(None, targets):
                    bound.update(names_in(f"{ast.unparse(target)} = 0")[0])
                go_through([*body, *getattr(statement, "orelse", [])])
                continue
            binds, reads = names_in(ast.unparse(ast.fix_missing_locations(statement)))
            read.update(reads - bound)
            bound.update(binds)

    go_through(ast.parse(source).body)
    return bound, read


class Cell:
    """A code cell that runs in the page.

    ``reason`` says why its outcome may be another one in a browser. Such a cell is ``optional``, and so is one that
    reads its names: it runs before another cell only if that one needs it. ``first`` are the optional cells that
    this one needs.
    """

    def __init__(self, number, cell, binders):
        source, metadata = "".join(cell["source"]), cell["metadata"]
        self.number, self.id, self.first = number, cell["id"], set()
        tags = metadata.get("tags", ())
        self.reason = metadata.get("relubook", {}).get("browser")
        if self.reason is None and "nbval-ignore-output" in tags:
            self.reason = TIMINGS
        bound, read = names_of(source)
        for needed in (binders[name] for name in read if name in binders):
            if needed.optional:
                self.first |= {needed.number} | needed.first
        self.optional = bool(self.reason or self.first)
        if not {"exercise", "solution"} & set(tags):
            binders.update(dict.fromkeys(bound, self))


class Plan:
    """What of one notebook runs in the page."""

    def __init__(self, path, package):
        self.cells = {}  # position: Cell
        self.stop, self.missing, self.modules = None, set(), set()
        binders = {}
        for number, (position, cell) in enumerate(code_cells(path), 1):
            source = "".join(cell["source"])
            missing = package.missing(source)
            if missing and self.stop is None:
                self.stop = position
            self.missing |= missing
            if self.stop is None:
                self.cells[position] = Cell(number, cell, binders)
                self.modules |= imported(source, inside_functions=True)
        if self.cells:
            # check() imports the chapter's own by its number.
            self.modules.add(f"relubook.exercises.chapter_{path.name[:2]}")


def archive(package, modules):
    """A ZIP file of what runs in the page: the modules of relubook and the stand-ins, with no date in it."""
    ours, _ = package.closure(modules, inside_functions=True)
    files = {path.relative_to(package.folder).as_posix(): path for path in package.files(ours)}
    files |= {path.relative_to(STAND_INS).as_posix(): path for path in STAND_INS.rglob("*.py")}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


class Site:
    """Everything about Run that one build needs."""

    def __init__(self, app):
        source = Path(app.srcdir)
        package = Package(source / "notebooks")
        paths = sorted(source.glob("notebooks/*.ipynb"))
        self.plans = {p.relative_to(source).with_suffix("").as_posix(): Plan(p, package) for p in paths}
        folder = run_lock.cache_folder()
        self.complete = not run_lock.missing(folder)
        if not self.complete:
            LOGGER.info("[run] no Run buttons: 'make run-assets' fetches the files that they need")
            return
        self.contents = {name: (folder / name).read_bytes() for name in run_lock.wanted()}
        book = archive(package, set().union(*(plan.modules for plan in self.plans.values())))
        self.contents[self.hashed("book", book, "zip")] = book
        self.book = self.hashed("book", book, "zip")
        # WebAssembly is compressed here, since not every host does; browsers unpack it.
        self.files = {}
        for name, content in self.contents.items():
            packed = name.endswith(".wasm")
            self.files[name] = (f"{name}.gzip", gzip.compress(content, 9, mtime=0)) if packed else (name, content)
        entries = [
            {"name": name, "file": file, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, (file, content) in self.files.items()
        ]
        listed = json.dumps({"files": entries, "lock": run_lock.LOCK["lock"], "book": self.book}).encode()
        self.list = self.hashed("python", listed, "json")
        self.files[self.list] = (self.list, listed)
        self.megabytes = round(sum(entry["size"] for entry in entries) / 1e6)

    @staticmethod
    def hashed(stem, content, suffix):
        """A name that changes with the content."""
        return f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"

    def write(self, folder):
        """Write the files, those that are there already excepted."""
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in self.files.values():
            path = folder / file
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)


def binder_link(config, docname):
    """Where a chapter starts on Binder, as the launch button has it."""
    theme = config.html_theme_options
    repository = urlsplit(theme["repository_url"]).path.strip("/")
    hub = theme["launch_buttons"]["binderhub_url"]
    return f"{hub}/v2/gh/{repository}/{theme['repository_branch']}?urlpath=lab/tree/{docname}.ipynb"


def bar(cell):
    """The place of a cell's buttons, with what the script must know of the cell."""
    first = " ".join(map(str, sorted(cell.first)))
    optional = f' data-optional="{first}"' if cell.optional else ""
    note = f'<p class="run-note">{escape(cell.reason)}</p>' if cell.reason else ""
    return f'<div class="run-bar" data-number="{cell.number}" data-cell="{escape(cell.id)}"{optional}></div>{note}'


class AddRunBars(SphinxPostTransform):
    """Give each cell that can run the place of its buttons; say once why the others cannot."""

    default_priority = 950
    formats = ("html",)

    def run(self, **kwargs):
        site = self.app.relubook_run
        plan = site.plans.get(self.env.docname)
        if not (site.complete and plan):
            return
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code":
                continue
            position = cell["cell_index"]
            if position == plan.stop:
                cell.parent.insert(cell.parent.index(cell), self.why_not(plan))
            if position not in plan.cells:
                continue
            at = len(cell.children) - (cell.children[-1].get("nb_element") == "cell_code_output")
            cell.insert(at, nodes.raw("", bar(plan.cells[position]), format="html"))

    def why_not(self, plan):
        if "torch" in plan.missing:
            needs = "PyTorch, which does not run in a browser"
        else:
            names = sorted(TITLES.get(name, name) for name in plan.missing)
            needs = f"{' and '.join(names)}, which this page does not load"
        start = "From here on, the code" if plan.cells else "The code of this chapter"
        paragraph = nodes.paragraph("", f"{start} needs {needs}. ", classes=["run-not-here"])
        link = nodes.reference("", "Run it on Binder", refuri=binder_link(self.config, self.env.docname))
        paragraph.extend([link, nodes.Text(".")])
        return paragraph


def add_script(app, pagename, templatename, context, doctree):
    """On html-page-context: the script, on pages with buttons alone."""
    site = app.relubook_run
    plan = site.plans.get(pagename)
    if doctree is not None and site.complete and plan and plan.cells:
        data = {"data-list": site.list, "data-size": str(site.megabytes)}
        app.add_js_file("run.js", loading_method="defer", **data)


def write_files(app, exception):
    """On build-finished: copy Python into the site."""
    if not exception and app.builder.format == "html" and app.relubook_run.complete:
        app.relubook_run.write(Path(app.outdir) / "_static" / "run")


def prepare(app):
    """On builder-inited: decide what runs."""
    app.relubook_run = Site(app)


def setup(app):
    app.connect("builder-inited", prepare)
    app.add_post_transform(AddRunBars)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_files)
