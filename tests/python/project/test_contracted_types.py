"""A contract names types; what one engine counts in an int, the other in a bigint.

DuckDB builds a model that selects such a number as it is, Spark refuses it: only a cast
gives both the contracted type.
"""

import re

import pytest

RANKED = r"(?:row_number|rank|dense_rank|ntile) over(?: (?!as\b)\w+)?"
COUNTED = r"length|extract|datediff \}\}"
UNCAST = re.compile(rf"\b(?:{RANKED}|{COUNTED})(?: [-+*] [\w.]+)*(?: end)? as (\w+)")


def test_contracted_numbers_are_cast(models):
    wrong = [
        f"{model.name}.{column}"
        for model in models
        if model.language == "sql" and model.config.contract.enforced
        for column in uncast_columns(model.raw_code)
        if column in model.columns
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("selected", "uncast"),
    [
        ("row_number() over (order by n, m) as place", ["place"]),
        ("row_number() over in_order - 1 as place", ["place"]),
        ("case when m then rank() over (order by n) end as place", ["place"]),
        ("{{ dbt.datediff('a', 'b', 'day') }} as days", ["days"]),
        ("length(name) as name_length", ["name_length"]),
        ("cast(row_number() over (order by n) as bigint) as place", []),
        ("row_number() over (order by n) = 1 as is_first", []),
        ("rank() over (order by max(n)) as place from t), last as (select place as n",
         ["place", "n"]),
        ("rank() over (order by n) as place from t), last as (select t.place as place",
         ["place"]),
        ("rank() over (order by n) as place from t), "
         "last as (select cast(place as bigint) as place", []),
    ],
)  # fmt: skip
def test_uncast_columns_are_found(selected, uncast):
    sql = f"with t as (select 1 as m, {selected} from t) select * from t -- (of all"
    assert uncast_columns(sql) == uncast


def uncast_columns(sql):
    """Return the columns that no select casts, under all the names they get."""
    flat = without_parentheses(sql)
    found = UNCAST.findall(flat)
    for column in found:
        others = re.findall(rf"[ .]{column} as (\w+)", flat)
        found += [other for other in others if other not in found]
    cast = re.findall(r"cast as (\w+)", flat)
    return [column for column in found if column not in cast]


def without_parentheses(sql):
    """Cut comments and what stands in parentheses, but for whole selects."""
    flat = " ".join(re.sub(r"--.*", "", sql).split())
    cut = None
    while cut != flat:
        cut, flat = flat, re.sub(r" ?\((?:(?!\bselect\b)[^()])*\)", "", flat)
    return flat
