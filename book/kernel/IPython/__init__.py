"""Stands in for IPython in the page: the part of it that the chapters, and matplotlib, ask for."""

version_info = (9, 0)


def get_ipython():
    """There is no interactive shell."""
