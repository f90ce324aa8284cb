"""The extension of this book: formulas, live figures, Run buttons, claims ledger, reference, accessible pages."""

import site_figures
import site_folds
import site_ledger
import site_math
import site_pages
import site_reference
import site_run


def setup(app):
    for part in (site_math, site_figures, site_folds, site_ledger, site_reference, site_pages, site_run):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
