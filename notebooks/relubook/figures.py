"""The look of every figure in the book, and the one colour that each function has throughout.

Figures are SVG, drawn the same way at every run, so that the tests can compare them exactly. Pictures
of what a network learnt are bitmaps: the last digits of a training differ between processors.
"""

import io

import matplotlib
import matplotlib.pyplot as plt
import PIL.Image
from IPython.display import Image, display
from matplotlib_inline.backend_inline import set_matplotlib_formats

# Okabe and Ito's palette, which colour-blind readers tell apart, darkened where it was too pale on
# white; relatives have neighbouring colours. Line styles differ too: colour never stands alone.
COLOURS = {
    "relu": "#0072B2",
    "leaky_relu": "#C04A00",
    "identity": "#6B6B6B",
    "sigmoid": "#00785A",
    "tanh": "#A5417F",
    "silu": "#7A3E9D",
    "gelu": "#4D7C0F",
    "elu": "#6B4E16",
    "relu6": "#2B5C8A",
    "squared_relu": "#003F66",
    "hard_tanh": "#8C2D62",
    "thresholded_relu": "#4F86C6",
    "prelu": "#E0662B",
    "rrelu": "#8F3A0E",
    "celu": "#9A7428",
    "selu": "#B03A2E",
    "softplus": "#007F8C",
    "softsign": "#C06A9A",
    "hard_sigmoid": "#2E9E7C",
    "hard_swish": "#A56CC1",
    "mish": "#5B2C83",
    "gelu_tanh": "#6B9B2A",
    "gelu_sigmoid": "#2F5A00",
    "glu": "#00674D",
    "bilinear": "#555555",
    "reglu": "#005A8E",
    "geglu": "#3F6809",
    "swiglu": "#65338A",
    "target": "#222222",
    "highlight": "#B8860B",
}
LINE_STYLES = {
    "relu": "-",
    "leaky_relu": (0, (6, 2)),
    "identity": (0, (1, 1.5)),
    "sigmoid": (0, (8, 2, 1, 2)),
    "tanh": (0, (3, 1.5)),
    "silu": (0, (5, 1, 1, 1)),
    "gelu": (0, (10, 2)),
    "elu": (0, (4, 1, 1, 1, 1, 1)),
    "relu6": (0, (7, 1)),
    "squared_relu": (0, (9, 1, 1, 1)),
    "hard_tanh": (0, (2, 1)),
    "thresholded_relu": (0, (4, 3)),
    "prelu": (0, (6, 1, 2, 1)),
    "rrelu": (0, (3, 3)),
    "celu": (0, (2, 1, 5, 1)),
    "selu": (0, (8, 1, 3, 1)),
    "softplus": (0, (5, 3)),
    "softsign": (0, (7, 2, 2, 2)),
    "hard_sigmoid": (0, (4, 2, 2, 2)),
    "hard_swish": (0, (2, 2)),
    "mish": (0, (9, 3)),
    "gelu_tanh": (0, (5, 2)),
    "gelu_sigmoid": (0, (1, 1)),
    "glu": (0, (4, 1)),
    "bilinear": (0, (1, 2)),
    "reglu": (0, (10, 1)),
    "geglu": (0, (6, 3)),
    "swiglu": (0, (3, 1, 1, 1)),
    "target": (0, (4, 2)),
    "highlight": "-",
}


def use_style():
    """Set the book's figure style; called once, in a chapter's first cell."""
    # Neither a date nor a random id may get into the file: stored figures are compared byte by byte.
    set_matplotlib_formats("svg", metadata={"Date": None, "Creator": None})
    matplotlib.rcParams.update({
        "svg.hashsalt": "relubook",
        "svg.fonttype": "path",
        # 4.8 inches are 461 px: at the 290 px that a small phone leaves, 12 pt still read as 10 px.
        "figure.figsize": (4.8, 3.2),
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "savefig.facecolor": "white",
        "font.size": 12,
        "axes.titlesize": 12,
        "axes.labelsize": 12,
        "legend.fontsize": 11,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": "#DDDDDD",
        "grid.linewidth": 0.6,
        "axes.axisbelow": True,
        "lines.linewidth": 2.2,
        "axes.prop_cycle": matplotlib.cycler(color=[
            COLOURS["relu"], COLOURS["leaky_relu"], COLOURS["sigmoid"], COLOURS["tanh"],
            COLOURS["highlight"], COLOURS["identity"],
        ]),
    })


def line(name, **overrides):
    """Keyword arguments that draw the function ``name`` in its own colour and line style.

    Raises
    ------
    ValueError
        ``name`` has no colour yet.
    """
    if name not in COLOURS:
        raise ValueError(f"line: name is {name!r}; allowed are {', '.join(COLOURS)}")
    return {"color": COLOURS[name], "linestyle": LINE_STYLES[name], **overrides}


def show_bitmap(figure, *, colours=64):
    """Show a figure as a bitmap, in place of ``plt.show()``, and close it.

    For pictures of trained networks and of measured times, which no other machine draws to the last
    digit: a stored bitmap is not compared, so assert beside it what the picture says. ``colours`` is
    the size of its palette, from 2 to 256: a picture with shades of two colours needs more than a drawing.
    """
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=192)  # two pixels for each of the page's
    width, height = figure.get_size_inches() * 96
    plt.close(figure)
    small = io.BytesIO()
    # A drawing has few colours: a palette makes the file three times smaller.
    PIL.Image.open(drawn).convert("RGB").quantize(colours).save(small, format="png", optimize=True)
    display(Image(small.getvalue(), format="png", width=round(width), height=round(height)))


def draw_function_and_derivative(x, pieces, *, kink=None):
    """Draw functions above and their derivatives below, on one horizontal axis.

    Parameters
    ----------
    x : increasing 1-D array or list of numbers
        Where to draw. Must not contain ``kink``.
    pieces : dict from str to (name, values, slopes)
        Label in the legend; the function's name in ``COLOURS``; its value and its derivative at
        each ``x``.
    kink : number, optional
        Where the derivatives jump: the curve below is broken there, with open circles at both ends.

    Returns
    -------
    matplotlib Figure, and its upper and lower Axes.

    Raises
    ------
    ValueError
        ``x`` contains ``kink``, or lengths differ.
    """
    x = list(x)
    if kink in x:
        raise ValueError(f"draw_function_and_derivative: x contains the kink, {kink}; choose points beside it")
    figure, (upper, lower) = plt.subplots(
        2, 1, sharex=True, figsize=(4.8, 4.6), gridspec_kw={"height_ratios": [3, 2]}
    )
    for label, (name, values, slopes) in pieces.items():
        values, slopes = list(values), list(slopes)
        if not len(x) == len(values) == len(slopes):
            raise ValueError(
                f"draw_function_and_derivative: {label!r} has {len(values)} values and {len(slopes)} "
                f"slopes for {len(x)} points; allowed is one of each per point"
            )
        upper.plot(x, values, label=label, **line(name))
        after = next((i for i, point in enumerate(x) if kink is not None and point > kink), 0)
        for part in (slice(0, after), slice(after, None)):
            lower.plot(x[part], slopes[part], **line(name))
        if after:
            lower.plot([kink, kink], [slopes[after - 1], slopes[after]], "o", markersize=6,
                       markerfacecolor="white", markeredgecolor=COLOURS[name])
    upper.set_ylabel("value")
    lower.set_ylabel("derivative")
    lower.set_xlabel("input x")
    if len(pieces) > 1:
        upper.legend()
    return figure, upper, lower
