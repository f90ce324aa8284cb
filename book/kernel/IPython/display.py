"""Objects with a look of their own, and `display`, as the chapters use them."""

import base64

from page_kernel import Kernel, bundle


class _Shown:
    def __init__(self, data):
        self.data = data

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


class Markdown(_Shown):
    """Text that the page sets as Markdown."""

    def _repr_markdown_(self):
        return self.data


class HTML(_Shown):
    """A piece of a page."""

    def _repr_html_(self):
        return self.data


class Image(_Shown):
    """A bitmap; the format is PNG."""

    def __init__(self, data, format="png", width=None, height=None):
        super().__init__(data)
        self.width, self.height = width, height

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "image/png": base64.b64encode(self.data).decode()}


def display(*values):
    """Show values, in the middle of a cell too."""
    for value in values:
        size = {side: getattr(value, side) for side in ("width", "height") if isinstance(value, Image)}
        Kernel.current.show(bundle(value), **size)
