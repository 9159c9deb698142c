"""Published experiments, mapped by their examples and built, against scipy."""

import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mercato.cli.console import Console
from mercato.cli.mapping import map_export

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data"
EXAMPLES = ROOT / "examples/experiments"
COOKIE_CATS = DATA / "cookie_cats/cookie_cats.parquet"
UPWORTHY = DATA / "upworthy/exploratory_packages_clean.parquet"
ASOS = DATA / "asos/asos_digital_experiments.parquet"


@pytest.fixture(scope="module")
def build(builder, tmp_path_factory):
    """Map a file by its example and build what experiments need, with all tests."""

    def build(name, file):
        if not file.exists():
            pytest.skip(f"the data file {file.name} is not at hand")
        folder = tmp_path_factory.mktemp(name)
        mapped = folder / "input"
        map_export(EXAMPLES / name, file, mapped, Console(sys.stdout))
        options = ("--selector", "experiments")
        warehouse = builder.build(folder, *options, with_tests=True, input=str(mapped))
        return duckdb.connect(str(warehouse), read_only=True)

    return build


@pytest.fixture(scope="module")
def cookie_cats(build):
    with build("cookie_cats", COOKIE_CATS) as connection:
        yield connection


@pytest.fixture(scope="module")
def upworthy(build):
    with build("upworthy", UPWORTHY) as connection:
        yield connection


@pytest.fixture(scope="module")
def asos(build):
    with build("asos", ASOS) as connection:
        yield connection


def results(connection, comparison, *methods):
    """Rows about all units."""
    return connection.execute(
        """
        select * from experiment_results
        where segment_dimension = 'all' and comparison = ? and method in ?
        """,
        [comparison, methods],
    ).df()


def pooled_z_test(x, n, control_x, control_n):
    """Two-sided p-values of the difference of two rates."""
    pooled = (x + control_x) / (n + control_n)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / control_n))
    return 2 * stats.norm.sf(abs(x / n - control_x / control_n) / error)


@pytest.fixture(scope="module")
def players():
    """Players by gate."""
    return dict(list(pd.read_parquet(COOKIE_CATS).groupby("version")))


@pytest.mark.parametrize(
    ("metric", "rates", "p_value"),
    [
        ("retention_1", (0.4482, 0.4423), 0.0744),
        ("retention_7", (0.1902, 0.1820), 0.0016),
    ],
)
def test_published_retention_of_cookie_cats(
    cookie_cats, players, metric, rates, p_value
):
    found = results(cookie_cats, "variant vs control", "two_proportion")
    found = found.set_index("metric_id").loc[metric]
    assert (found["control_variant"], found["variant"]) == ("gate_30", "gate_40")
    assert (found["control_value"], found["value"]) == pytest.approx(rates, abs=5e-5)
    assert found["p_value"] == pytest.approx(p_value, abs=5e-5)
    table = [players[gate][metric].value_counts() for gate in ("gate_30", "gate_40")]
    tested = stats.chi2_contingency(table, correction=False)
    assert found["p_value"] == pytest.approx(tested.pvalue, rel=1e-9)


@pytest.mark.parametrize("metric", ["rounds", "rounds_played"])
def test_rounds_of_cookie_cats_equal_scipy(cookie_cats, players, metric):
    rounds = {gate: frame["sum_gamerounds"] for gate, frame in players.items()}
    if metric == "rounds":
        played = pd.concat(rounds)
        played = played[played > 0].sort_values().to_numpy()
        cap = played[int(np.ceil(0.999 * len(played))) - 1]
        rounds = {gate: values.clip(upper=cap) for gate, values in rounds.items()}
    tested = stats.ttest_ind(rounds["gate_40"], rounds["gate_30"], equal_var=False)
    interval = tested.confidence_interval()
    found = results(cookie_cats, "variant vs control", "welch")
    found = found.set_index("metric_id").loc[metric]
    assert found["effect"] == pytest.approx(
        rounds["gate_40"].mean() - rounds["gate_30"].mean(), rel=1e-9
    )
    assert found["p_value"] == pytest.approx(tested.pvalue, rel=1e-8)
    assert found["effect_lower"] == pytest.approx(interval.low, rel=1e-8)
    assert found["effect_upper"] == pytest.approx(interval.high, rel=1e-8)


def test_shares_of_cookie_cats_are_doubtful_but_no_mismatch(cookie_cats, players):
    tested = stats.chisquare([len(frame) for frame in players.values()])
    assert tested.pvalue == pytest.approx(0.0086, abs=5e-5)
    [(p_value, is_mismatch, status)] = cookie_cats.execute("""
        select sample_ratio_p_value, is_sample_ratio_mismatch, status
        from experiment_health
    """).fetchall()
    assert p_value == pytest.approx(tested.pvalue, rel=1e-9)
    assert not is_mismatch
    assert status == "check"


@pytest.fixture(scope="module")
def packages():
    """Packages with the name that the mapping gives them."""
    rows = pd.read_parquet(UPWORTHY)
    # By bytes, as DuckDB sorts.
    rows = rows.assign(key=rows["headline"].str.encode("utf-8"))
    rows = rows.sort_values(["clickability_test_id", "key", "impressions", "clicks"])
    place = rows.groupby("clickability_test_id").cumcount() + 1
    return rows.assign(variant="package_" + place.astype(str).str.zfill(2))


def test_every_headline_test_of_upworthy_equals_scipy(upworthy, packages):
    found = results(upworthy, "all variants", "chi_square", "chi_square_monte_carlo")
    found = found.set_index("experiment_id")
    # One test of two packages has so few clicks that it is Fisher's, one has none.
    assert len(found) == packages["clickability_test_id"].nunique() - 1 == 4_872
    is_exact = found["method"] == "chi_square_monte_carlo"
    no_clicks = found["status"] == "no variation"
    assert (is_exact.sum(), no_clicks.sum()) == (21, 1)
    found = found[~no_clicks & ~is_exact]
    expected = {}
    for test, arms in packages.groupby("clickability_test_id"):
        if test in found.index:
            table = [arms["clicks"], arms["impressions"] - arms["clicks"]]
            expected[test] = stats.chi2_contingency(table, correction=False).pvalue
    expected = pd.Series(expected)[found.index]
    np.testing.assert_allclose(found["p_value"], expected, rtol=1e-6)


def test_every_package_of_upworthy_beside_the_first_one(upworthy, packages):
    found = results(upworthy, "variant vs control", "two_proportion", "fisher_exact")
    assert len(found) == 22_666 - 4_873
    found = found[found["status"] == "ok"]
    keys = ["clickability_test_id", "variant"]
    arms = packages.set_index(keys)[["clicks", "impressions"]]
    treated = arms.loc[list(zip(found["experiment_id"], found["variant"], strict=True))]
    control = arms.loc[[(test, "package_01") for test in found["experiment_id"]]]
    x, n = treated.to_numpy(float).T
    control_x, control_n = control.to_numpy(float).T
    np.testing.assert_allclose(found["effect"], x / n - control_x / control_n)
    expected = pooled_z_test(x, n, control_x, control_n)
    is_fisher = (found["method"] == "fisher_exact").to_numpy()
    assert is_fisher.sum() == 121
    for place in np.flatnonzero(is_fisher):
        table = np.array([[x, n - x], [control_x, control_n - control_x]])
        expected[place] = stats.fisher_exact(table[:, :, place]).pvalue
    np.testing.assert_allclose(found["p_value"], expected, rtol=1e-6)


def test_shares_of_upworthy_equal_scipy(upworthy, packages):
    found = upworthy.execute("""
        select experiment_id, sample_ratio_p_value from experiment_health
    """).df()
    expected = packages.groupby("clickability_test_id")["impressions"].apply(
        lambda readers: stats.chisquare(readers).pvalue
    )
    np.testing.assert_allclose(
        found["sample_ratio_p_value"], expected[found["experiment_id"]], rtol=1e-6
    )


def test_faulty_period_of_upworthy_is_found(upworthy):
    """In 2024 the archive's authors told when tests may not have been randomised."""
    found = upworthy.execute("""
        select
            started_at between '2013-06-25' and '2014-01-10' as is_faulty,
            avg(is_sample_ratio_mismatch::int)
        from experiment_health group by is_faulty order by is_faulty
    """).fetchall()
    assert found == [
        (False, pytest.approx(18 / 3_815)),
        (True, pytest.approx(735 / 1_058)),
    ]


@pytest.fixture(scope="module")
def checkpoints():
    """The last checkpoint of each day and variant that tells means and variances."""
    rows = pd.read_parquet(ASOS).dropna(subset=["variance_c", "variance_t"])
    rows = rows.assign(day=np.ceil(rows["time_since_start"].round(6)).astype(int))
    keys = ["experiment_id", "variant_id", "metric_id", "day"]
    return rows.sort_values("time_since_start").groupby(keys).last().reset_index()


def welch(rows):
    """Test the difference of the means of both arms."""
    arms = [
        (rows[f"mean_{arm}"], rows[f"variance_{arm}"] ** 0.5, rows[f"count_{arm}"])
        for arm in ("t", "c")
    ]
    moments = [moment.to_numpy() for arm in arms for moment in arm]
    return stats.ttest_ind_from_stats(*moments, equal_var=False)


def test_variants_of_asos_share_their_control(checkpoints):
    keys = ["experiment_id", "metric_id", "time_since_start"]
    shared = checkpoints.groupby(keys)[["count_c", "mean_c", "variance_c"]].nunique()
    assert (shared == 1).all(axis=None)


@pytest.mark.parametrize("metric", [2, 3, 4])
def test_final_results_of_asos_equal_scipy(asos, checkpoints, metric):
    chosen = checkpoints[checkpoints["metric_id"] == metric]
    last = chosen.groupby(["experiment_id", "variant_id"]).last()
    last = last[(last["count_c"] > 1) & (last["count_t"] > 1)]
    found = results(asos, "variant vs control", "welch")
    found = found[
        (found["metric_id"] == f"metric_{metric}") & (found["status"] == "ok")
    ]
    found["variant_id"] = found["variant"].str.removeprefix("variant_").astype(int)
    found = found.set_index(["experiment_id", "variant_id"]).sort_index()
    assert found.index.equals(last.index)
    effect = last["mean_t"] - last["mean_c"]
    np.testing.assert_allclose(found["effect"], effect, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found["p_value"], welch(last).pvalue, rtol=1e-4)


def test_conversions_of_asos_equal_scipy(asos, checkpoints):
    chosen = checkpoints[checkpoints["metric_id"] == 1]
    last = chosen.groupby(["experiment_id", "variant_id"]).last()
    found = results(asos, "variant vs control", "two_proportion")
    found["variant_id"] = found["variant"].str.removeprefix("variant_").astype(int)
    found = found.set_index(["experiment_id", "variant_id"]).sort_index()
    x, control_x = (
        (last[f"mean_{arm}"] * last[f"count_{arm}"]).round() for arm in ("t", "c")
    )
    expected = pooled_z_test(x, last["count_t"], control_x, last["count_c"])
    np.testing.assert_allclose(found["p_value"], expected, rtol=1e-6)


def test_timeline_of_asos_has_every_day(asos, checkpoints):
    found = asos.execute("""
        select
            experiment_id,
            variant,
            metric_id,
            observed_date - date '2019-01-01' + 1 as day,
            effect
        from experiment_timeline
    """).df()
    wanted = checkpoints.assign(
        variant="variant_" + checkpoints["variant_id"].astype(str),
        metric_id="metric_" + checkpoints["metric_id"].astype(str),
    )
    keys = ["experiment_id", "variant", "metric_id", "day"]
    both = wanted.merge(found, how="outer", on=keys, indicator=True)
    assert (both["_merge"] == "both").all()
    differs = both["effect"].notna()
    effect = (both["mean_t"] - both["mean_c"])[differs]
    np.testing.assert_allclose(both["effect"][differs], effect, rtol=1e-5, atol=1e-6)
