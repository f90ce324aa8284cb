"""Tables whose numbers come from the cell that shows them."""

from IPython.display import Markdown


def table(header, rows, *, align="left"):
    """Show rows as a table, on the page and in JupyterLab.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequences
        Each as long as ``header``; cells are shown as ``str`` does and may hold Markdown.
    align : {"left", "right"}
        How the cells stand in their columns, but for the first column, which is always left.

    Raises
    ------
    ValueError
        A row of another length, or another ``align``.
    """
    if align not in ("left", "right"):
        raise ValueError(f"table: align is {align!r}; allowed are 'left' and 'right'")
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"table: the row {row!r} has {len(row)} cells; allowed are {len(header)}")
    rule = [":--"] + [":--" if align == "left" else "--:"] * (len(header) - 1)
    lines = [[str(cell).replace("|", "\\|") for cell in line] for line in (header, rule, *rows)]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
