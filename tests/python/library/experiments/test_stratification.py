import numpy as np
import pytest

from mercato.experiments.comparisons import result_columns
from mercato.experiments.means import welch
from mercato.experiments.statistics import Pairs, pair, read_arms
from mercato.experiments.stratification import post_stratified


def whole(arms):
    """Pair the arms of everybody alone."""
    pairs = pair(arms)
    dimension = arms.rows["segment_dimension"].to_numpy()[pairs.treated]
    return Pairs(*(column[dimension == "all"] for column in pairs))


@pytest.fixture
def listed(arm_of):
    """Give the way to list arms of {segment: values}, everybody and by country."""

    def listed(*arms, missing=(), **keys):
        named = []
        for number, segments in enumerate(arms):
            place = (chr(97 + number), number == 0)
            everybody = np.concatenate([[], *segments.values()])
            named.append(arm_of(*place, everybody, **keys))
            named += [
                arm_of(
                    *place,
                    np.asarray(values, dtype=float),
                    **keys,
                    segment_dimension="country",
                    segment_value=segment,
                )
                for segment, values in segments.items()
                if (number, segment) not in missing
            ]
        return named

    return listed


@pytest.fixture
def arms_of(listed, statistics_of):
    """Give the way to read arms of {segment: values}."""

    def arms_of(*arms, **arguments):
        return read_arms(statistics_of(*listed(*arms, **arguments)))

    return arms_of


@pytest.fixture
def compared(arms_of):
    """Give the way to compare variants with the first arm by their strata."""

    def compared(*arms, missing=(), level=0.95):
        read = arms_of(*arms, missing=missing)
        return result_columns(post_stratified(read, whole(read), "country"), level)

    return compared


def by_brute_force(control, variant):
    """Weigh the strata of two arms of the same segments one after the other."""
    total = sum(len(control[name]) + len(variant[name]) for name in control)
    sides = []
    for arm in (control, variant):
        shares = {n: (len(control[n]) + len(variant[n])) / total for n in control}
        values = sum(shares[n] * np.mean(arm[n]) for n in arm)
        parts = [shares[n] ** 2 * np.var(arm[n], ddof=1) / len(arm[n]) for n in arm]
        rest = [
            part**2 / (len(arm[name]) - 1)
            for part, name in zip(parts, arm, strict=True)
        ]
        sides.append((values, sum(parts), sum(rest)))
    (control_value, control_variance, c), (value, variance, v) = sides
    squared = control_variance + variance
    return value - control_value, np.sqrt(squared), squared**2 / (c + v)


def test_by_hand(compared):
    # Two of ten units live in fr, eight in gb, so gb counts for 0.8 in both arms.
    control = {"gb": [1, 3, 1, 3], "fr": [10, 12]}
    variant = {"gb": [2, 4], "fr": [10, 14]}
    columns = compared(control, variant)
    assert columns["control_value"] == pytest.approx([0.6 * 2 + 0.4 * 11])
    assert columns["value"] == pytest.approx([0.6 * 3 + 0.4 * 12])
    error = 0.36 * (4 / 3 / 4 + 2 / 2) + 0.16 * (2 / 2 + 8 / 2)
    assert columns["standard_error"] == pytest.approx([np.sqrt(error)])


def test_agrees_with_one_stratum_after_the_other(compared):
    random = np.random.default_rng(1)
    control, variant, other = (
        {
            name: random.gamma(2, scale, size)
            for name, scale, size in zip("wxyz", (1, 5, 9, 2), sizes, strict=True)
        }
        for sizes in ((40, 30, 20, 7), (20, 44, 5, 12), (2, 3, 4, 5))
    )
    columns = compared(control, variant, other)
    for row, arm in enumerate((variant, other)):
        effect, error, freedom = by_brute_force(control, arm)
        assert columns["effect"][row] == pytest.approx(effect)
        assert columns["standard_error"][row] == pytest.approx(error)
        assert columns["degrees_of_freedom"][row] == pytest.approx(freedom)


@pytest.mark.parametrize("missing", [(), ((1, "small"),)])
def test_small_strata_join_the_smallest_that_is_not(compared, missing):
    control = {"large": [1, 5, 2, 9], "middle": [4, 7, 9], "small": [20, 30]}
    variant = {"large": [3, 5, 8, 1], "middle": [1, 8], "small": []}
    merged = by_brute_force(
        {"large": control["large"], "rest": [4, 7, 9, 20, 30]},
        {"large": variant["large"], "rest": [1, 8]},
    )
    # A segment without units in an arm may or may not have a row.
    columns = compared(control, variant, missing=missing)
    assert columns["effect"] == pytest.approx([merged[0]])
    assert columns["standard_error"] == pytest.approx([merged[1]])
    assert columns["degrees_of_freedom"] == pytest.approx([merged[2]])


@pytest.mark.parametrize(
    ("control", "variant"),
    [
        ({"a": [1, 5, 2]}, {"a": [3, 5]}),
        ({"a": [1], "b": [5], "c": [2]}, {"a": [3], "b": [5], "c": []}),
        ({"a": [1, 5, 2], "b": []}, {"a": [], "b": [3, 5]}),
    ],
)
def test_one_stratum_is_welch(arms_of, control, variant):
    read = arms_of(control, variant)
    pairs = whole(read)
    found = result_columns(post_stratified(read, pairs, "country"), 0.95)
    plain = result_columns(welch(read, pairs), 0.95)
    for name in ("effect", "standard_error", "degrees_of_freedom", "p_value"):
        assert found[name] == pytest.approx(plain[name])
    assert found["variance_reduction"] == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize(
    ("control", "variant", "missing", "status"),
    [
        ({"a": [1, 2]}, {"a": []}, (), "no exposures"),
        ({"a": [1, 2]}, {"a": [3]}, (), "too few units"),
        ({"a": [1, 1]}, {"a": [3, 3]}, (), "no variation"),
        ({}, {}, (), "no exposures"),
        ({"a": [1, 2]}, {"a": [1, 3]}, ((0, "a"), (1, "a")), "no segments"),
        (
            {"a": [1, 2], "b": [3]},
            {"a": [1, 3], "b": [4]},
            ((1, "b"),),
            "segments do not add up",
        ),
    ],
)
def test_status_says_why_there_is_no_test(compared, control, variant, missing, status):
    columns = compared(control, variant, missing=missing)
    assert columns["status"].tolist() == [status]
    for name in ("p_value", "statistic", "standard_error", "variance_reduction"):
        assert np.isnan(columns[name]).all()


def test_swapping_arms_turns_the_sign(compared):
    control = {"a": [1, 5, 2, 9], "b": [4, 7, 9]}
    variant = {"a": [3, 5, 8], "b": [1, 8]}
    there, back = compared(control, variant), compared(variant, control)
    assert back["effect"] == pytest.approx(-there["effect"])
    assert back["p_value"] == pytest.approx(there["p_value"])


def test_experiments_do_not_mix(arm_of, statistics_of):
    random = np.random.default_rng(2)
    arms = [
        arm_of(
            variant,
            variant == "a",
            random.gamma(2, 3, 10),
            experiment_id=experiment,
            metric_id=metric,
            segment_dimension=dimension,
            segment_value=value,
        )
        for experiment in "ef"
        for metric in "mn"
        for variant in "abc"
        for dimension, value in [("country", "x"), ("all", "all"), ("device", "y")]
    ]
    read = read_arms(statistics_of(*arms))
    together = post_stratified(read, whole(read), "country")
    assert len(together.status) == 8
    row = 0
    for experiment in "ef":
        for metric in "mn":
            of = [
                arm
                for arm in arms
                if (arm["experiment_id"], arm["metric_id"]) == (experiment, metric)
            ]
            alone = read_arms(statistics_of(*of))
            part = post_stratified(alone, whole(alone), "country")
            for name in ("value", "variance", "control_value"):
                whole_column = getattr(together.estimates, name)[row : row + 2]
                assert whole_column.tolist() == getattr(part.estimates, name).tolist()
            row += 2


def test_false_positives_coverage_and_gain_are_as_promised(listed, statistics_of):
    # 1,000 simulated experiments of four strata whose means differ: four binomial
    # standard errors of 5 % are 2.8 points.
    random = np.random.default_rng(3)
    names, means = "wxyz", np.array([0.0, 2, 4, 8])

    def arm_of(effect):
        of = random.choice(4, size=150, p=[0.4, 0.3, 0.2, 0.1])
        values = means[of] + random.normal(effect, 1, 150)
        return {name: values[of == code] for code, name in enumerate(names)}

    arms = [
        arm
        for number in range(1000)
        for arm in listed(arm_of(0), arm_of(0), arm_of(0.5), metric_id=f"{number}")
    ]
    read = read_arms(statistics_of(*arms))
    columns = result_columns(post_stratified(read, whole(read), "country"), 0.95)
    assert (columns["p_value"][::2] < 0.05).mean() == pytest.approx(0.05, abs=0.028)
    for first, truth in ((0, 0), (1, 0.5)):
        covered = (columns["effect_lower"] <= truth) & (
            columns["effect_upper"] >= truth
        )
        assert covered[first::2].mean() == pytest.approx(0.95, abs=0.028)
    # The strata explain 5.8 of 6.8 parts of the variance.
    assert columns["variance_reduction"].mean() == pytest.approx(5.8 / 6.8, abs=0.03)
