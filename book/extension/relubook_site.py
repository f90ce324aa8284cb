"""The extension of this book: formulas, figures that answer, the course and its claims, the reference, the pages."""

import site_course
import site_explorer
import site_figures
import site_folds
import site_ledger
import site_math
import site_offline
import site_pages
import site_quiz
import site_reference
import site_run
import site_shell
import site_tables

# One a line; the last two see what all others have written.
PARTS = (
    site_math,
    site_figures,
    site_folds,
    site_tables,
    site_course,
    site_ledger,
    site_quiz,
    site_reference,
    site_explorer,
    site_run,
    site_pages,
    site_shell,
    site_offline,
)


def setup(app):
    for part in PARTS:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
