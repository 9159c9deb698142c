"""What SQL says of the arms of experiments: sums over units, as means and covariances.

Every unit has up to four numbers: y, its value of the metric; d, its denominator, where
the metric is a ratio; x and w, the same two before its exposure. SQL adds them, their
squares and their products up; no number of a single unit gets here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

VARIABLES = "ydxw"
PRODUCTS = [a + b for i, a in enumerate(VARIABLES) for b in VARIABLES[i:]]

KEYS = ["experiment_id", "metric_id", "segment_dimension", "segment_value"]
# What a metric of a proportion looks like: each unit has y = 0 or 1.
PROPORTIONS = ("proportion", "retention")
MEANS = ("count", "mean")

STATISTICS_SCHEMA = pa.schema(
    [(name, pa.string()) for name in [*KEYS, "variant", "metric_kind", "direction"]]
    + [(name, pa.bool_()) for name in ["is_control", "is_primary", "is_guardrail"]]
    + [("margin", pa.float64()), ("unit_count", pa.int64())]
    + [(f"sum_{name}", pa.float64()) for name in [*VARIABLES, *PRODUCTS]]
    + [
        (name, pa.float64())
        for name in [
            "quantile_level",
            "quantile_value",
            "quantile_lower",
            "quantile_upper",
        ]
    ]
)
# Columns that may be null.
_OPTIONAL = {
    "margin",
    *(name for name in STATISTICS_SCHEMA.names if "quantile" in name),
}


class Arms(NamedTuple):
    """The arms of experiments, m of them, sorted by their keys and variant.

    rows is the table they came in; group (m,) numbers the experiment, metric and
    segment of each from 0; is_control is (m,); count (m,) holds units, mean (m, 4) the
    means of y, d, x and w over them, covariance (m, 4, 4) their unbiased covariances,
    NaN where there are fewer than two units.
    """

    rows: pa.Table
    group: np.ndarray
    is_control: np.ndarray
    count: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


class Pairs(NamedTuple):
    """Each variant that is no control beside its control, k of them.

    treated and control (k,) are numbers of arms; status (k,) is empty or says why there
    is no control to compare with, control then being the arm itself.
    """

    treated: np.ndarray
    control: np.ndarray
    status: np.ndarray

    @property
    def is_known(self) -> np.ndarray:
        """Which variants have exactly one control."""
        return self.status == ""


def read_arms(statistics: pa.Table, *, by: tuple[str, ...] = ()) -> Arms:
    """Read sums as means and covariances.

    Args:
        statistics: A table of STATISTICS_SCHEMA; segment columns that are missing are
            taken for 'all', other missing columns that may be null for null.
        by: Further columns, such as a date, that tell groups of arms apart.

    Raises:
        ValueError: A key, count or sum is null, a count is negative, a number is not
            finite or an arm is there twice.

    >>> arm = {"experiment_id": "e", "metric_id": "m", "variant": "a"}
    >>> arm |= {"metric_kind": "mean", "direction": "increase", "is_control": True}
    >>> arm |= {"is_primary": True, "is_guardrail": False, "unit_count": 4}
    >>> sums = {f"sum_{name}": 0.0 for name in [*VARIABLES, *PRODUCTS]}
    >>> sums |= {"sum_y": 8, "sum_yy": 28}
    >>> arms = read_arms(pa.Table.from_pylist([arm | sums]))
    >>> arms.mean[0, 0].item(), arms.covariance[0, 0, 0].item()
    (2.0, 4.0)

    """
    rows = _completed(statistics, by)
    keys = [*KEYS, *by]
    rows = rows.sort_by([(name, "ascending") for name in [*keys, "variant"]])
    rows = rows.combine_chunks()
    _refuse_bad_values(rows, keys)
    count = numbers(rows, "unit_count")
    mean, covariance = _moments(rows, count)
    return Arms(
        rows=rows,
        group=group_numbers(rows, keys),
        is_control=rows["is_control"].to_numpy(zero_copy_only=False),
        count=count,
        mean=mean,
        covariance=covariance,
    )


def pair(arms: Arms) -> Pairs:
    """Put each variant that is no control beside the control of its group."""
    size = int(arms.group.max(initial=-1)) + 1
    controls = np.bincount(arms.group, arms.is_control, minlength=size)
    control_of = np.zeros(size, dtype=int)
    control_of[arms.group[arms.is_control]] = np.flatnonzero(arms.is_control)
    treated = np.flatnonzero(~arms.is_control)
    found = controls[arms.group[treated]]
    return Pairs(
        treated=treated,
        control=np.where(found == 1, control_of[arms.group[treated]], treated),
        status=np.select(
            [found == 0, found > 1], ["no control", "several controls"], default=""
        ),
    )


def is_kind(arms: Arms, kinds: tuple[str, ...]) -> np.ndarray:
    """Tell of each arm whether its metric is of one of these kinds."""
    return np.isin(texts(arms.rows, "metric_kind"), kinds)


def only(statistics: pa.Table, kinds: tuple[str, ...]) -> pa.Table:
    """Return the rows of metrics of these kinds."""
    return statistics.filter(pa.array(np.isin(texts(statistics, "metric_kind"), kinds)))


def group_numbers(rows: pa.Table, keys: list[str]) -> np.ndarray:
    """Give the runs of equal keys of a sorted table numbers from 0."""
    starts = np.zeros(rows.num_rows, dtype=bool)
    for key in keys:
        column = rows[key].combine_chunks()
        codes = column.dictionary_encode().indices.to_numpy()
        starts[1:] |= np.diff(codes) != 0
    return np.cumsum(starts)


def numbers(rows: pa.Table, name: str) -> np.ndarray:
    """Read a column as float64, NaN where it is null."""
    column = rows[name].cast(pa.float64(), safe=False)
    return column.to_numpy().astype(float)


def texts(rows: pa.Table, name: str) -> np.ndarray:
    """Read a column of text."""
    return rows[name].to_numpy()


def _completed(statistics: pa.Table, by: tuple[str, ...]) -> pa.Table:
    """Cast to the schema, with the columns that may be missing added."""
    columns = {}
    for field in STATISTICS_SCHEMA:
        if field.name in statistics.column_names:
            columns[field.name] = statistics[field.name].cast(field.type)
        elif field.name in _OPTIONAL:
            columns[field.name] = pa.nulls(statistics.num_rows, field.type)
        elif field.name.startswith("segment_"):
            columns[field.name] = pa.array(["all"] * statistics.num_rows, pa.string())
        else:
            raise ValueError(f"statistics: expected a column {field.name}.")
    return pa.table(columns | {name: statistics[name] for name in by})


def _refuse_bad_values(rows: pa.Table, keys: list[str]) -> None:
    for name in [*keys, *(n for n in STATISTICS_SCHEMA.names if n not in _OPTIONAL)]:
        if rows[name].null_count:
            raise ValueError(f"{name} has {rows[name].null_count} nulls, must be 0.")
    for field in STATISTICS_SCHEMA:
        if pa.types.is_floating(field.type):
            bad = np.isinf(numbers(rows, field.name))
            refuse(rows, keys, field.name, bad, "finite")
    refuse(rows, keys, "unit_count", numbers(rows, "unit_count") < 0, ">= 0")
    repeated = np.zeros(rows.num_rows, dtype=bool)
    repeated[1:] = np.diff(group_numbers(rows, [*keys, "variant"])) == 0
    refuse(rows, keys, "variant", repeated, "unique")


def refuse(
    rows: pa.Table, keys: list[str], name: str, bad: np.ndarray, bound: str
) -> None:
    """Raise for the first bad row, naming it by its keys and variant."""
    if bad.any():
        row = rows.slice(int(np.argmax(bad)), 1).to_pylist()[0]
        place = ", ".join(f"{key} {row[key]!r}" for key in [*keys, "variant"])
        raise ValueError(f"{name} == {row[name]!r} ({place}), must be {bound}.")


def _moments(rows: pa.Table, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn sums into means (m, 4) and unbiased covariances (m, 4, 4)."""
    sums = np.stack([numbers(rows, f"sum_{name}") for name in VARIABLES], axis=-1)
    mean = np.full_like(sums, np.nan)
    np.divide(sums, count[:, None], out=mean, where=count[:, None] > 0)
    covariance = np.full((len(count), 4, 4), np.nan)
    enough = count > 1
    for name in PRODUCTS:
        i, j = VARIABLES.index(name[0]), VARIABLES.index(name[1])
        product = numbers(rows, f"sum_{name}")[enough]
        expected = sums[enough, i] * mean[enough, j]
        spread = product - expected
        # What is left of two nearly equal numbers is rounding, not variance.
        spread[np.abs(spread) <= _ROUNDING * np.abs(product)] = 0.0
        covariance[enough, i, j] = spread / (count[enough] - 1)
        covariance[:, j, i] = covariance[:, i, j]
    return mean, covariance


# Of sums in double precision: a standard deviation of a millionth of the mean is seen.
_ROUNDING = 1e-13
