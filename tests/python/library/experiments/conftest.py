"""Statistics of arms, made from units or from counts."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.stats.multitest import multipletests

VARIABLES = "ydxw"
PRODUCTS = [a + b for i, a in enumerate(VARIABLES) for b in VARIABLES[i:]]
KEYS = {
    "experiment_id": "e",
    "metric_id": "m",
    "segment_dimension": "all",
    "segment_value": "all",
    "metric_kind": "mean",
    "direction": "increase",
    "is_primary": True,
    "is_guardrail": False,
    "margin": None,
}
QUANTILES = ("quantile_level", "quantile_value", "quantile_lower", "quantile_upper")


@pytest.fixture
def arm_of() -> Callable[..., dict]:
    """Give the way to add the units of one arm up."""

    def arm_of(variant, is_control, y=(), d=None, x=None, w=None, **keys) -> dict:
        given = {"y": y, "d": d, "x": x, "w": w}
        values = {
            name: np.zeros(len(y)) if of is None else np.asarray(of, dtype=float)
            for name, of in given.items()
        }
        sums = {f"sum_{name}": float(values[name].sum()) for name in VARIABLES}
        for first, second in PRODUCTS:
            product = float(values[first] @ values[second])
            sums[f"sum_{first}{second}"] = product
        arm = {"variant": variant, "is_control": is_control, "unit_count": len(y)}
        return KEYS | dict.fromkeys(QUANTILES) | arm | sums | keys

    return arm_of


@pytest.fixture
def counted_of() -> Callable[..., dict]:
    """Give the way to make an arm of a proportion from its counts."""

    def counted_of(variant, is_control, units, converted, **keys) -> dict:
        sums = dict.fromkeys([f"sum_{name}" for name in [*VARIABLES, *PRODUCTS]], 0.0)
        sums |= {"sum_y": float(converted), "sum_yy": float(converted)}
        arm = {"variant": variant, "is_control": is_control, "unit_count": units}
        kind = {"metric_kind": "proportion"}
        return KEYS | dict.fromkeys(QUANTILES) | kind | arm | sums | keys

    return counted_of


@pytest.fixture
def statistics_of() -> Callable[..., pa.Table]:
    """Give the way to lay arms out as a table of the features' schema."""
    from mercato.experiments.statistics import STATISTICS_SCHEMA

    def statistics_of(*arms) -> pa.Table:
        return pa.Table.from_pylist(list(arms), schema=STATISTICS_SCHEMA)

    return statistics_of


@pytest.fixture(scope="session")
def adjusted_by_statsmodels() -> Callable[..., np.ndarray]:
    """Give the p-values of a family as statsmodels adjusts them by a method of its own.

    It collects garbage at every call, which takes longer the more modules are loaded:
    minutes in all, were it not stopped.
    """

    def adjusted(p_values, method) -> np.ndarray:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gc.collect", lambda: 0)
            return multipletests(p_values, method=method)[1]

    return adjusted
