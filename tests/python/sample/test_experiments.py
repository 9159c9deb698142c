"""The planted effect can be found, and nothing is found where nothing was planted."""

from math import sqrt

import pytest
from scipy.stats import chi2_contingency, chisquare, norm

PLANTED_UPLIFT = 0.08


def arms(units, experiment_id, condition="true"):
    """Converted and exposed units of the control and of the other arm."""
    return units.execute(
        f"""
        select count(*) filter (is_converted), count(*)
        from units
        inner join experiments using (experiment_id, variant)
        where experiment_id = ? and variant_count = 1 and {condition}
        group by is_control
        order by is_control = 'true' desc
        """,
        [experiment_id],
    ).fetchall()


def p_value(counts):
    table = [(converted, exposed - converted) for converted, exposed in counts]
    return chi2_contingency(table, correction=False).pvalue


@pytest.mark.parametrize(
    ("experiment_id", "unit_count", "both_count"),
    [
        ("sticky_cart", 3_399, 17),
        ("listing_layout", 2_624, 12),
        ("search_rank", 580, 1),
        ("gift_note", 1_124, 3),
        ("listing_grid", 1_080, 3),
    ],
)
def test_units_and_those_that_saw_both_arms(
    units, experiment_id, unit_count, both_count
):
    found = units.execute(
        """
        select
            count(*),
            count(*) filter (variant_count = 2),
            count(*) filter (exposure_count > 1)
        from units where experiment_id = ?
        """,
        [experiment_id],
    ).fetchone()
    assert found[:2] == (unit_count, both_count)
    assert found[2] > unit_count / 6


def test_confidence_interval_of_the_planted_effect_covers_it(units):
    control, treatment = arms(units, "sticky_cart", "is_anonymous")
    rates = [converted / exposed for converted, exposed in (control, treatment)]
    variance = sum(
        rate * (1 - rate) / exposed
        for rate, (_, exposed) in zip(rates, (control, treatment), strict=True)
    )
    margin = norm.ppf(0.975) * sqrt(variance)
    uplift = rates[1] - rates[0]
    assert uplift - margin < PLANTED_UPLIFT < uplift + margin
    assert rates[0] == pytest.approx(0.119, abs=0.0005)
    assert rates[1] == pytest.approx(0.211, abs=0.0005)


@pytest.mark.parametrize("condition", ["true", "is_anonymous"])
def test_planted_effect_is_significant(units, condition):
    assert p_value(arms(units, "sticky_cart", condition)) < 1e-6


@pytest.mark.parametrize("condition", ["true", "is_anonymous"])
def test_a_a_test_is_not_significant(units, condition):
    assert p_value(arms(units, "listing_layout", condition)) > 0.01


@pytest.mark.parametrize("experiment_id", ["sticky_cart", "listing_layout"])
def test_arms_are_of_fair_size(units, experiment_id):
    exposed = [exposed for _, exposed in arms(units, experiment_id)]
    assert chisquare(exposed).pvalue > 0.01


def test_exposures_fall_into_their_experiment(sample):
    outside = sample.execute("""
        select count(*) from experiment_exposures
        left join experiments using (experiment_id, variant)
        where
            started_at is null
            or exposed_at::timestamptz < (started_at || 'Z')::timestamptz
            or exposed_at::timestamptz
            >= (coalesce(ended_at, '2011-12-09 00:00:00') || 'Z')::timestamptz
    """).fetchone()[0]
    assert outside == 0
