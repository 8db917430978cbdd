"""The picture of conflicts says its numbers, names no more than it may, and is not drawn where nothing was left out."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from ranktrust import figures
from ranktrust.evidence import FitChecks


@pytest.fixture
def trusts():
    p = np.concatenate([[1e-9, 0.0004], np.linspace(0.03, 1.0, 38)])
    index = pd.Index([f"T{place:02d}" for place in range(40)], name="trust")
    return pd.DataFrame({"p_value": p, "conflict": p < 0.001}, index=index).sample(frac=1.0, random_state=3)


def test_the_words_give_the_numbers_of_the_picture(trusts):
    said = figures.conflicts_alt(trusts)
    assert "Each of 40 p values" in said
    assert "3 are below 0.05, where 2 are due by chance; the smallest is 1e-09" in said
    assert said.endswith("At a false discovery rate of 5% in conflict: T00, T01.")
    assert figures.conflicts_alt(trusts.assign(conflict=False)).endswith("of 5% none is in conflict.")


def test_points_stand_in_order_at_what_is_due_and_conflicts_are_named(trusts):
    _, ax = plt.subplots()
    figures.conflicts(trusts, ax)
    lines = {line.get_label(): line.get_xydata() for line in ax.get_lines()}
    assert np.allclose(lines["false discovery rate of 5%"], [[1 / 40, 0.05 / 40], [1, 0.05]])
    assert np.allclose(lines["conflict (2)"], [[1 / 40, 1e-6], [2 / 40, 0.0004]])
    assert len(lines["no conflict (38)"]) == 38
    assert [text.get_text() for text in ax.texts] == ["T00", "T01"]
    plt.close()


def test_without_trusts_left_out_there_is_no_picture(trusts):
    assert figures.conflicts_drawing(None) is None
    assert figures.conflicts_drawing(FitChecks(())) is None
    assert "in conflict" in figures.conflicts_drawing(FitChecks((), trusts)).alt
