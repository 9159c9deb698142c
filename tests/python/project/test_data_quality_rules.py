"""The seed data_quality_rules lists the rules of the checked_ models, and no others."""

import csv
import re

import pytest

SAME_KEY = "same_key_other_content"


@pytest.fixture(scope="module")
def documented(repository):
    path = repository / "seeds" / "reference" / "data_quality_rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["table_name"], row["rule_id"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def checked(models):
    return [model for model in models if model.name.startswith("checked_")]


def test_the_seed_lists_exactly_the_rules_of_the_models(
    repository, checked, documented
):
    timestamp_rules = repository / "macros" / "quality" / "timestamp_rules.sql"
    suffixes = re.findall(r"column ~ '(_\w+)':", timestamp_rules.read_text())
    applied = [
        (model.name.removeprefix("checked_"), rule)
        for model in checked
        for rule in _rules(model.raw_code, suffixes)
    ]
    assert sorted(documented) == sorted(applied)


def test_every_raw_table_is_checked(models, checked):
    raw = {model.name for model in models if model.name.startswith("raw_")}
    assert {model.name.replace("checked_", "raw_") for model in checked} == raw


def _rules(sql, timestamp_suffixes):
    """The reasons that `rejections` takes, and the one of rows with the same key."""
    (call,) = re.findall(r"\{\{ rejections\((.*?)\) \}\} as rejection", sql, re.S)
    rules = set(re.findall(r"'(\w+)':", call))
    for column in re.findall(r"timestamp_rules\('(\w+)'\)", call):
        rules |= {column + suffix for suffix in timestamp_suffixes}
    # Where the whole row is the key, rows with the same key say the same.
    key, content = _listed("row_status", sql), _listed("content", sql)
    if key != {"row_content"} and not content <= key:
        rules.add(SAME_KEY)
    return sorted(rules)


def _listed(macro, sql):
    """What a macro of one list is called with."""
    (call,) = re.findall(macro + r"\(\[(.*?)\]\)", sql, re.S)
    return set(re.findall(r"'([^']+)'", call))
