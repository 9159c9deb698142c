import numpy as np
import pyarrow as pa
import pytest

from mercato.experiments.statistics import only, pair, read_arms


@pytest.fixture
def two_arms(arm_of):
    """Give the way to make a control and a variant, the variant with other columns."""

    def two_arms(**columns):
        return arm_of("a", True, [1, 2, 6]), arm_of("b", False, [4, 5]) | columns

    return two_arms


def test_means_and_covariances_are_those_of_numpy(arm_of, statistics_of):
    units = np.random.default_rng(1).gamma(2, 3, (4, 50)) + 1000
    (mean,), (covariance,) = read_arms(statistics_of(arm_of("a", True, *units)))[-2:]
    assert mean == pytest.approx(units.mean(axis=1))
    # Sums of squares of values around 1,000 keep nine digits of a variance of 18.
    assert covariance == pytest.approx(np.cov(units), rel=1e-6, abs=1e-6)


def test_rounding_is_no_variance(arm_of, statistics_of):
    arms = read_arms(statistics_of(arm_of("a", True, [0.1] * 1000)))
    assert arms.covariance[0, 0, 0] == 0


def test_too_few_units_have_no_variance(arm_of, statistics_of):
    arms = read_arms(statistics_of(arm_of("a", True, []), arm_of("b", False, [3])))
    assert np.isnan(arms.mean[0]).all()
    assert arms.mean[1, 0] == 3
    assert np.isnan(arms.covariance).all()


def test_arms_are_sorted_and_numbered_by_group(arm_of, statistics_of):
    arms = [
        arm_of(variant, variant == "a", [1], metric_id=metric, segment_value=value)
        for variant in "ba"
        for metric in "nm"
        for value in "yx"
    ]
    read = read_arms(statistics_of(*arms))
    assert read.group.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert read.rows["variant"].to_pylist() == ["a", "b"] * 4
    pairs = pair(read)
    assert pairs.treated.tolist() == [1, 3, 5, 7]
    assert pairs.control.tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize(
    ("controls", "statuses"),
    [
        ("", ["no control"] * 3),
        ("a", ["", ""]),
        ("ab", ["several controls"]),
        ("abc", []),
    ],
)
def test_a_pair_needs_one_control(arm_of, statistics_of, controls, statuses):
    arms = [arm_of(name, name in controls, [1, 2]) for name in "abc"]
    pairs = pair(read_arms(statistics_of(*arms)))
    assert pairs.status.tolist() == statuses
    assert pairs.is_known.tolist() == [status == "" for status in statuses]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"variant": None}, "variant has 1 nulls, must be 0"),
        ({"is_control": None}, "is_control has 1 nulls"),
        ({"unit_count": None}, "unit_count has 1 nulls"),
        ({"sum_yx": None}, "sum_yx has 1 nulls"),
        ({"unit_count": -5}, r"unit_count == -5 \(experiment_id 'e'.*variant 'b'\)"),
        ({"sum_y": float("inf")}, "sum_y == inf .* must be finite"),
        ({"variant": "a"}, r"variant == 'a' \(.*\), must be unique"),
    ],
)
def test_bad_rows_are_named(two_arms, statistics_of, columns, message):
    with pytest.raises(ValueError, match=message):
        read_arms(statistics_of(*two_arms(**columns)))


def test_columns_that_may_be_missing_are_filled_in(two_arms, statistics_of):
    table = statistics_of(*two_arms())
    few = table.drop_columns(["margin", "quantile_value", "segment_dimension"])
    read = read_arms(few)
    assert read.rows["segment_dimension"].to_pylist() == ["all", "all"]
    assert read.rows["margin"].null_count == 2
    with pytest.raises(ValueError, match="expected a column sum_y"):
        read_arms(table.drop_columns(["sum_y"]))


def test_further_columns_tell_groups_apart(two_arms, statistics_of):
    table = statistics_of(*two_arms())
    days = pa.concat_tables(
        table.append_column("observed_date", pa.array([day, day]))
        for day in ("2011-02-01", "2011-01-01")
    )
    assert read_arms(days, by=("observed_date",)).group.tolist() == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="must be unique"):
        read_arms(days)


def test_only_some_kinds_are_kept(two_arms, statistics_of):
    table = statistics_of(*two_arms(metric_kind="ratio"))
    assert only(table, ("mean", "count"))["variant"].to_pylist() == ["a"]
    assert only(table, ("quantile",)).num_rows == 0
