"""Each design among the later experiments shows what was planted in it."""

import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency, chisquare
from statsmodels.formula.api import ols
from statsmodels.stats.proportion import confint_proportions_2indep


@pytest.fixture(scope="module")
def visitors(units):
    """Anonymous units that saw one arm, and whether they filled the cart."""
    return units.execute("""
        select experiment_id, unit_id, variant, first_exposed_at, is_converted
        from units where is_anonymous and variant_count = 1
    """).df()


def conversions(visitors, experiment_id):
    """Converted and all units by arm."""
    arms = visitors[visitors["experiment_id"] == experiment_id].groupby("variant")
    return arms["is_converted"].agg(["sum", "count"])


def lift(counts, variant, control):
    """The 95 % interval of the difference of two rates."""
    treated, untreated = counts.loc[variant], counts.loc[control]
    return confint_proportions_2indep(*treated, *untreated, method="newcomb")


def p_value(counts, *variants):
    chosen = counts.loc[list(variants)]
    table = [chosen["sum"], chosen["count"] - chosen["sum"]]
    return chi2_contingency(table, correction=False).pvalue


def test_weights_of_each_experiment_sum_to_one(sample):
    weights = sample.execute("""
        select sum(planned_weight::decimal(9, 6)) as total, count(*) as arms,
            count(*) filter (is_control = 'true') as controls
        from experiments group by experiment_id
    """).df()
    assert (weights["total"].astype(float) == 1).all()
    assert (weights["controls"] == 1).all()
    assert sorted(weights["arms"]) == [2, 2, 2, 2, 3, 3, 4]


def test_one_of_three_arms_has_an_effect(visitors):
    counts = conversions(visitors, "gift_note")
    lower, upper = lift(counts, "card", "control")
    assert lower < 0.16 < upper
    assert p_value(counts, "card", "control") < 1e-3
    assert p_value(counts, "ribbon", "control") > 0.1


def test_factorial_design_has_one_main_effect_and_no_interaction(visitors, sample):
    levels = sample.execute("from experiment_factors").df()
    levels = levels.pivot(index="variant", columns="factor", values="is_reference")
    levels = (levels == "false").astype(float) - 0.5
    grid = visitors[visitors["experiment_id"] == "listing_grid"].join(
        levels, on="variant"
    )
    grid = grid.assign(is_converted=grid["is_converted"].astype(float))
    # Effects coded by halves: each coefficient is a difference of means.
    fitted = ols("is_converted ~ image * price", grid).fit(cov_type="HC1")
    lower, upper = fitted.conf_int().loc["image"]
    assert lower < 0.10 < upper
    assert fitted.pvalues["image"] < 1e-3
    assert fitted.pvalues["price"] > 0.1
    assert fitted.pvalues["image:price"] > 0.1


def test_bandit_moves_towards_the_arm_with_the_most_clicks(units):
    devices = units.execute("""
        select anonymous_id as unit_id, arg_min(variant, exposed_at) as variant,
            min(exposed_at)::timestamptz as first_exposed_at,
            count(distinct variant) as variant_count
        from experiment_exposures where experiment_id = 'home_banner'
        group by anonymous_id
    """).df()
    clicks = units.execute("""
        select anonymous_id as unit_id, min(occurred_at)::timestamptz as clicked_at
        from events where event_type = 'banner_click' group by anonymous_id
    """).df()
    devices = devices[devices["variant_count"] == 1].merge(clicks, how="left")
    waited = devices["clicked_at"] - devices["first_exposed_at"]
    assert not (waited < pd.Timedelta(0)).any()
    is_click = waited < pd.Timedelta(days=1)
    arms = is_click.groupby(devices["variant"]).agg(["sum", "count"])
    for variant, probability in {"season": 0.06, "story": 0.08, "finder": 0.16}.items():
        clicked, seen = arms.loc[variant]
        assert binomtest(clicked, seen, probability).pvalue > 0.01
    week = (devices["first_exposed_at"] - pd.Timestamp("2011-11-21", tz="UTC")).dt.days
    shares = pd.crosstab(week // 7, devices["variant"], normalize="index")["finder"]
    assert shares.is_monotonic_increasing
    assert shares.iloc[0] < 0.4 < 0.6 < shares.iloc[-1]
    assert units.execute(
        "select distinct ended_at from experiments where allocation = 'bandit'"
    ).fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("experiment_id", "is_mismatch"),
    [("search_rank", True), ("gift_note", False), ("listing_grid", False)],
)
def test_only_the_lossy_experiment_has_a_sample_ratio_mismatch(
    units, experiment_id, is_mismatch
):
    arms = units.execute(
        """
        select count(*) as unit_count, any_value(planned_weight)::double as weight
        from units inner join experiments using (experiment_id, variant)
        where experiment_id = ? and variant_count = 1
        group by variant
        """,
        [experiment_id],
    ).df()
    expected = arms["weight"] * arms["unit_count"].sum()
    p = chisquare(arms["unit_count"], expected).pvalue
    assert p < 1e-6 if is_mismatch else p > 0.01


def test_some_units_never_reach_what_triggers_the_experiment(units):
    exposed, triggered = units.execute("""
        select count(*), count(*) filter (exists (
            select 1 from events
            where
                events.anonymous_id = units.unit_id
                and event_type = 'view'
                and try_cast(occurred_at as timestamptz) >= first_exposed_at
        ))
        from units where experiment_id = 'search_rank' and is_anonymous
    """).fetchone()
    assert 0.6 * exposed < triggered < 0.9 * exposed


def test_statistics_of_the_mail_provider_accumulate_to_an_effect(sample):
    days = sample.execute("""
        select variant, observed_date, unit_count::int as sent, value_sum::int as opened
        from experiment_statistics order by observed_date
    """).df()
    for _, arm in days.groupby("variant"):
        assert arm["opened"].is_monotonic_increasing
        assert len(arm) == 7
    last = days.groupby("variant").last()
    counts = last.rename(columns={"opened": "sum", "sent": "count"})[["sum", "count"]]
    lower, upper = lift(counts, "question", "plain")
    assert lower < 0.04 < upper
    assert p_value(counts, "question", "plain") < 0.01
