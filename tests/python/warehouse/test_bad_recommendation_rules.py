"""Every rule that makes no sense has one message, before it makes a wrong list."""

import csv
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
SEED = ROOT / "seeds" / "reference" / "recommendation_rules.csv"
COLUMNS = next(csv.reader(SEED.open(encoding="utf-8")))


@pytest.fixture(scope="module")
def check(compiled_check):
    return compiled_check("recommendation_rules_make_sense")


def problems(check, rules, tmp_path):
    """What the check says of rules, each of which is made of columns."""
    path = tmp_path / "rules.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rules)
    types = dict.fromkeys(COLUMNS, "varchar")
    types |= dict.fromkeys(("minimum_price", "maximum_price"), "decimal(18, 4)")
    types |= dict.fromkeys(("maximum_count", "days", "slot"), "bigint")
    types |= dict.fromkeys(("starts_on", "ends_on"), "date") | {"factor": "double"}
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            "create table recommendation_rules as "
            f"from read_csv('{path}', header = true, columns = {types})"
        )
        return sorted(warehouse.sql(check).fetchall())


EXCLUDE = {"rule_type": "exclude", "scope": "product", "scope_value": "p"}
PIN = {"rule_type": "pin", "scope": "product", "scope_value": "p", "slot": 1}
LIMIT_ALL = {"rule_type": "max_per_category", "scope": "all", "maximum_count": 1}
AGAIN = {"rule_type": "repurchase", "scope": "all", "days": 9, "maximum_count": 1}
BAND = {"rule_type": "price_band", "scope": "all", "minimum_price": 1}
BOOST = {"rule_type": "boost", "scope": "category", "scope_value": "c", "factor": 2}
GOOD = (EXCLUDE, PIN, LIMIT_ALL, AGAIN, BAND, BOOST)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (EXCLUDE | {"rule_type": "hide"}, "rule_type is not known: hide"),
        (EXCLUDE | {"rule_type": ""}, "rule_type is not known: empty"),
        (EXCLUDE | {"scope": "brand"}, "scope must be all, product or category"),
        (EXCLUDE | {"scope_value": ""}, "scope_value is missing"),
        (BAND | {"scope_value": "p"}, "scope_value must be empty for scope all"),
        (
            EXCLUDE | {"scope": "all", "scope_value": ""},
            "scope of exclude must be product or category",
        ),
        (PIN | {"scope": "category"}, "scope of pin must be product"),
        (
            LIMIT_ALL | {"scope": "product", "scope_value": "p"},
            "scope of max_per_category must be all or category",
        ),
        (BAND | {"minimum_price": ""}, "minimum_price or maximum_price is missing"),
        (BAND | {"minimum_price": -1}, "prices must be >= 0"),
        (BAND | {"maximum_price": 0.5}, "minimum_price is above maximum_price"),
        (LIMIT_ALL | {"maximum_count": 0}, "maximum_count must be >= 1"),
        (AGAIN | {"maximum_count": ""}, "maximum_count must be >= 1"),
        (AGAIN | {"days": ""}, "days must be >= 1"),
        (PIN | {"slot": ""}, "slot must be 1 to 10"),
        (PIN | {"slot": 11}, "slot must be 1 to 10"),
        (BOOST | {"factor": 0}, "factor must be 0.001 to 1000"),
        (BOOST | {"factor": -2}, "factor must be 0.001 to 1000"),
        (BOOST | {"factor": ""}, "factor must be 0.001 to 1000"),
        (
            EXCLUDE | {"starts_on": "2020-01-02", "ends_on": "2020-01-01"},
            "ends_on is before starts_on",
        ),
    ],
)
def test_bad_rule_has_one_message(check, rule, problem, tmp_path):
    good = [row | {"rule_id": f"good{n}"} for n, row in enumerate(GOOD)]
    good[1]["scope_value"], good[1]["slot"] = "other", 5
    rules = [*good, rule | {"rule_id": "bad"}]
    assert problems(check, rules, tmp_path) == [("bad", problem)]


def test_rules_of_the_docs_make_sense(check, tmp_path):
    page = (ROOT / "docs/capabilities/recommendations.md").read_text(encoding="utf-8")
    example = page.split("```csv\n")[1].split("```")[0].splitlines()
    rules = list(csv.DictReader(example))
    assert {rule["rule_type"] for rule in rules} == {
        "boost",
        "exclude",
        "max_per_category",
        "out_of_stock",
        "pin",
        "price_band",
        "repurchase",
    }
    assert example[:2] == SEED.read_text(encoding="utf-8").splitlines()
    assert problems(check, rules, tmp_path) == []


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ({}, {"scope_value": "q"}, "pinned to the same slot as b"),
        ({}, {"slot": 2}, "pins the same product as b"),
        ({"country": "Spain"}, {"scope_value": "q"}, "pinned to the same slot as b"),
        (
            {"ends_on": "2020-01-01"},
            {"starts_on": "2020-01-01", "scope_value": "q"},
            "pinned to the same slot as b",
        ),
        ({"country": "Spain"}, {"country": "Italy", "scope_value": "q"}, None),
        (
            {"ends_on": "2020-01-01"},
            {"starts_on": "2020-01-02", "scope_value": "q"},
            None,
        ),
    ],
)
def test_pins_must_not_meet(check, first, second, problem, tmp_path):
    rules = [PIN | {"rule_id": "a"} | first, PIN | {"rule_id": "b"} | second]
    expected = [("a", problem)] if problem else []
    assert problems(check, rules, tmp_path) == expected
