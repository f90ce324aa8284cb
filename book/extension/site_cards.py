"""Pictures of the book's name: the social card of each page, and the mark as a bitmap for phones' home screens.

The mark is drawn once, in book/assets/favicon.svg: a line with a hinge. What is drawn here follows that file.
"""

import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import matplotlib
from PIL import Image, ImageColor, ImageDraw, ImageFont

MARK = Path(__file__).resolve().parents[1] / "assets" / "favicon.svg"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # the same on every machine
SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 80
# Drawn in grey, from the mark's ground to its ink: that is all the colours there are.
GROUND, QUIET, INK = 0, 204, 255
SHADES = 16
FINER = 2  # drawn larger, then made small: smooth edges


class Mark(NamedTuple):
    """What the file of the mark says."""

    colours: tuple  # of the ground and of the ink, as (red, green, blue)
    points: list  # of the line, in the file's units
    stroke: float
    side: float
    pin: list  # radii of the hinge: of the disc and of the hole in it


def read_mark():
    """The mark, from its file."""
    svg = ElementTree.parse(MARK).getroot()
    rect, path, *circles = svg
    numbers = [float(number) for number in re.findall(r"[\d.]+", path.get("d"))]
    return Mark(
        colours=(ImageColor.getrgb(rect.get("fill")), ImageColor.getrgb(path.get("stroke"))),
        points=list(zip(numbers[::2], numbers[1::2], strict=True)),
        stroke=float(path.get("stroke-width")),
        side=float(rect.get("width")),
        pin=[float(circle.get("r")) for circle in circles],
    )


def hinge_line(draw, mark, points, unit):
    """A line through three points, the hinge in the middle; `unit` is the size of one of the mark's units."""
    draw.line(points, fill=INK, width=round(mark.stroke * unit), joint="curve")
    for x, y in (points[0], points[-1]):
        disc(draw, x, y, mark.stroke * unit / 2, INK)
    for radius, colour in zip(mark.pin, (INK, GROUND), strict=True):
        disc(draw, *points[1], radius * unit, colour)


def disc(draw, x, y, radius, colour):
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def font(name, size):
    return ImageFont.truetype(FONTS / f"{name}.ttf", size * FINER)


def wrap(draw, text, face, width):
    """The text in lines that fit."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, face) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def balanced(draw, text, face, width):
    """As few lines as fit, and none much shorter than the others."""
    fewest = len(wrap(draw, text, face, width))
    tight = next(w for w in range(width // 3, width + 8, 8) if len(wrap(draw, text, face, w)) == fewest)
    return wrap(draw, text, face, max(tight, width // 3))


def save(picture, size, mark, path):
    """Make it small, give the shades their colours, and write few bits for each pixel."""
    small = picture.resize(size, Image.Resampling.BOX).point(lambda grey: round(grey * (SHADES - 1) / 255))
    coloured = Image.frombytes("P", size, small.tobytes())
    coloured.putpalette(
        [
            round(ground + (ink - ground) * shade / (SHADES - 1))
            for shade in range(SHADES)
            for ground, ink in zip(*mark.colours, strict=True)
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    coloured.save(path, bits=4)


def draw_card(path, label, title, book, motto):
    """The card of one page: what part it belongs to, its title, the line with its hinge, the book."""
    mark = read_mark()
    picture = Image.new("L", (WIDTH * FINER, HEIGHT * FINER), GROUND)
    draw = ImageDraw.Draw(picture)
    left, width = MARGIN * FINER, (WIDTH - 3 * MARGIN) * FINER
    draw.text((left, 72 * FINER), label, QUIET, font("DejaVuSans", 28))
    for size in (84, 72, 60):
        face = font("STIXGeneralBol", size)
        lines = balanced(draw, title, face, width)
        if len(lines) < 3:
            break
    for number, line in enumerate(lines[:3]):
        draw.text((left, (128 + number * size * 1.15) * FINER), line, INK, face)
    flat, bend = 448, 905
    points = [(-20, flat), (bend, flat), (WIDTH + 20, flat - (WIDTH + 20 - bend))]
    hinge_line(draw, mark, [(x * FINER, y * FINER) for x, y in points], 3 * FINER)
    draw.text((left, 498 * FINER), book, INK, font("STIXGeneralBol", 42))
    draw.text((left, 562 * FINER), motto, QUIET, font("DejaVuSans", 24))
    save(picture, SIZE, mark, path)


def draw_icon(path, side=180):
    """The mark as a bitmap, to the edge: whoever shows it rounds its corners."""
    mark = read_mark()
    unit = 4 * side / mark.side
    picture = Image.new("L", (4 * side, 4 * side), GROUND)
    hinge_line(ImageDraw.Draw(picture), mark, [(x * unit, y * unit) for x, y in mark.points], unit)
    save(picture, (side, side), mark, path)
