"""Runs cells in the reader's browser: what they print, show and raise becomes messages for the page.

Everything here is plain Python; the tests run it without a browser, too.
"""

import ast
import builtins
import contextlib
import io
import linecache
import os
import sys
import time
import traceback

# Before anything imports matplotlib: figures come from the stand-in beside this file.
os.environ["MPLBACKEND"] = "module://page_figures"

MAX_PRINTED = 100_000
MAX_SHOWN = 200
_CELL = "cell "


class _Stream(io.TextIOBase):
    """Hands on what is printed, in pieces, and cuts off what no page could hold."""

    def __init__(self, name, emit):
        self.name, self.emit = name, emit
        self.waiting, self.length, self.pieces, self.sent = [], 0, 0, time.monotonic()

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = MAX_PRINTED - self.length
        if text and room >= 0:
            self.waiting.append(text[:room])
            if len(text) > room:
                self.waiting.append("\n… and more, which is not shown.\n")
            self.length += len(text)
        # A line is seen at once, as far as the page can hold so many: what comes after it may never end.
        if self.late() or ("\n" in text and self.pieces < MAX_SHOWN):
            self.hand_on()
        return len(text)

    def late(self):
        return time.monotonic() - self.sent > 0.1

    def flush(self):
        """A cell that asks for it after each of many words is heard less often: each piece costs the page time."""
        if self.pieces < MAX_SHOWN or self.late():
            self.hand_on()

    def hand_on(self):
        if self.waiting:
            self.pieces += 1
            self.emit({"kind": "stream", "name": self.name, "text": "".join(self.waiting)})
            self.waiting.clear()
        self.sent = time.monotonic()


def bundle(value):
    """A value's representations, as Jupyter would ask for them."""
    if hasattr(value, "_repr_mimebundle_"):
        return dict(value._repr_mimebundle_())
    data = {"text/plain": repr(value)}
    for kind, method in (("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_"),
                         ("image/svg+xml", "_repr_svg_"), ("image/png", "_repr_png_")):  # fmt: skip
        representation = getattr(type(value), method, None)
        shown = representation(value) if representation else None
        if shown is not None:
            data[kind] = shown
    return data


class Kernel:
    """Runs cells one after the other in one namespace.

    Parameters
    ----------
    emit : function
        Called with a dict for each output: ``kind`` is "stream", "data" or "error".
    """

    current = None

    def __init__(self, emit):
        self.send = emit
        self.quiet, self.shown = False, 0
        self.names = {"__name__": "__main__", "__builtins__": builtins, "input": _no_input}
        Kernel.current = self

    def emit(self, output):
        if not self.quiet or output["kind"] == "error":
            self.send(output)

    def show(self, data, **more):
        """Send one thing to see; what was printed before it comes first."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _Stream):
                stream.hand_on()
        self.shown += 1
        if self.shown > MAX_SHOWN:
            if self.shown == MAX_SHOWN + 1:
                self.emit({"kind": "data", "data": {"text/plain": "… and more, which is not shown."}})
            return
        text = data.get("text/plain", "")
        if len(text) > MAX_PRINTED:
            data = data | {"text/plain": f"{text[:MAX_PRINTED]}\n… and more, which is not shown."}
        self.emit({"kind": "data", "data": data, **more})

    def run(self, number, source, quiet=False):
        """Run one cell; return whether it came to its end. A quiet one shows only an error."""
        self.quiet, self.shown = quiet, 0
        name = f"{_CELL}{number}"
        # So that a traceback shows the cell's lines.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        out, err = _Stream("stdout", self.emit), _Stream("stderr", self.emit)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                self._execute(source, name)
                _finish_figures()
            except BaseException as error:  # SystemExit and KeyboardInterrupt too end the cell alone
                out.hand_on()
                err.hand_on()
                _drop_figures()
                self.emit({"kind": "error", "text": readers_traceback(error)})
                return False
            finally:
                out.hand_on()
                err.hand_on()
        return True

    def _execute(self, source, name):
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), self.names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), self.names)
            # As in Jupyter, a semicolon at the end keeps a value to itself.
            if value is not None and not source.rstrip().endswith(";"):
                self.names["_"] = value
                self.show(bundle(value))


def readers_traceback(error):
    """The traceback of an exception, with the frames of the reader's cells alone."""
    shown = traceback.TracebackException.from_exception(error)
    part = shown
    while part:
        part.stack = traceback.StackSummary.from_list(f for f in part.stack if f.filename.startswith(_CELL))
        part = part.__cause__ or (None if part.__suppress_context__ else part.__context__)
    text = "".join(shown.format()).replace(f'File "{_CELL}', 'In "cell ')
    if len(text) > MAX_PRINTED:
        text = f"{text[: MAX_PRINTED // 2]}\n…\n{text[-MAX_PRINTED // 2 :]}"
    if isinstance(error, ModuleNotFoundError):
        text += "This package is not there in the page. On Binder it may be: see the buttons above.\n"
    return text


def _no_input(prompt=""):
    raise RuntimeError("input() does not work on this page; write the value into the cell")


def _finish_figures():
    """Show figures that a cell drew and left open."""
    if "matplotlib.pyplot" in sys.modules:
        import page_figures

        page_figures.show()


def _drop_figures():
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
