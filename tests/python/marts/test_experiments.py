"""Experiments of the sample, from the files to the p-value without our SQL."""

import numpy as np
import pandas as pd
import pytest
import tea_tasting
from scipy.stats import chi2_contingency, chisquare, ttest_ind
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportions_ztest,
)

DAY = pd.Timedelta(days=1)
ARMS = {
    "sticky_cart": ("treatment", "control"),
    "listing_layout": ("b", "a"),
    "search_rank": ("reranked", "control"),
}
RESULT = """
    select {columns} from experiment_results
    where
        experiment_id = ? and metric_id = ? and method = ?
        and segment_dimension = 'all' and comparison = 'variant vs control'
"""


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
def exposed(exposures, designs, owners):
    """Each unit of an experiment: when it first met it, and how many variants."""
    draws_devices = exposures["experiment_id"].map(designs["unit"]) == "device"
    unit = unit_of(exposures, owners).mask(draws_devices, exposures["anonymous_id"])
    known = exposures.assign(unit=unit).sort_values("exposed_at")
    return (
        known.groupby(["experiment_id", "unit"])
        .agg(
            variant=("variant", "first"),
            exposed_at=("exposed_at", "first"),
            variant_count=("variant", "nunique"),
        )
        .reset_index()
    )


@pytest.fixture(scope="module")
def units(exposed, designs, events, owners):
    """The units that count, each from its exposure or its trigger on."""
    met_one = exposed[exposed["variant_count"] == 1]
    trigger = met_one["experiment_id"].map(designs["trigger_event_type"])
    done = events.assign(unit=unit_of(events, owners), trigger=events["event_type"])
    reached = met_one.assign(trigger=trigger, row=met_one.index).merge(
        done[["unit", "trigger", "occurred_at"]], on=["unit", "trigger"]
    )
    is_meant = (reached["occurred_at"] >= reached["exposed_at"]) & (
        reached["occurred_at"] < reached["experiment_id"].map(designs["ended_at"])
    )
    triggered_at = reached[is_meant].groupby("row")["occurred_at"].min()
    counts_from = met_one["exposed_at"].where(
        trigger == "", met_one.index.to_series().map(triggered_at)
    )
    return met_one.assign(exposed_at=counts_from).dropna(subset="exposed_at")


@pytest.fixture(scope="module")
def orders(lines):
    sold = lines[lines["customer_id"] != ""].groupby("order_id")
    every = sold.agg(
        unit=("customer_id", "first"),
        happened_at=("ordered_at", "min"),
        net=("net", "sum"),
        is_cancellation=("is_cancelled", "all"),
    )
    return every[~every["is_cancellation"]]


@pytest.fixture(scope="module")
def outcomes(orders, events, owners):
    """What each metric counts: a row per unit and time at which it happened."""
    carts = events[events["event_type"] == "add_to_cart"]
    return {
        "order_7d": orders[["unit", "happened_at"]],
        "add_to_cart_7d": pd.DataFrame(
            {"unit": unit_of(carts, owners), "happened_at": carts["occurred_at"]}
        ),
    }


def unit_of(rows, owners):
    """A customer, or a device of which no single customer is known."""
    owner = rows["anonymous_id"].map(owners)
    unit = rows["customer_id"].where(rows["customer_id"] != "", owner)
    return unit.fillna("anonymous:" + rows["anonymous_id"])


def within(units, happened, start, end):
    """What happened to units from so many days after their exposure to so many."""
    met = units.merge(happened, on="unit")
    waited = met["happened_at"] - met["exposed_at"]
    return met[(waited >= start * DAY) & (waited < end * DAY)]


def contingency(units, outcomes, experiment, metric):
    """Converted and other units of the variant, then of the control."""
    arms = units[units["experiment_id"] == experiment]
    converted = within(arms, outcomes[metric], 0, 7)["unit"]
    table = pd.crosstab(arms["variant"], arms["unit"].isin(converted))
    return table.reindex(index=ARMS[experiment], columns=[True, False]).to_numpy()


def revenue(units, orders, experiment):
    """Revenue of each unit in 7 days (y) and in the 28 before (x), both winsorised."""
    arms = units[units["experiment_id"] == experiment].set_index("unit", drop=False)
    after = within(arms.reset_index(drop=True), orders, 0, 7)
    before = within(arms.reset_index(drop=True), orders, -28, 0)
    y, x = (
        part.groupby("unit")["net"].sum().astype(float).reindex(arms.index).fillna(0.0)
        for part in (after, before)
    )
    spent = np.sort(y[y != 0])
    cap = spent[int(np.ceil(0.99 * len(spent))) - 1]
    return pd.DataFrame(
        {
            "variant": (arms["variant"] == ARMS[experiment][0]).astype(int),
            "y": y.clip(upper=cap),
            "x": x.clip(upper=cap),
        }
    )


@pytest.mark.parametrize("metric", ["order_7d", "add_to_cart_7d"])
@pytest.mark.parametrize("experiment", ARMS)
def test_shares_equal_scipy_and_statsmodels(
    warehouse, units, outcomes, experiment, metric
):
    table = contingency(units, outcomes, experiment, metric)
    columns = (
        "unit_count, control_unit_count, value, control_value, pow(statistic, 2),"
        " p_value, effect, effect_lower, effect_upper"
    )
    found = warehouse.execute(
        RESULT.format(columns=columns), [experiment, metric, "two_proportion"]
    ).fetchone()
    exposed = table.sum(axis=1)
    rates = table[:, 0] / exposed
    assert found[:2] == tuple(exposed)
    assert found[2:4] == pytest.approx(tuple(rates), rel=1e-12)
    test = chi2_contingency(table, correction=False)
    assert found[4:6] == pytest.approx((test.statistic, test.pvalue), rel=1e-9)
    bounds = confint_proportions_2indep(
        table[0, 0], exposed[0], table[1, 0], exposed[1], method="newcomb"
    )
    assert found[6:] == pytest.approx((rates[0] - rates[1], *bounds), rel=1e-6)


@pytest.mark.parametrize("experiment", ["sticky_cart", "listing_layout"])
def test_revenue_equals_scipy_and_tea_tasting(warehouse, units, orders, experiment):
    data = revenue(units, orders, experiment)
    columns = "value, control_value, p_value, effect, effect_lower, effect_upper"
    plain, adjusted = (
        warehouse.execute(
            RESULT.format(columns=columns), [experiment, "revenue_7d", method]
        ).fetchone()
        for method in ("welch", "cuped")
    )
    arms = [data["y"][data["variant"] == arm] for arm in (1, 0)]
    test = ttest_ind(*arms, equal_var=False)
    bounds = test.confidence_interval()
    means = [arm.mean() for arm in arms]
    expected = (*means, test.pvalue, means[0] - means[1], bounds.low, bounds.high)
    assert plain == pytest.approx(expected, rel=1e-9)
    metric = tea_tasting.Mean("y", "x")
    result = tea_tasting.Experiment(m=metric).analyze(data.reset_index(drop=True))["m"]
    expected = (
        result.treatment,
        result.control,
        result.pvalue,
        result.effect_size,
        result.effect_size_ci_lower,
        result.effect_size_ci_upper,
    )
    assert adjusted == pytest.approx(expected, rel=1e-9)
    assert adjusted != pytest.approx(plain, rel=1e-3)


def test_sums_that_were_handed_over_equal_statsmodels(warehouse, handed_over):
    last = handed_over[
        handed_over["observed_date"] == handed_over["observed_date"].max()
    ].set_index("variant")
    opened, sent = (
        last.loc[["question", "plain"], column].astype(int)
        for column in ("value_sum", "unit_count")
    )
    columns = "unit_count, control_unit_count, statistic, p_value"
    found = warehouse.execute(
        RESULT.format(columns=columns),
        ["newsletter_subject", "mail_open", "two_proportion"],
    ).fetchone()
    assert found[:2] == tuple(sent)
    assert found[2:] == pytest.approx(proportions_ztest(opened, sent), rel=1e-9)


@pytest.mark.parametrize(
    "experiment",
    ["gift_note", "listing_grid", "listing_layout", "search_rank", "sticky_cart"],
)
def test_sample_ratio_equals_scipy(warehouse, units, planned_shares, experiment):
    counts = units[units["experiment_id"] == experiment]["variant"].value_counts()
    shares = planned_shares[experiment]
    test = chisquare(counts[shares.index], shares.to_numpy() * counts.sum())
    found = warehouse.execute(
        "select sample_ratio_statistic, sample_ratio_p_value, status = 'invalid'"
        " from experiment_health where experiment_id = ?",
        [experiment],
    ).fetchone()
    assert found[:2] == pytest.approx((test.statistic, test.pvalue), rel=1e-9)
    assert found[2] == (test.pvalue < 0.001) == (experiment == "search_rank")


def test_health_counts_the_units_of_the_files(warehouse, exposed, units):
    found = warehouse.execute(
        "select experiment_id, exposed_unit_count, several_variants_unit_count,"
        " untriggered_unit_count, analysed_unit_count from experiment_health"
        " where exposed_unit_count > 0 order by experiment_id"
    ).fetchall()
    expected = []
    for experiment, met in exposed.groupby("experiment_id"):
        torn = int((met["variant_count"] > 1).sum())
        analysed = int((units["experiment_id"] == experiment).sum())
        untriggered = len(met) - torn - analysed
        expected.append((experiment, len(met), torn, untriggered, analysed))
    assert found == expected
    assert [row[0] for row in found if row[3]] == ["search_rank"]


@pytest.mark.parametrize("experiment", ["sticky_cart", "listing_layout"])
def test_readout_says_the_shares_of_the_files(warehouse, units, outcomes, experiment):
    table = contingency(units, outcomes, experiment, "add_to_cart_7d")
    (readout,) = warehouse.execute(
        "select readout from experiment_readout where experiment_id = ?", [experiment]
    ).fetchone()
    shares = 100 * table[:, 0] / table.sum(axis=1)
    for share, arm in zip(shares, ARMS[experiment], strict=True):
        assert f"{share:.2f} % with {arm}" in readout
    assert f"relative change {100 * (shares[0] / shares[1] - 1):.2f} %" in readout
