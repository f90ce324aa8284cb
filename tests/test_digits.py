"""The forms behind scikit-learn's digits, against marks that their finder does not use."""

import numpy as np
import pytest
from relubook.digits import writer_forms
from sklearn.datasets import load_digits

LABELS = load_digits().target


def test_each_form_holds_the_same_mark_once():
    """Ten labels from the middle of the form's first row, which no run from 0 to 9 contains."""
    form, text = writer_forms(LABELS), "".join(map(str, LABELS))
    marks = [place for place in range(len(text)) if text.startswith("9556509898", place)]
    assert form[marks].tolist() == list(range(14))


def test_forms_follow_each_other_and_are_of_one_length():
    form = writer_forms(LABELS)
    assert form[0] == 0
    assert set(np.diff(form)) == {0, 1}
    assert np.bincount(form).min() >= 122
    assert np.bincount(form).max() == 130


def test_a_form_without_its_first_zero_begins_with_its_one():
    form, text = writer_forms(LABELS), "".join(map(str, LABELS))
    starts = np.flatnonzero(np.diff(form, prepend=-1))
    assert [text[start] for start in starts].count("1") == 1
    # What stands before it ends as the first form does.
    [short] = [start for start in starts if text[start] == "1"]
    assert text[short - 14 : short] == text[starts[1] - 14 : starts[1]]


@pytest.mark.parametrize("labels", [[], [1, 2, 3], np.random.default_rng(0).permutation(LABELS)])
def test_labels_in_another_order_are_refused(labels):
    with pytest.raises(ValueError, match=r"labels begin with .*; allowed are"):
        writer_forms(labels)
