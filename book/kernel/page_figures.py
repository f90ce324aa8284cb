"""The backend that matplotlib draws with in the page: figures as SVG where a cell shows them."""

import io

from matplotlib import pyplot
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase as FigureManager  # noqa: F401  matplotlib looks for it
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas  # noqa: F401
from page_kernel import Kernel

_options = {}


def set_matplotlib_formats(*formats, **options):
    """Remember how figures are written; the format is SVG."""
    if formats != ("svg",):
        raise ValueError(f"set_matplotlib_formats: formats are {formats}; in the page it is 'svg'")
    _options.update(options)


def show(*arguments, **options):
    """Show every open figure, and close it."""
    try:
        for manager in Gcf.get_all_fig_managers():
            figure = manager.canvas.figure
            if not Kernel.current.quiet:
                drawn = io.StringIO()
                figure.savefig(drawn, format="svg", bbox_inches="tight", **_options)
                Kernel.current.show({"text/plain": repr(figure), "image/svg+xml": drawn.getvalue()})
    finally:
        pyplot.close("all")
