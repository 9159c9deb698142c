import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy import stats

from mercato.experiments.contingency import (
    chi_square_results,
    conversions,
    fisher_exact,
    monte_carlo_p_value,
    pearson_chi_square,
)
from mercato.experiments.results import RESULTS_SCHEMA
from mercato.experiments.statistics import read_arms

SAMPLES = 9_999


@pytest.fixture
def results(counted_of, statistics_of):
    """Give the way to test (units, converted) of arms named a, b, ... as one group."""

    def results(*arms, **arguments):
        named = [
            counted_of(chr(97 + number), number == 0, *arm)
            for number, arm in enumerate(arms)
        ]
        table = chi_square_results(
            read_arms(statistics_of(*named)), **{"seed": 1} | arguments
        )
        (row,) = table.to_pylist()
        return row

    return results


def all_tables(rows, columns):
    """List every table of counts with these margins."""
    if len(columns) == 1:
        return [np.array(rows)[:, None]]
    tables = []
    for first in itertools.product(*(range(count + 1) for count in rows)):
        if sum(first) == columns[0]:
            left = [count - taken for count, taken in zip(rows, first, strict=True)]
            for rest in all_tables(left, columns[1:]):
                tables.append(np.column_stack([first, rest]))
    return tables


def exact_p_value(table):
    """Add up the probabilities of all tables whose chi-square reaches the table's."""
    table = np.asarray(table)
    tables = np.array(all_tables(list(table.sum(axis=1)), list(table.sum(axis=0))))
    margins = stats.random_table(table.sum(axis=1), table.sum(axis=0))
    expected = margins.mean()
    far = ((tables - expected) ** 2 / expected).sum(axis=(1, 2))
    observed = ((table - expected) ** 2 / expected).sum()
    return margins.pmf(tables)[far >= observed - 1e-9].sum()


def test_published_tables(results):
    two = results((1000, 120), (1000, 150))
    assert two["statistic"] == pytest.approx(3.853565, abs=1e-6)
    assert two["p_value"] == pytest.approx(0.049640, abs=1e-6)
    assert two["cramers_v"] == pytest.approx(np.sqrt(3.853565 / 2000), abs=1e-6)
    assert two["minimum_expected_count"] == 135
    assert (two["unit_count"], two["value"]) == (2000, 0.135)
    assert (two["method"], two["correction"]) == ("chi_square", "none")
    three = results((1000, 120), (1000, 150), (1000, 135))
    assert three["p_value"] == pytest.approx(0.145616, abs=1e-6)
    assert three["degrees_of_freedom"] == 2
    assert three["comparison"] == "all variants"


@settings(max_examples=200, deadline=None)
@given(
    st_numpy.arrays(
        np.int64,
        st.tuples(st.integers(2, 5), st.integers(2, 5)),
        elements=st.integers(0, 10**5),
    )
)
def test_chi_square_agrees_with_scipy(table):
    test = pearson_chi_square(table)
    full = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(full.shape) < 2:
        assert all(np.isnan(number) for number in test)
        return
    expected = stats.chi2_contingency(full, correction=False)
    assert test.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert test.degrees_of_freedom == expected.dof
    assert test.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)
    assert test.minimum_expected_count == pytest.approx(expected.expected_freq.min())
    association = stats.contingency.association(full, method="cramer")
    assert test.cramers_v == pytest.approx(association, abs=1e-7)


def test_chi_square_of_a_batch_is_that_of_each_table_transposed_or_not():
    tables = np.random.default_rng(1).integers(0, 50, size=(6, 4, 3))
    batch = pearson_chi_square(tables)
    for number, table in enumerate(tables):
        for same in (table, table.T, table[::-1]):
            alone = pearson_chi_square(same)
            for of_batch, of_one in zip(batch, alone, strict=True):
                assert of_batch[number] == pytest.approx(of_one)


def test_chi_square_grows_with_the_counts_and_cramers_v_does_not():
    table = np.array([[12, 30, 8], [20, 20, 10]])
    once, tenfold = pearson_chi_square(table), pearson_chi_square(10 * table)
    assert tenfold.statistic == pytest.approx(10 * once.statistic)
    assert tenfold.cramers_v == pytest.approx(once.cramers_v)


@pytest.mark.parametrize("count", [-1, np.nan, np.inf])
def test_counts_are_numbers_of_units(count):
    with pytest.raises(ValueError, match=f"tables == {count}.*, must be >= 0"):
        pearson_chi_square(np.array([[1, 2], [3, count]]))


@settings(max_examples=100, deadline=None)
@given(
    st_numpy.arrays(
        np.int64,
        st.tuples(st.integers(1, 6), st.just(2), st.just(2)),
        elements=st.one_of(st.integers(0, 12), st.integers(0, 3000)),
    )
)
def test_fisher_agrees_with_scipy(tables):
    found = fisher_exact(tables)
    expected = [stats.fisher_exact(table).pvalue for table in tables]
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-300)


def test_fisher_of_huge_and_of_one_sided_tables():
    assert fisher_exact(np.zeros((0, 2, 2))).shape == (0,)
    tables = [[[20000, 0], [0, 20000]], [[0, 0], [0, 0]], [[0, 5], [0, 7]]]
    assert fisher_exact(np.array(tables)).tolist() == [0, 1, 1]
    rare = [[3, 10**6], [9, 10**6]]
    expected = stats.fisher_exact(rare).pvalue
    assert fisher_exact(np.array([rare]))[0] == pytest.approx(expected, rel=1e-6)


def test_fisher_in_blocks_is_the_same(monkeypatch):
    tables = np.random.default_rng(2).integers(0, 30, size=(50, 2, 2))
    whole = fisher_exact(tables)
    monkeypatch.setattr("mercato.experiments.contingency._BLOCK_CELLS", 7)
    assert fisher_exact(tables).tolist() == whole.tolist()


@pytest.mark.parametrize(
    "table",
    [
        [[2, 1], [0, 4], [3, 0]],
        [[5, 0], [1, 3], [2, 2], [0, 6]],
        [[2, 0, 1], [1, 3, 0], [0, 1, 2]],
        [[1, 1], [1, 1]],
    ],
)
def test_monte_carlo_finds_the_exact_p_value(table):
    found = monte_carlo_p_value(np.array(table), samples=SAMPLES, seed=3)
    exact = exact_p_value(table)
    error = np.sqrt(exact * (1 - exact) / SAMPLES)
    assert found == pytest.approx(exact, abs=4 * error + 1 / SAMPLES)


def test_random_tables_have_the_margins_and_means_of_their_distribution():
    from mercato.experiments.contingency import _random_tables

    rows, columns = np.array([4, 7, 3]), np.array([6, 5, 3])
    random = np.random.default_rng(4)
    drawn = _random_tables(rows, columns, 20_000, random)
    assert (drawn >= 0).all()
    assert (drawn.sum(axis=2) == rows).all()
    assert (drawn.sum(axis=1) == columns).all()
    reference = stats.random_table(rows, columns)
    deviation = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - reference.mean()) < 4.5 * deviation).all()


def test_monte_carlo_depends_on_seed_and_table_alone():
    table = np.array([[5, 0], [1, 3], [2, 2], [0, 6]])

    def p_value(table, seed=1):
        return monte_carlo_p_value(table, samples=999, seed=seed)

    assert p_value(table) == p_value(table) == p_value(table[::-1])
    assert len({p_value(table, seed) for seed in range(20)}) > 1


def test_monte_carlo_needs_samples_and_countable_units():
    with pytest.raises(ValueError, match="samples == 0, must be >= 1"):
        monte_carlo_p_value(np.ones((3, 2)), samples=0, seed=1)
    with pytest.raises(ValueError, match=r"table\.sum\(\) == .*, must be < 1e9"):
        monte_carlo_p_value(np.array([[10**9, 1], [1, 1], [0, 1]]), samples=9, seed=1)


def test_small_tables_are_tested_exactly(results):
    two = results((20, 1), (20, 6))
    assert two["method"] == "fisher_exact"
    assert two["p_value"] == pytest.approx(
        stats.fisher_exact([[1, 19], [6, 14]]).pvalue, rel=1e-9
    )
    assert (two["statistic"], two["degrees_of_freedom"]) == (None, None)
    three = results((20, 1), (20, 6), (20, 0), monte_carlo_samples=SAMPLES)
    assert three["method"] == "chi_square_monte_carlo"
    assert three["statistic"] == pytest.approx(
        stats.chi2_contingency([[1, 19], [6, 14], [0, 20]]).statistic
    )
    assert three["degrees_of_freedom"] is None
    exact = exact_p_value([[1, 19], [6, 14], [0, 20]])
    assert three["p_value"] == pytest.approx(exact, abs=0.004)
    assert two["status"] == three["status"] == "ok"


def test_too_many_units_to_sample_keep_the_chi_square(results):
    row = results((10**9, 3), (10, 1), (10, 0))
    assert row["method"] == "chi_square"
    assert row["status"] == "small expected counts"
    assert row["degrees_of_freedom"] == 2


def test_groups_do_not_mix_and_row_order_does_not_matter(counted_of, statistics_of):
    groups = {
        "small": [(20, 1), (20, 6), (20, 0)],
        "large": [(900, 30), (800, 88)],
        "empty": [(0, 0), (9, 2), (9, 3), (7, 0)],
    }
    arms = [
        counted_of(f"v{number}", number == 0, *arm, segment_value=name)
        for name, listed in groups.items()
        for number, arm in enumerate(listed)
    ]
    together = chi_square_results(read_arms(statistics_of(*arms)), seed=1)
    backwards = chi_square_results(read_arms(statistics_of(*arms[::-1])), seed=1)
    assert together.equals(backwards)
    alone = [
        chi_square_results(
            read_arms(statistics_of(*(a for a in arms if a["segment_value"] == name))),
            seed=1,
        )
        for name in sorted(groups)
    ]
    assert together.equals(pa.concat_tables(alone).combine_chunks())


@pytest.mark.parametrize(
    ("arms", "status"),
    [
        ([(9, 1)], "one variant"),
        ([(9, 1), (0, 0)], "no exposures"),
        ([(0, 0), (0, 0)], "no exposures"),
        ([(9, 0), (9, 0), (9, 0)], "no variation"),
        ([(9, 9), (9, 9)], "no variation"),
    ],
)
def test_status_says_why_there_is_no_test(results, arms, status):
    row = results(*arms)
    assert row["status"] == status
    for name in ("statistic", "p_value", "cramers_v", "minimum_expected_count"):
        assert row[name] is None


def test_an_arm_without_units_changes_nothing(results):
    two = results((100, 20), (100, 30))
    assert results((100, 20), (100, 30), (0, 0)) == two
    assert results((0, 0), (100, 20), (100, 30)) == two


def test_no_arms_give_no_rows(statistics_of):
    none = chi_square_results(read_arms(statistics_of()), seed=1)
    assert none.num_rows == 0
    assert none.schema == RESULTS_SCHEMA


@pytest.mark.parametrize("converted", [-1, 6, 2.5])
def test_conversions_are_some_of_the_units(counted_of, statistics_of, converted):
    arms = read_arms(statistics_of(counted_of("a", True, 5, converted)))
    message = rf"sum_y == {converted}.* \(.*variant 'a'\), must be whole"
    with pytest.raises(ValueError, match=message):
        conversions(arms)


def test_false_positives_of_small_tables_stay_below_the_level(
    counted_of, statistics_of
):
    # Exact tests reject too seldom, never too often: 400 simulated A/A/A experiments,
    # four binomial standard errors of a share of 5 % are 4.4 points.
    random = np.random.default_rng(5)
    hits = random.binomial(30, 0.08, size=(400, 3))
    arms = [
        counted_of(
            f"v{arm}", arm == 0, 30, int(hits[number, arm]), metric_id=f"{number}"
        )
        for number in range(400)
        for arm in range(3)
    ]
    table = chi_square_results(
        read_arms(statistics_of(*arms)), seed=1, monte_carlo_samples=499
    )
    p_values = np.array(table["p_value"].drop_null())
    assert (p_values < 0.05).mean() < 0.05 + 0.044
    assert (p_values < 0.5).mean() > 0.25
