"""The slot follows its policy, and taste decides what is taken from it."""

import pandas as pd
import pytest
from scipy.stats import chi2_contingency, chisquare

PROPENSITIES = {0.05: 10, 0.0125: 40}


@pytest.fixture(scope="module")
def shown(sample):
    rows = sample.execute("""
        select * replace (
            shown_at::timestamptz as shown_at, propensity::double as propensity
        )
        from recommendation_exposures
    """).df()
    return rows.assign(shown_at=rows["shown_at"].dt.tz_convert("UTC"))


@pytest.fixture(scope="module")
def goods(sample):
    """Product codes of goods that known customers bought, with the time."""
    bought = sample.execute("""
        select order_id, customer_id, product_id, ordered_at::timestamp as ordered_at
        from order_lines
        where
            customer_id is not null and is_cancelled = 'false' and quantity::int > 0
            and regexp_matches(product_id, '^[0-9]{5}[A-Za-z]{0,2}$')
    """).df()
    bought["ordered_at"] = bought["ordered_at"].dt.tz_localize("UTC")
    return bought.drop_duplicates(["order_id", "product_id"])


@pytest.fixture(scope="module")
def owners(sample):
    """The one customer of each device that has one."""
    return sample.execute("""
        select anonymous_id, any_value(customer_id) as owner_id
        from events where customer_id is not null
        group by anonymous_id having count(distinct customer_id) = 1
    """).df()


@pytest.fixture(scope="module")
def answers(sample, shown, owners):
    """What was shown, to whom, and whether it went into the cart within a minute."""
    added = sample.execute("""
        select anonymous_id, product_id, occurred_at::timestamptz as added_at
        from events where event_type = 'add_to_cart'
    """).df()
    pairs = shown.merge(added, on=["anonymous_id", "product_id"])
    waited = pairs["added_at"] - pairs["shown_at"]
    is_soon = (waited > pd.Timedelta(0)) & (waited < pd.Timedelta("11s"))
    taken = set(pairs["exposure_id"][is_soon])
    known = shown.merge(owners, how="left", on="anonymous_id")
    known["owner_id"] = known["customer_id"].fillna(known["owner_id"])
    return known.assign(is_taken=known["exposure_id"].isin(taken))


def test_each_product_is_shown_as_often_as_its_propensity_says(shown):
    products = shown.groupby("product_id")["propensity"].agg(["count", "min", "max"])
    assert (products["min"] == products["max"]).all()
    assert products["min"].value_counts().to_dict() == PROPENSITIES
    assert chisquare(products["count"], products["min"] * len(shown)).pvalue > 0.01


def test_products_in_the_slot_are_those_in_most_orders_before(shown, goods):
    before = goods[goods["ordered_at"] < pd.Timestamp("2011-09-10", tz="UTC")]
    orders = before.groupby("product_id")["order_id"].nunique()
    least = orders[shown["product_id"].unique()].min()
    assert (orders > least).sum() < 50 <= (orders >= least).sum()


def test_slot_is_there_in_the_last_90_days(shown):
    assert shown["exposure_id"].is_unique
    assert shown["shown_at"].min() >= pd.Timestamp("2011-09-10", tz="UTC")
    assert shown["shown_at"].max() < pd.Timestamp("2011-12-09", tz="UTC")


def test_what_fits_the_taste_of_the_customer_is_taken_more_often(answers, goods):
    pairs = goods.merge(goods, on="order_id", suffixes=("", "_beside"))
    pairs = pairs[pairs["product_id"] != pairs["product_id_beside"]]
    counts = pairs.groupby(["product_id", "product_id_beside"]).size()
    near = counts[counts >= 2].rename("orders").reset_index()
    near = near.sort_values(
        ["product_id", "orders", "product_id_beside"], ascending=[True, False, True]
    )
    near = near.groupby("product_id").head(2)
    tastes = goods.merge(near, on="product_id").groupby(
        ["customer_id", "product_id_beside"]
    )["ordered_at"]
    since = tastes.min().rename("known_since").reset_index()
    since.columns = ["owner_id", "product_id", "known_since"]
    fits = answers.merge(since, how="left", on=["owner_id", "product_id"])
    is_to_taste = (fits["known_since"] < fits["shown_at"]).rename("is_to_taste")
    table = pd.crosstab(is_to_taste, fits["is_taken"])
    rates = table[True] / table.sum(axis="columns")
    assert rates[False] < 0.1
    assert rates[True] > 0.18
    assert chi2_contingency(table).pvalue < 1e-9
