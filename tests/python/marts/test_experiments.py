"""Experiment results of the sample, from the files to the p-value without our SQL."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, chisquare
from statsmodels.stats.proportion import confint_proportions_2indep

WINDOW = pd.Timedelta(days=7)
ARMS = {"sticky_cart": ("treatment", "control"), "listing_layout": ("b", "a")}


@pytest.fixture(scope="module")
def owners(events, exposures):
    """Each device that was seen with one customer only, and that customer."""
    seen = pd.concat([events, exposures])[["anonymous_id", "customer_id"]]
    seen = seen[(seen["anonymous_id"] != "") & (seen["customer_id"] != "")]
    seen = seen.drop_duplicates()
    return seen[~seen["anonymous_id"].duplicated(keep=False)].set_index("anonymous_id")[
        "customer_id"
    ]


@pytest.fixture(scope="module")
def units(exposures, owners):
    """Each unit that met one variant of an experiment, with the time it first did."""
    known = exposures.assign(unit=unit_of(exposures, owners))
    known = known.sort_values("exposed_at")
    grouped = known.groupby(["experiment_id", "unit"])
    first = grouped.agg(
        variant=("variant", "first"),
        exposed_at=("exposed_at", "first"),
        variant_count=("variant", "nunique"),
    ).reset_index()
    return first[first["variant_count"] == 1]


@pytest.fixture(scope="module")
def outcomes(lines, events, owners):
    """What each metric counts: a row per unit and time at which it happened."""
    sold = lines[lines["customer_id"] != ""].groupby("order_id")
    orders = sold.agg(
        unit=("customer_id", "first"),
        happened_at=("ordered_at", "min"),
        is_cancellation=("is_cancelled", "all"),
    )
    carts = events[events["event_type"] == "add_to_cart"]
    return {
        "order_7d": orders[~orders["is_cancellation"]][["unit", "happened_at"]],
        "add_to_cart_7d": pd.DataFrame(
            {"unit": unit_of(carts, owners), "happened_at": carts["occurred_at"]}
        ),
    }


def unit_of(rows, owners):
    """A customer, or a device of which no single customer is known."""
    owner = rows["anonymous_id"].map(owners)
    unit = rows["customer_id"].where(rows["customer_id"] != "", owner)
    return unit.fillna("anonymous:" + rows["anonymous_id"])


def contingency(units, outcomes, experiment, metric):
    """Converted and other units of the variant, then of the control."""
    arms = units[units["experiment_id"] == experiment]
    met = arms.merge(outcomes[metric], on="unit")
    waited = met["happened_at"] - met["exposed_at"]
    converted = set(met["unit"][(waited >= pd.Timedelta(0)) & (waited < WINDOW)])
    is_converted = arms["unit"].isin(converted)
    table = pd.crosstab(arms["variant"], is_converted)
    return table.reindex(index=ARMS[experiment], columns=[True, False]).to_numpy()


@pytest.mark.parametrize("metric", ["order_7d", "add_to_cart_7d"])
@pytest.mark.parametrize("experiment", ARMS)
def test_results_equal_scipy_and_statsmodels(
    warehouse, units, outcomes, experiment, metric
):
    table = contingency(units, outcomes, experiment, metric)
    found = warehouse.execute(
        """
        select
            converted_count, exposed_count,
            control_converted_count, control_exposed_count,
            statistic, p_value, effect, effect_lower, effect_upper
        from experiment_results
        where
            experiment_id = ? and metric_id = ?
            and comparison = 'variant vs control'
        """,
        [experiment, metric],
    ).fetchone()
    exposed = table.sum(axis=1)
    assert found[:4] == (table[0, 0], exposed[0], table[1, 0], exposed[1])
    test = chi2_contingency(table, correction=False)
    assert found[4:6] == pytest.approx((test.statistic, test.pvalue), rel=1e-9)
    rates = table[:, 0] / exposed
    bounds = confint_proportions_2indep(
        table[0, 0], exposed[0], table[1, 0], exposed[1], method="newcomb"
    )
    assert found[6:] == pytest.approx((rates[0] - rates[1], *bounds), rel=1e-6)


@pytest.mark.parametrize("experiment", ARMS)
def test_sample_ratio_equals_scipy(warehouse, units, planned_shares, experiment):
    counts = units[units["experiment_id"] == experiment]["variant"].value_counts()
    shares = planned_shares[experiment]
    test = chisquare(counts[shares.index], shares.to_numpy() * counts.sum())
    found = warehouse.execute(
        "select sample_ratio_statistic, sample_ratio_p_value, status"
        " from experiment_health where experiment_id = ?",
        [experiment],
    ).fetchone()
    assert found[:2] == pytest.approx((test.statistic, test.pvalue), rel=1e-9)
    assert found[2] == "ok"


def test_health_counts_the_units_of_the_files(warehouse, exposures, owners):
    unit = unit_of(exposures, owners)
    groups = exposures.groupby([exposures["experiment_id"], unit])
    variants = groups["variant"].nunique()
    found = warehouse.execute(
        "select experiment_id, exposed_unit_count, several_variants_unit_count"
        " from experiment_health order by experiment_id"
    ).fetchall()
    expected = [
        (experiment, len(counts), int(np.sum(counts > 1)))
        for experiment, counts in variants.groupby(level=0)
    ]
    assert found == expected
