import numpy as np
import pytest

from mercato.lifetime.histories import histories


def test_equal_histories_are_counted_together():
    found = histories([1, 0, 1], [2.0, 0.0, 2.0], [5.0, 5.0, 5.0], [1, 4, 2])
    assert found.frequency.tolist() == [0, 1]
    assert found.recency.tolist() == [0, 2]
    assert found.count.tolist() == [4, 3]


def test_nobody_is_no_history():
    assert [len(column) for column in histories([], [], [])] == [0, 0, 0, 0]
    assert len(histories([1], [1.0], [2.0], [0]).count) == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([0.5], [1], [2]), "frequency == 0.5, must be a whole number >= 0."),
        (([-1], [1], [2]), "frequency == -1.0, must be a whole number >= 0."),
        (([1], [3], [2]), "age == 2.0, must be >= recency and finite."),
        (([1], [1], [np.inf]), "age == inf, must be >= recency and finite."),
        (([1], [0], [2]), "recency == 0.0, must be > 0 with repeat purchases"),
        (([0], [1], [2]), "recency == 1.0, must be > 0 with repeat purchases"),
        (([1], [1], [2], [-1]), "count == -1.0, must be a whole number >= 0."),
    ],
)
def test_impossible_histories_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        histories(*(np.array(column, float) for column in given))
