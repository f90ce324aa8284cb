"""Under matplotlib-inline's name; the backend itself has one that matplotlib does not know otherwise."""

from page_figures import set_matplotlib_formats  # noqa: F401
