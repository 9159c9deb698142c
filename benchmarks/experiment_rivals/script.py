"""What an analyst would write: pandas for the units, scipy and statsmodels to test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from benchmarks.experiment_rivals.metrics import (
    BATCH,
    Costs,
    Metric,
    Term,
    read_metrics,
    terms_of,
)


def run(folder: Path, output: Path, costs: Costs) -> list[dict[str, Any]]:
    """Return effects and p-values of all experiments, plain and with CUPED."""
    metrics = read_metrics(folder)
    with costs.of("reading"):
        exposures, events = _read(folder)
    names = exposures["experiment_id"].cat.categories
    rows = []
    for start in range(0, len(names), BATCH):
        with costs.of("unit-level table"):
            batch = exposures["experiment_id"].isin(names[start : start + BATCH])
            units = _units(exposures[batch], events, terms_of(metrics))
        with costs.of("tests"):
            for name, some in units.groupby("experiment_id", observed=True):
                rows += [
                    {"experiment_id": name} | row for row in _tested(some, metrics)
                ]
    return rows


def _read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    exposures = pd.read_parquet(folder / "experiment_exposures.parquet")
    columns = ["customer_id", "event_type", "occurred_at", "value"]
    events = pd.read_parquet(folder / "events.parquet", columns=columns)
    events["value"] = events["value"].astype(float)
    for column in ("experiment_id", "variant"):
        exposures[column] = exposures[column].astype("category")
    events["event_type"] = events["event_type"].astype("category")
    # Merging whole numbers is several times as fast as merging names.
    both = pd.concat([exposures["customer_id"], events["customer_id"]])
    codes = pd.factorize(both)[0]
    exposures["customer_id"] = codes[: len(exposures)]
    events["customer_id"] = codes[len(exposures) :]
    first = exposures.sort_values("exposed_at", kind="stable").drop_duplicates(
        ["experiment_id", "customer_id"]
    )
    columns = ["experiment_id", "started_at", "ended_at"]
    experiments = pd.read_parquet(folder / "experiments.parquet", columns=columns)
    plans = experiments.drop_duplicates().set_index("experiment_id")
    started, ended = (first["experiment_id"].map(plans[name]) for name in columns[1:])
    is_inside = (first["exposed_at"] >= started.astype("datetime64[us]")) & (
        first["exposed_at"] < ended.astype("datetime64[us]")
    )
    return first[is_inside], events


def _units(
    exposed: pd.DataFrame, events: pd.DataFrame, terms: list[Term]
) -> pd.DataFrame:
    """Return the units with a column for each term."""
    exposed = exposed.reset_index(drop=True).rename_axis("unit").reset_index()
    merged = exposed[["unit", "customer_id", "exposed_at"]].merge(
        events, on="customer_id"
    )
    day = (merged["occurred_at"] - merged["exposed_at"]) / pd.Timedelta(days=1)
    for term in terms:
        found = merged[
            (merged["event_type"] == term.outcome)
            & (day >= term.first_day)
            & (day < term.end_day)
        ].groupby("unit")
        sums = found[term.value_column].sum() if term.value_column else found.size()
        exposed[term.column] = sums.reindex(exposed["unit"], fill_value=0).astype(float)
    return exposed


def _tested(units: pd.DataFrame, metrics: list[Metric]) -> Iterator[dict[str, Any]]:
    """Test each variant of one experiment against its control, by every metric."""
    arms = dict(list(units.groupby("variant", observed=True)))
    control = arms.pop("a")
    for metric in metrics:
        limit = _limit(units[metric.y.column], metric)
        for variant, arm in arms.items():
            pair = [_numbers(side, metric, limit) for side in (arm, control)]
            for method, (effect, p_value) in {
                "plain": _plain(metric, *pair),
                "cuped": _cuped(metric, *pair),
            }.items():
                yield {
                    "metric_id": metric.name,
                    "variant": variant,
                    "method": method,
                    "effect": effect,
                    "p_value": p_value,
                }


def _limit(values: pd.Series, metric: Metric) -> float:
    if metric.kind == "proportion":
        return 1.0
    if metric.winsorise_quantile is None:
        return np.inf
    above = values[values != 0]
    return np.quantile(above, metric.winsorise_quantile, method="inverted_cdf")


def _numbers(arm: pd.DataFrame, metric: Metric, limit: float) -> dict[str, np.ndarray]:
    """Return y, x and, of ratios, d, w of the units of one arm."""
    parts = zip("yxdw", metric[3:], strict=True)
    return {
        part: np.minimum(arm[term.column].to_numpy(), limit if part in "yx" else np.inf)
        for part, term in parts
        if term is not None
    }


def _plain(
    metric: Metric, arm: dict[str, np.ndarray], control: dict[str, np.ndarray]
) -> tuple[float, float]:
    if metric.kind == "proportion":
        successes = [side["y"].sum() for side in (arm, control)]
        sizes = [len(side["y"]) for side in (arm, control)]
        p_value = proportions_ztest(successes, sizes)[1]
        return arm["y"].mean() - control["y"].mean(), p_value
    if metric.kind == "ratio":
        return _welch(*(_linear(side["y"], side["d"]) for side in (arm, control)))
    return _welch(arm["y"], control["y"])


def _cuped(
    metric: Metric, arm: dict[str, np.ndarray], control: dict[str, np.ndarray]
) -> tuple[float, float]:
    """Take out of y what x explains; ratios are linearised around their own arms."""
    if metric.kind != "ratio":
        y = [side["y"] for side in (arm, control)]
        x = [side["x"] for side in (arm, control)]
        theta = _slope(np.concatenate(y), np.concatenate(x))
    else:
        y = [_linear(side["y"], side["d"]) for side in (arm, control)]
        x = [_linear(side["x"], side["w"]) for side in (arm, control)]
        both = {part: np.concatenate([arm[part], control[part]]) for part in "ydxw"}
        theta = _slope(_linear(both["y"], both["d"]), _linear(both["x"], both["w"]))
    return _welch(*(a - theta * b for a, b in zip(y, x, strict=True)))


def _linear(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return numbers with the mean of the ratio and its variance (delta method)."""
    ratio = numerator.mean() / denominator.mean()
    return ratio + (numerator - ratio * denominator) / denominator.mean()


def _slope(y: np.ndarray, x: np.ndarray) -> float:
    covariance = np.cov(y, x)
    return covariance[0, 1] / covariance[1, 1]


def _welch(arm: np.ndarray, control: np.ndarray) -> tuple[float, float]:
    p_value = stats.ttest_ind(arm, control, equal_var=False).pvalue
    return arm.mean() - control.mean(), p_value
