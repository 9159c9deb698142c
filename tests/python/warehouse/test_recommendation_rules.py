"""Every type of rule in one tiny shop, against lists that Python fills by hand."""

import csv
import shutil
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
SEED = Path("seeds/reference/recommendation_rules.csv")
COLUMNS = next(csv.reader((ROOT / SEED).open(encoding="utf-8")))
LISTS = (
    "+customer_recommendations",
    "+product_recommendations",
    "+recommendation_drops",
)
LENGTH = 10
TODAY = date(2011, 12, 9)
RULES = [
    {"rule_id": "stock", "rule_type": "out_of_stock", "scope": "all"},
    {
        "rule_id": "recalled",
        "rule_type": "exclude",
        "scope": "product",
        "scope_value": "p03",
        "note": "Recalled.",
    },
    {
        "rule_id": "cheap_bags",
        "rule_type": "price_band",
        "scope": "category",
        "scope_value": "bag",
        "country": "Spain",
        "maximum_price": 5,
    },
    {
        "rule_id": "mixture",
        "rule_type": "max_per_category",
        "scope": "all",
        "maximum_count": 2,
    },
    {
        "rule_id": "used_up",
        "rule_type": "repurchase",
        "scope": "category",
        "scope_value": "tea",
        "days": 60,
        "maximum_count": 1,
    },
    {
        "rule_id": "banner",
        "rule_type": "pin",
        "scope": "product",
        "scope_value": "p15",
        "slot": 2,
        "ends_on": "2011-12-09",
    },
    {
        "rule_id": "spanish",
        "rule_type": "pin",
        "scope": "product",
        "scope_value": "p14",
        "country": "Spain",
        "slot": 4,
    },
    {
        "rule_id": "push",
        "rule_type": "boost",
        "scope": "product",
        "scope_value": "p10",
        "factor": 1.1,
    },
    {
        "rule_id": "over",
        "rule_type": "exclude",
        "scope": "product",
        "scope_value": "p01",
        "ends_on": "2011-12-08",
    },
    {
        "rule_id": "to_come",
        "rule_type": "pin",
        "scope": "product",
        "scope_value": "p02",
        "slot": 2,
        "starts_on": "2011-12-10",
    },
]
LIMIT, SLOTS = 2, {"p15": 2, "p14": 4}
CATEGORIES = ["mug", "tea", "lamp", "bag", "clock"] * 3


def write_rules(project, rules):
    with (project / SEED).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rules)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy the project with its seeds, to write other rules; the rest as links."""
    copy = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "seeds" / "reference", copy / "seeds" / "reference")
    names = ("models", "python_models", "macros", "profiles", "tests", "analyses")
    for name in (*names, "dbt_project.yml"):
        (copy / name).symlink_to(ROOT / name)
    return copy


@pytest.fixture(scope="module")
def copied(project, make_builder, tmp_path_factory):
    write_rules(project, RULES)
    return make_builder(tmp_path_factory.mktemp("dbt"), project)


@pytest.fixture(scope="module")
def rows(tiny_shop):
    """The tiny shop with categories, two countries, strangers and a new product."""
    rows = tiny_shop()
    for product, category in zip(rows["products"], CATEGORIES, strict=True):
        product |= {"category": category, "is_in_stock": product["product_id"] != "p05"}
    new = {"product_id": "new", "product_name": "Vase", "category": "vase"}
    rows["products"].append(new | {"is_in_stock": True})
    for number, customer in enumerate(rows["customers"]):
        customer["country"] = "Spain" if number % 3 == 0 else "France"
    strangers = ({"customer_id": f"s{n}", "country": "Spain"} for n in range(3))
    rows["customers"] += [*strangers, {"customer_id": "s9", "country": ""}]
    for event in rows["events"][:5]:
        event |= {"customer_id": "", "anonymous_id": "device"}
    for event in rows["events"][5:]:
        event["anonymous_id"] = ""
    return rows


@pytest.fixture(scope="module")
def folder(copied, rows, write_shop, tmp_path_factory):
    """Build the shop's lists; all laws about them hold on the way."""
    folder = tmp_path_factory.mktemp("ruled")
    variables = {"input": str(write_shop(rows)), "as_of_date": str(TODAY)}
    copied.build(folder, "--select", *LISTS, with_tests=True, **variables)
    return folder


@pytest.fixture(scope="module")
def shop(folder):
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def lists(shop):
    """Each customer's products in order, with the step that each is on."""
    found = defaultdict(list)
    for customer, *row in shop.sql(
        "select customer_id, product_id, ladder_step, rules_applied"
        " from customer_recommendations order by customer_id, recommendation_rank"
    ).fetchall():
        found[customer].append(tuple(row))
    return dict(found)


@pytest.fixture(scope="module")
def sold(rows):
    """Order lines that are no cancellations, the earliest first."""
    lines = [line for line in rows["order_lines"] if not line["is_cancelled"]]
    return sorted(lines, key=lambda line: line["ordered_at"])


def test_lists_are_those_that_python_fills(shop, rows, sold, lists):
    countries = {row["customer_id"]: row["country"] for row in rows["customers"]}
    champion, ladder = suggestions(shop), fallbacks(shop)
    categories = {row["product_id"]: row["category"] for row in rows["products"]}
    assert len(lists) == 45
    for customer, found in lists.items():
        country = countries.get(customer) or "unknown"
        bought = [line for line in sold if line["customer_id"] == customer]
        expected = fill(
            wanted(country, bought, champion[customer], ladder[country], categories),
            barred(country, rows, sold),
            {line["product_id"] for line in bought},
            categories,
        )
        assert [(product, step) for product, step, _ in found] == expected


def suggestions(shop):
    """What the champion suggests to each customer, in the order of boosted places."""
    found = defaultdict(list)
    for customer, product, rank in shop.sql(
        "select customer_id, product_id, recommendation_rank"
        " from served_recommendations"
        " join feat_customer__index using (customer_index)"
        " join feat_product__index using (product_index)"
    ).fetchall():
        found[customer].append((boosted(product, rank), product))
    return defaultdict(list, {who: in_order(found[who]) for who in found})


def fallbacks(shop):
    """Each country's products by step: popular there, popular, the others."""
    popular = defaultdict(list)
    for audience, product, rank in shop.sql(
        "select audience, product_id, popularity_rank"
        " from feat_window_product__popularity"
        " join feat_product__index using (product_index)"
        " where window_name = 'serving'"
        " and model_name in ('popularity', 'popularity_country')"
    ).fetchall():
        popular[audience].append((boosted(product, rank), product))
    products = [f"p{number:02}" for number in range(1, 16)]
    rest = [(5, product) for product in ["new", *products]]
    everybody = [(4, product) for product in in_order(popular["everybody"])]
    return {
        country: [(3, product) for product in in_order(popular[country])]
        + everybody
        + rest
        for country in ("France", "Spain", "unknown")
    }


def boosted(product, rank):
    return -(1.1 if product == "p10" else 1) / (60 + rank)


def in_order(scored):
    return [product for _, product in sorted(scored)]


def wanted(country, bought, champion, ladder, categories):
    """Steps and products in order of precedence, before any rule keeps one out."""
    pins = ["p15", "p14"] if country == "Spain" else ["p15"]
    days, last = Counter(), {}
    for product, day in {(line["product_id"], order_day(line)) for line in bought}:
        days[product] += 1
        last[product] = max(day, last.get(product, day))
    due = [
        (-days[product], last[product], product)
        for product in days
        if categories[product] == "tea" and (TODAY - last[product]).days >= 60
    ]
    return [
        *((0, product) for product in pins),
        *((1, product) for *_, product in sorted(due)),
        *((2, product) for product in champion),
        *ladder,
    ]


def order_day(line):
    return datetime.fromisoformat(line["ordered_at"]).date()


def barred(country, rows, sold):
    prices = {line["product_id"]: line["unit_price"] for line in sold}
    dear = {
        row["product_id"]
        for row in rows["products"]
        if row["category"] == "bag" and prices.get(row["product_id"], 99) > 5
    }
    return {"p03", "p05"} | (dear if country == "Spain" else set())


def fill(wanted, barred, owned, categories):
    """Take what is allowed, step by step, and put the pins into their slots."""
    taken, steps, used = {}, Counter(), Counter()
    for step, product in wanted:
        is_allowed = product not in barred | taken.keys()
        is_allowed &= (product in owned) == (step == 1)
        is_allowed &= used[categories[product]] < LIMIT
        is_allowed &= step != 1 or steps[1] < 1
        if is_allowed and len(taken) < LENGTH:
            taken[product] = step
            used[categories[product]] += 1
            steps[step] += 1
    found = [(product, step) for product, step in taken.items() if step]
    pins = [product for product, step in taken.items() if not step]
    for product in sorted(pins, key=SLOTS.get):
        found.insert(SLOTS[product] - 1, (product, 0))
    return found


def test_every_rule_that_holds_left_its_mark(shop, lists):
    applied = {
        rule
        for products in lists.values()
        for *_, rules in products
        for rule in (rules or "").split(", ")
    }
    assert applied == {"", "banner", "spanish", "used_up", "push"}
    drops = shop.sql(
        "select distinct rule_id, customer_id is null, country, reason"
        " from recommendation_drops where rule_id <> 'mixture'"
    ).fetchall()
    assert ("stock", True, None, "out of stock") in drops
    assert ("recalled", True, None, "Recalled.") in drops
    assert {drop[:3] for drop in drops if drop[0] == "cheap_bags"} == {
        ("cheap_bags", True, "Spain")
    }
    assert len({drop[0] for drop in drops}) == 3


def test_limits_drop_what_the_lists_would_have_shown(shop, lists):
    drops = shop.sql(
        "select customer_id, product_id, recommendation_rank"
        " from recommendation_drops where rule_id = 'mixture'"
    ).fetchall()
    assert drops
    for customer, product, rank in drops:
        assert rank <= LENGTH
        assert product not in {found for found, *_ in lists[customer]}


def test_rules_hold_for_products_too(shop):
    found = shop.sql(
        "select recommendation_type, product_id, list(recommended_product_id)"
        " from product_recommendations group by all"
    ).fetchall()
    assert len(found) == 4 * 16
    for _, product, recommended in found:
        assert len(recommended) == LENGTH
        assert not {"p03", "p05", product} & set(recommended)


def test_bad_rule_stops_the_build(copied, project, folder, tmp_path):
    shutil.copy(folder / "warehouse.duckdb", tmp_path)
    write_rules(project, [RULES[1] | {"rule_id": "bad", "rule_type": "hide"}])
    selected = ("recommendation_rules", "active_recommendation_rules")
    with pytest.raises(AssertionError, match="recommendation_rules_make_sense"):
        copied.build(tmp_path, "--select", *selected, with_tests=True)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        kept = warehouse.sql("select rule_id from active_recommendation_rules")
        assert ("bad",) not in kept.fetchall()
