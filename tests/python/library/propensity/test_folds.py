import numpy as np

from mercato.propensity.examples import read_examples
from mercato.propensity.folds import (
    JUDGED_ROLES,
    SERVED_ROLES,
    calibrating_examples,
    folds_of,
    learning_examples,
)


def test_no_fold_learns_from_its_own_time(shop):
    made = shop(6, 20)
    folds = folds_of(made.calendar, JUDGED_ROLES)
    assert [fold.role for fold in folds] == ["validation", "validation", "test"]
    folds += folds_of(made.calendar, SERVED_ROLES)
    assert len(folds) == 4
    for fold in folds:
        assert (fold.over + np.timedelta64(28) <= fold.snapshot).all()
        assert len(fold.over) == made.dates.index(fold.snapshot.item())


def test_longer_horizons_leave_a_gap(shop):
    made = shop(6, 20)
    ends = [date + 2 * (made.dates[1] - made.dates[0]) for date in made.dates]
    place = made.calendar.column_names.index("horizon_end_date")
    calendar = made.calendar.set_column(place, "horizon_end_date", [ends])
    for fold in folds_of(calendar, JUDGED_ROLES):
        assert len(fold.over) == made.dates.index(fold.snapshot.item()) - 1


def test_nobody_calibrates_what_they_taught(shop):
    for closed_count in (1, 2, 5):
        made = shop(closed_count, 20)
        examples = read_examples(made.features)
        over = folds_of(made.calendar, SERVED_ROLES)[0].over
        parts = [
            {*zip(part.snapshot.tolist(), part.customer, strict=True)}
            for part in (
                learning_examples(examples, over, 1000),
                calibrating_examples(examples, over),
            )
        ]
        assert not parts[0] & parts[1]
        assert len(parts[0] | parts[1]) == 20 * closed_count


def test_a_sample_is_spread_over_snapshots_and_customers(shop):
    made = shop(5, 20)
    examples = read_examples(made.features)
    sample = learning_examples(
        examples, folds_of(made.calendar, SERVED_ROLES)[0].over, 8
    )
    assert np.unique(sample.snapshot, return_counts=True)[1].tolist() == [2, 2, 2, 2]
