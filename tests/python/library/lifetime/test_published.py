"""Real customers: published numbers, and those of the package lifetimes 0.11.3.

The numbers were made with lifetimes' fitters (tol=1e-8, no penalizer) on what
`summaries` returns, in an environment of its own.
"""

import importlib.util
from pathlib import Path

import duckdb
import numpy as np
import pytest

from mercato.lifetime import bg_nbd, gamma_gamma, pareto_nbd
from mercato.lifetime.histories import histories

DATA = Path(__file__).parents[5] / "shared/data"
APPAREL = DATA / "clvtools/apparelTrans.parquet"
RETAIL = DATA / "online_retail_II/union_dedup_2009_2011.parquet"
PURCHASES = {
    APPAREL: """
        select Id as customer_id, cast(Date as date) as day, Price as amount
        from read_parquet('{file}')
        """,
    RETAIL: """
        select
            customer_id,
            cast(invoice_ts as date) as day,
            quantity * unit_price as amount
        from read_parquet('{file}')
        where
            customer_id is not null and invoice not like 'C%'
            and quantity > 0 and unit_price > 0
        """,
}

# By file: parameters, then what is expected within 90 days of customers with 0, 1 and 5
# purchases, the last at 0, 20 and 10 weeks, of the ages 30, 20 and 40.
ORDERS = {
    (APPAREL, bg_nbd): (
        [0.442714046, 14.172223054, 0.669302793, 3.325711885],
        [0.124650982, 0.426945325, 0.146098716],
    ),
    (APPAREL, pareto_nbd): (
        [1.388112609, 47.619338391, 0.664410724, 60.760057024],
        [0.152537559, 0.431980356, 0.377507520],
    ),
    (RETAIL, bg_nbd): (
        [0.663527091, 9.033646601, 0.108643463, 2.415695434],
        [0.216188145, 0.693575169, 0.319072252],
    ),
    (RETAIL, pareto_nbd): (
        [0.738702767, 10.280649130, 0.182327556, 55.276014802],
        [0.205527173, 0.727465536, 0.462190406],
    ),
}
# Parameters, then the expected amounts of customers with 0 purchases, with 2 of 20 and
# with 10 of 50 on average, and the correlation of frequency and amount.
AMOUNTS = {
    APPAREL: (
        [2.521177912, 9.834629152, 131.796769987],
        [37.61143786, 31.21212732, 46.78531869],
        0.013720750,
    ),
    RETAIL: (
        [2.161590256, 3.505135122, 466.165497514],
        [402.23730386, 160.23313304, 86.58225872],
        0.022313552,
    ),
}


def summaries(file):
    if not file.exists():
        pytest.skip(f"the data file {file.name} is not at hand")
    return duckdb.sql(
        f"""
        with days as (
            select customer_id, day, sum(amount) as amount
            from ({PURCHASES[file].format(file=file)})
            group by all
            having sum(amount) > 0
        ),
        placed as (
            select
                *,
                min(day) over (partition by customer_id) as first_day,
                max(day) over () as last_day
            from days
        )
        select
            count(*) - 1 as frequency,
            (max(day) - min(day)) / 7 as recency,
            (max(last_day) - min(day)) / 7 as age,
            avg(amount) filter (day > first_day) as amount
        from placed
        group by customer_id
        """
    ).fetchnumpy()


@pytest.mark.parametrize(("file", "model"), ORDERS)
def test_orders_are_those_of_lifetimes(file, model):
    parameters, orders = ORDERS[file, model]
    known = summaries(file)
    fit = model.fit(histories(known["frequency"], known["recency"], known["age"]))
    assert fit.status == "ok"
    np.testing.assert_allclose(fit.parameters, parameters, rtol=1e-4)
    asked = [
        histories([x], [t], [age])
        for x, t, age in [(0, 0, 30), (1, 20, 20), (5, 10, 40)]
    ]
    found = [
        model.probability_alive(fit.parameters, one)
        * model.expected_orders_if_alive(fit.parameters, one.frequency, one.age, 90 / 7)
        for one in asked
    ]
    np.testing.assert_allclose(np.ravel(found), orders, rtol=1e-4)


@pytest.mark.parametrize("file", AMOUNTS)
def test_amounts_are_those_of_lifetimes(file):
    parameters, values, correlation = AMOUNTS[file]
    known = summaries(file)
    came_back = known["frequency"] > 0
    frequency = known["frequency"][came_back].astype(float)
    amount = np.asarray(known["amount"][came_back], float)
    fit = gamma_gamma.fit(frequency, amount)
    np.testing.assert_allclose(fit.parameters, parameters, rtol=1e-4)
    found = gamma_gamma.expected_order_value(
        fit.parameters, np.array([0, 2, 10]), np.array([0, 20, 50])
    )
    np.testing.assert_allclose(found, values, rtol=1e-4)
    assert gamma_gamma.frequency_value_correlation(frequency, amount) == pytest.approx(
        correlation, abs=1e-6
    )


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood"),
    [
        (bg_nbd, [0.243, 4.414, 0.793, 2.426], -9582.4),
        (pareto_nbd, [0.553, 10.578, 0.606, 11.669], -9595.0),
    ],
)
def test_published_parameters_of_cdnow(model, parameters, log_likelihood):
    """Fader, Hardie & Lee (2005), table 2; lifetimes brings their data."""
    package = importlib.util.find_spec("lifetimes")
    if package is None:
        pytest.skip("the package lifetimes is not installed")
    file = Path(package.origin).parent / "datasets/cdnow_customers_summary.csv"
    known = duckdb.read_csv(str(file)).fetchnumpy()
    columns = (known[name] for name in ("frequency", "recency", "T"))
    fit = model.fit(histories(*columns))
    np.testing.assert_allclose(fit.parameters, parameters, rtol=5e-3)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.06)
