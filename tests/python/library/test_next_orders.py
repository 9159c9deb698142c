import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import statsmodels.api as sm

from mercato.next_orders import (
    NEXT_ORDERS_SCHEMA,
    TOO_FEW_REPEAT_PURCHASES,
    fitted_lines,
    next_orders,
)

END = 400


def purchases_of(histories, window="test", end=END):
    """The rows of customers, each a list of (day, amount), as SQL hands them over."""
    rows = []
    for customer, history in enumerate(histories):
        days, amounts = zip(*history, strict=True)
        for number, day in enumerate(days, start=1):
            has_next = number < len(days)
            rows.append(
                {
                    "window_name": window,
                    "customer_id": f"c{customer:05}",
                    "purchase_number": number,
                    "mean_gap_days": (day - days[0]) / (number - 1)
                    if number > 1
                    else None,
                    "mean_amount": float(np.mean(amounts[:number])),
                    "elapsed_days": end - day,
                    "next_gap_days": days[number] - day if has_next else None,
                    "next_amount": float(amounts[number]) if has_next else None,
                }
            )
    floats = ("mean_gap_days", "mean_amount", "next_amount")
    columns = rows[0] if rows else dict.fromkeys(NEXT_ORDERS_SCHEMA.names)
    types = {name: pa.float64() if name in floats else pa.int64() for name in columns}
    types |= {"window_name": pa.string(), "customer_id": pa.string()}
    return pa.Table.from_pylist(rows, pa.schema(list(types.items())))


def draw(size, seed, end=END):
    """Customers who wait for log-normal times: purchases up to the end and after it."""
    rng = np.random.default_rng(seed)
    known, later = [], []
    for _ in range(size):
        typical, day, days = rng.normal(3.5, 0.4), int(rng.integers(0, 150)), []
        while day <= end:
            days.append(day)
            day += max(1, round(np.exp(typical + rng.normal(0, 0.5))))
        amounts = np.exp(rng.normal(3, 0.5) + rng.normal(0, 0.4, len(days) + 1))
        known.append(list(zip(days, amounts[:-1].tolist(), strict=True)))
        later.append((day - end, amounts[-1]))
    return known, np.array(later)


def parted(purchases):
    """Those that were followed by another, and the last ones by customer."""
    is_learned = pc.is_valid(purchases["next_gap_days"])
    last = purchases.filter(pc.invert(is_learned))
    return purchases.filter(is_learned), last.sort_by("customer_id")


def found_in(purchases):
    """Do what the Python model does."""
    learned, last = parted(purchases)
    return next_orders(fitted_lines(learned), last)


@pytest.fixture(scope="module")
def drawn():
    known, later = draw(1500, seed=8)
    return purchases_of(known), later


@pytest.fixture(scope="module")
def found(drawn):
    return found_in(drawn[0])


def test_rows_are_those_of_the_schema_sorted(found):
    assert found.schema == NEXT_ORDERS_SCHEMA
    customers = found["customer_id"].to_pylist()
    assert customers == sorted(set(customers))
    assert len(found) == 1500


def test_amounts_are_those_of_statsmodels(drawn, found):
    rows = drawn[0].to_pandas()
    design = np.column_stack(
        [
            np.ones(len(rows)),
            np.log(rows["purchase_number"]),
            np.log(rows["mean_amount"]),
        ]
    )
    is_learned = rows["next_amount"].notna()
    fit = sm.OLS(np.log(rows.loc[is_learned, "next_amount"]), design[is_learned]).fit()
    frame = fit.get_prediction(design[~is_learned]).summary_frame(alpha=0.2)
    for name, column in (
        ("expected_amount", "mean"),
        ("expected_amount_lower", "obs_ci_lower"),
        ("expected_amount_upper", "obs_ci_upper"),
    ):
        np.testing.assert_allclose(found[name], np.exp(frame[column]), rtol=1e-8)


def test_bounds_hold_as_often_as_promised(drawn, found):
    for place, name in enumerate(("expected_days", "expected_amount")):
        middle, lower, upper = (
            found[name + bound].to_numpy() for bound in ("", "_lower", "_upper")
        )
        came = drawn[1][:, place]
        covered = (lower <= came) & (came <= upper)
        # Gaps that had no time to end are not learned from; see the capability's page.
        assert 0.74 < covered.mean() < 0.86, name
        assert 0.4 < (came <= middle).mean() < 0.6, name


def test_the_order_of_rows_changes_nothing(drawn, found):
    table = drawn[0]
    order = np.random.default_rng(1).permutation(len(table))
    assert found_in(table.take(order)).equals(found)


def test_parts_join_without_a_seam(drawn, found):
    learned, last = parted(drawn[0])
    lines = fitted_lines(learned)
    tables = [next_orders(lines, last.slice(at, 7)) for at in range(0, len(last), 7)]
    parts = pa.concat_tables(tables)
    assert parts["customer_id"].equals(found["customer_id"])
    for name in ("expected_days", "expected_amount_upper"):
        np.testing.assert_allclose(parts[name], found[name], rtol=1e-12)


def test_whoever_waited_long_waits_on():
    known, _ = draw(300, seed=2)
    late = [[(0, 20.0)], [(END - 1, 20.0)]]
    table = found_in(purchases_of(known + late)).slice(300)
    [waiting, fresh] = table["expected_days"].to_pylist()
    assert waiting > fresh > 0


def test_windows_do_not_know_each_other(drawn, found):
    other = purchases_of(draw(50, seed=3)[0], window="serving")
    both = found_in(pa.concat_tables([drawn[0], other]))
    assert both.slice(50).equals(found)


def test_equal_customers_are_certain():
    table = found_in(purchases_of([[(300, 10.0), (330, 10.0), (360, 10.0)]] * 5))
    assert set(table["status"].to_pylist()) == {"ok"}
    for name in ("expected_days", "expected_days_lower", "expected_days_upper"):
        # Forty days have passed of the thirty that it always took.
        np.testing.assert_allclose(table[name], 0, atol=1e-9)
    np.testing.assert_allclose(table["expected_amount_upper"], 10)


@pytest.mark.parametrize(
    "histories",
    [[[(10, 5.0)]], [[(10, 5.0)]] * 3, [[(10, 5.0), (20, 5.0)]]],
    ids=["one order", "one order each", "one gap"],
)
def test_too_little_says_so(histories):
    table = found_in(purchases_of(histories))
    assert len(table) == len(histories)
    assert set(table["status"].to_pylist()) == {TOO_FEW_REPEAT_PURCHASES}
    assert table["expected_days"].null_count == len(table)
    assert table["expected_amount_upper"].null_count == len(table)


def test_no_customers():
    table = purchases_of([[(1, 1.0)]]).slice(0, 0)
    assert found_in(table).equals(NEXT_ORDERS_SCHEMA.empty_table())
