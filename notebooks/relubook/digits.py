"""Who wrote which of scikit-learn's handwritten digits, as far as their order tells."""

import re
from itertools import pairwise

import numpy as np

# Everybody copied the same form of some 130 digits, which begins with 0 to 9 several times over.
RUN = re.compile("0?123456789")
FAR = 60  # A run that begins further than this behind the one before it opens a new form.


def writer_forms(labels):
    """Return for each label of ``sklearn.datasets.load_digits`` the number of the form it stands on.

    Parameters
    ----------
    labels : (n,) integers from 0 to 9
        In the order of the data set: ``load_digits().target``, not shuffled.

    Returns
    -------
    (n,) integers, from 0 for the first form. For the whole data set there are 14, of 13 people
    (Alpaydin and Kaynak, 1998), so that two forms may be by one hand.

    Raises
    ------
    ValueError
        The labels do not begin with a form.

    Notes
    -----
    The zero that opens a form may be missing, as it is once: the run from 1 to 9 counts as well.
    """
    text = "".join(str(int(label)) for label in labels)
    runs = [found.start() for found in RUN.finditer(text)]
    if not runs or runs[0]:
        raise ValueError(
            f"writer_forms: labels begin with {text[:12] or 'nothing'}; allowed are those of load_digits in their "
            "order, which begin with 0123456789"
        )
    starts = [run for before, run in pairwise([-FAR - 1, *runs]) if run - before > FAR]
    return np.searchsorted(starts, np.arange(len(text)), side="right") - 1
