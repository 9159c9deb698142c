"""Logistic regression that learns each snapshot once, when its horizon is over.

Stochastic gradient descent (Bottou 2012, "Stochastic gradient descent tricks"): what it
knows is a state of a few numbers a feature, so a build learns what is new and no more.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.propensity.calibration import IDENTITY, Calibration, fit_calibration
from mercato.propensity.classifiers import linear
from mercato.propensity.examples import Examples
from mercato.propensity.models import PropensityModel, obstacle
from mercato.propensity.scaling import (
    Moments,
    design_of,
    merged,
    moments_of,
    no_moments,
    standardised,
)
from mercato.threads import one_thread

_NUMBERS = pa.list_(pa.float64())
STATES_SCHEMA = pa.schema(
    [
        ("snapshot_date", pa.date32()),
        ("feature_names", pa.list_(pa.string())),
        ("value_counts", _NUMBERS),
        ("value_means", _NUMBERS),
        ("value_squares", _NUMBERS),
        ("coefficients", _NUMBERS),
        ("intercept", pa.float64()),
        ("calibration_slope", pa.float64()),
        ("calibration_intercept", pa.float64()),
        ("step_count", pa.int64()),
        ("example_count", pa.int64()),
        ("purchase_count", pa.int64()),
        ("chain_fingerprint", pa.string()),
    ]
)


class Settings(NamedTuple):
    """How fast it learns: rate / steps ** decay, and how much it forgets (penalty)."""

    rate: float = 0.3
    decay: float = 0.5
    penalty: float = 0.001
    batch_size: int = 20


class State(NamedTuple):
    """What has been learned: from which moments, to which coefficients (d,)."""

    moments: Moments
    coefficients: np.ndarray
    intercept: float = 0.0
    calibration: Calibration = IDENTITY
    step_count: int = 0
    example_count: int = 0
    purchase_count: int = 0

    def model(self) -> PropensityModel:
        """Return the propensity model that this state is."""
        classifier = linear(self.coefficients, self.intercept)
        return PropensityModel(self.moments, classifier, self.calibration)

    def status(self) -> str:
        """Return 'ok', or why the state is not to be asked yet."""
        return obstacle(self.example_count, self.purchase_count, self.moments)


def first_state(feature_count: int) -> State:
    """Return the state of who has seen nothing."""
    width = 2 * feature_count
    return State(no_moments(width), np.zeros(width))


def learn(state: State, examples: Examples, settings: Settings) -> State:
    """Learn the examples of one snapshot, in their order, each of them once.

    Before that, the state is calibrated on them as if it were asked about them, which
    is what it will be asked about the next ones.
    """
    if len(examples.target) == 0:
        return state
    design, target = design_of(examples.features), examples.target
    calibration = IDENTITY
    if state.example_count:
        scores = state.model().scores(examples.features)
        calibration = fit_calibration(scores, target)
    moments = merged(state.moments, moments_of(design))
    start = state.coefficients, state.intercept, state.step_count
    coefficients, intercept, step_count = descend(
        standardised(design, moments), target, start, settings
    )
    return State(
        moments,
        coefficients,
        intercept,
        calibration,
        step_count,
        state.example_count + len(target),
        state.purchase_count + int(target.sum()),
    )


def descend(
    design: np.ndarray,
    target: np.ndarray,
    start: tuple[np.ndarray, float, int],
    settings: Settings,
) -> tuple[np.ndarray, float, int]:
    """Take one step down the mean log loss of each batch of rows, with a ridge penalty.

    start and the result are coefficients (d,), the intercept, which has no penalty, and
    the number of steps taken.
    """
    coefficients, intercept, steps = start
    for first in range(0, len(target), settings.batch_size):
        rows = slice(first, first + settings.batch_size)
        steps += 1
        rate = settings.rate / steps**settings.decay
        chances = special.expit(design[rows] @ coefficients + intercept)
        surprise = (target[rows] - chances) / len(chances)
        coefficients = (1 - rate * settings.penalty) * coefficients
        coefficients = coefficients + rate * (surprise @ design[rows])
        intercept = intercept + rate * float(surprise.sum())
    return coefficients, intercept, steps


def learn_snapshots(
    fingerprints: pa.Table,
    code_fingerprint: str,
    kept: pa.Table | None,
    read_since: Callable[[datetime.date], Examples],
    settings: Settings | None = None,
) -> pa.Table:
    """Return the state after each closed snapshot, learning those that are new.

    fingerprints has snapshot_date and fingerprint, one row per closed snapshot; kept
    has the states of an earlier build, if there was one. Each state has the fingerprint
    of all that led to it: code, settings and every snapshot until then. States whose
    fingerprint is still asked for are kept; from the first other snapshot on all are
    learned, of the examples that read_since gives from that date on.

    The result is of STATES_SCHEMA, sorted by snapshot_date.
    """
    settings = settings or Settings()
    rows = sorted(
        fingerprints.select(["snapshot_date", "fingerprint"]).to_pylist(),
        key=lambda row: row["snapshot_date"],
    )
    chain = _chain(rows, f"{code_fingerprint}:{settings}")
    known = {}
    # Another release may have kept something else.
    if kept is not None and kept.column_names == STATES_SCHEMA.names:
        known = {row["chain_fingerprint"]: row for row in kept.to_pylist()}
    dates = [row["snapshot_date"] for row in rows]
    count = next(
        (place for place, link in enumerate(chain) if link not in known), len(chain)
    )
    states = [known[link] for link in chain[:count]]
    if count < len(chain):
        examples = read_since(dates[count])
        state = _of_row(states[-1]) if states else first_state(len(examples.names))
        with one_thread():
            for date, link in zip(dates[count:], chain[count:], strict=True):
                state = learn(state, examples.at(np.datetime64(date)), settings)
                states.append(_row(date, link, examples.names, state))
    return pa.Table.from_pylist(states, STATES_SCHEMA)


def state_at(states: pa.Table, snapshots: np.ndarray) -> State | None:
    """Return the state after the last of these snapshots, None where there is none."""
    wanted = set(snapshots.astype("datetime64[D]").tolist())
    rows = [row for row in states.to_pylist() if row["snapshot_date"] in wanted]
    if not rows:
        return None
    return _of_row(max(rows, key=lambda row: row["snapshot_date"]))


def _chain(rows: list[dict], start: str) -> list[str]:
    """Return the fingerprint of each row and of all before it."""
    links, link = [], start
    for row in rows:
        text = f"{link}:{row['snapshot_date']}:{row['fingerprint']}"
        link = hashlib.sha256(text.encode()).hexdigest()
        links.append(link)
    return links


def _row(date: datetime.date, link: str, names: tuple[str, ...], state: State) -> dict:
    return {
        "snapshot_date": date,
        "feature_names": list(names),
        "value_counts": state.moments.counts,
        "value_means": state.moments.means,
        "value_squares": state.moments.squares,
        "coefficients": state.coefficients,
        "intercept": state.intercept,
        "calibration_slope": state.calibration.slope,
        "calibration_intercept": state.calibration.intercept,
        "step_count": state.step_count,
        "example_count": state.example_count,
        "purchase_count": state.purchase_count,
        "chain_fingerprint": link,
    }


def _of_row(row: dict) -> State:
    return State(
        Moments(
            np.array(row["value_counts"]),
            np.array(row["value_means"]),
            np.array(row["value_squares"]),
        ),
        np.array(row["coefficients"]),
        row["intercept"],
        Calibration(row["calibration_slope"], row["calibration_intercept"]),
        row["step_count"],
        row["example_count"],
        row["purchase_count"],
    )
