"""Which snapshots teach, calibrate and are asked: never a later one an earlier."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.propensity.classifiers import CLASSIFIERS
from mercato.propensity.examples import Examples
from mercato.propensity.models import OK, PropensityModel, fit_model
from mercato.propensity.online import first_state, state_at
from mercato.sampling import evenly_spaced

ONLINE = "online_logistic_regression"
METHODS = tuple(sorted([*CLASSIFIERS, ONLINE]))
JUDGED_ROLES = ("validation", "test")
SERVED_ROLES = ("serving",)
# Where a single snapshot is over, one in so many customers calibrates.
_CALIBRATING_SHARE = 3


class Fold(NamedTuple):
    """A snapshot to be asked and those that were over by then, in order."""

    snapshot: np.datetime64
    role: str
    over: np.ndarray


def folds_of(calendar: pa.Table, roles: Collection[str]) -> list[Fold]:
    """Return the folds of a calendar whose snapshots have one of the roles, in order.

    calendar has snapshot_date, snapshot_role, horizon_end_date and is_closed, one row
    per snapshot. A snapshot is over for another one if its horizon ended by that day.
    """
    dates, ends = (
        calendar[name].to_numpy().astype("datetime64[D]")
        for name in ("snapshot_date", "horizon_end_date")
    )
    is_closed = calendar["is_closed"].to_numpy(zero_copy_only=False).astype(bool)
    folds = [
        Fold(date, role, np.sort(dates[is_closed & (ends <= date)]))
        for date, role in zip(dates, calendar["snapshot_role"].to_pylist(), strict=True)
        if role in roles
    ]
    return sorted(folds, key=lambda fold: fold.snapshot)


def calibrating_examples(examples: Examples, over: np.ndarray) -> Examples:
    """Return the examples that models of a fold are calibrated on, not fitted to.

    Those are the last snapshot, or one in three customers of the only one.
    """
    last = examples.at(*over[-1:])
    if len(over) == 1:
        return last.take(np.arange(len(last.target)) % _CALIBRATING_SHARE == 0)
    return last


def learning_examples(
    examples: Examples, over: np.ndarray, max_fit_rows: int
) -> Examples:
    """Return the examples that models of a fold are fitted to.

    At most max_fit_rows, evenly spaced over snapshots and, in each, over customers.
    """
    found = examples.at(*over[:-1])
    if len(over) == 1:
        only = examples.at(*over)
        found = only.take(np.arange(len(only.target)) % _CALIBRATING_SHARE != 0)
    places = np.arange(len(found.target))
    return found.take(evenly_spaced(places, max_fit_rows))


def models_of(
    fold: Fold,
    examples: Examples,
    states: pa.Table,
    methods: Collection[str] = METHODS,
    *,
    seed: int,
    max_fit_rows: int,
) -> Iterator[tuple[str, PropensityModel | None, str]]:
    """Give each method's name, model (None where there is none) and status, by name.

    states is of STATES_SCHEMA; the online model is its last one of the fold.

    Raises ValueError where max_fit_rows is below 1.
    """
    if max_fit_rows < 1:
        raise ValueError(f"max_fit_rows == {max_fit_rows}, must be >= 1.")
    learning = learning_examples(examples, fold.over, max_fit_rows)
    calibrating = calibrating_examples(examples, fold.over)
    for method in sorted(methods):
        if method == ONLINE:
            state = state_at(states, fold.over) or first_state(0)
            status = state.status()
            model = state.model() if status == OK else None
        else:
            model, status = fit_model(
                method,
                (learning.features, learning.target),
                (calibrating.features, calibrating.target),
                seed,
            )
        yield method, model, status
