"""When a model is fitted, what is stamped on it, and what its code is."""

import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

import mercato
from mercato.versions import (
    _imported_modules,
    _installed,
    code_fingerprints,
    fit_or_reuse,
)

DBT = SimpleNamespace(this=SimpleNamespace(schema="main", identifier="py_shares"))
STAMPS = ["version_id", "fitted_at", "fit_seconds"]


class Shares:
    """A model that counts how often it was fitted."""

    def __init__(self):
        self.fits = 0

    def __call__(self):
        self.fits += 1
        return pa.table({"share": [0.25, 0.75], "fit": [self.fits] * 2})


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def shares():
    return Shares()


def versions(session, **version_ids):
    rows = [
        {"model_name": name, "version_id": version}
        for name, version in version_ids.items()
    ]
    schema = pa.schema([("model_name", pa.string()), ("version_id", pa.string())])
    return session.from_arrow(pa.Table.from_pylist(rows, schema=schema))


def build(session, version_id, fit):
    """Do what dbt does with a model and its history; return the model's rows."""
    rows = fit_or_reuse(DBT, session, versions(session, py_shares=version_id), fit)
    rows.create("py_shares__new")
    session.execute("drop table if exists py_shares")
    session.execute("alter table py_shares__new rename to py_shares")
    session.execute(
        "create table if not exists py_shares_history as from py_shares limit 0"
    )
    session.execute(
        "insert into py_shares_history from py_shares "
        "where version_id not in (select version_id from py_shares_history)"
    )
    return session.sql("from py_shares order by share").fetchall()


def test_first_version_is_fitted_and_stamped(session, shares):
    relation = fit_or_reuse(DBT, session, versions(session, py_shares="a1"), shares)
    assert relation.columns == ["share", "fit", *STAMPS]
    types = [str(data_type) for data_type in relation.types]
    assert types[2:] == ["VARCHAR", "TIMESTAMP", "DOUBLE"]
    rows = relation.order("share").fetchall()
    assert [row[:3] for row in rows] == [(0.25, 1, "a1"), (0.75, 1, "a1")]
    assert all(seconds >= 0 for *_, seconds in rows)


def test_same_version_is_not_fitted_again(session, shares):
    first = build(session, "a1", shares)
    assert build(session, "a1", shares) == first
    assert shares.fits == 1


def test_other_version_is_fitted_and_the_old_one_comes_back(session, shares):
    first = build(session, "a1", shares)
    assert build(session, "b2", shares) != first
    assert build(session, "a1", shares) == first
    assert shares.fits == 2


def test_version_that_no_history_holds_is_taken_from_the_table(session, shares):
    first = build(session, "a1", shares)
    session.execute("drop table py_shares_history")
    assert build(session, "a1", shares) == first


def test_build_without_rows_fits_nothing_that_stays(session, shares):
    relation = fit_or_reuse(DBT, session, versions(session), shares)
    assert relation.columns == ["share", "fit", *STAMPS]
    assert relation.fetchall() == []


def test_model_without_a_version_is_refused(session, shares):
    message = "current_model_versions: expected one row for py_shares, found 0."
    with pytest.raises(LookupError, match=message):
        fit_or_reuse(DBT, session, versions(session, py_other="a1"), shares)


@pytest.fixture
def library(tmp_path):
    """Write a library: b, c and d import each other, e stands alone, p is a package."""
    for name, source in {
        "__init__": "",
        "__main__": "import mercato.b",
        "b": "from mercato import c\nimport json\n",
        "c": "def f():\n    from mercato.d import g\n    import numpy\n",
        "d": "from . import b\ndef g(): ...\n",
        "e": "import os\n",
        "p/__init__": "",
        "p/__main__": "import mercato.p.x",
        "p/x": "from mercato.p import y\n",
        "p/y": "from .. import e\nfrom .z import h\n",
        "p/z": "def h(): ...\n",
        "cli/__init__": "import mercato.b",
        "cli/main": "import mercato.b",
    }.items():
        module = tmp_path / f"{name}.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text(source)
    return tmp_path


def fingerprints(library):
    table = code_fingerprints(library)
    assert table.column_names == ["module_name", "code_fingerprint"]
    return {
        row["module_name"].removeprefix("mercato."): row["code_fingerprint"]
        for row in table.to_pylist()
    }


def test_fingerprints_are_of_modules_and_repeatable(library):
    found = fingerprints(library)
    assert list(found) == ["mercato", "b", "c", "d", "e", "p", "p.x", "p.y", "p.z"]
    assert found == fingerprints(library)
    assert all(len(bytes.fromhex(text)) == 32 for text in found.values())


@pytest.mark.parametrize(
    ("changed", "affected"),
    [
        ("b", {"b", "c", "d"}),
        ("c", {"b", "c", "d"}),
        ("d", {"b", "c", "d"}),
        ("e", {"e", "p.x", "p.y"}),
        ("p/__init__", {"p", "p.x", "p.y", "p.z"}),
        ("p/x", {"p.x"}),
        ("p/z", {"p.x", "p.y", "p.z"}),
        ("__init__", {"mercato", "b", "c", "d", "e", "p", "p.x", "p.y", "p.z"}),
        ("__main__", set()),
        ("cli/main", set()),
    ],
)
def test_changed_line_reaches_what_imports_it(library, changed, affected):
    before = fingerprints(library)
    with (library / f"{changed}.py").open("a") as module:
        module.write("# changed\n")
    after = fingerprints(library)
    assert {name for name in before if before[name] != after[name]} == affected


def test_package_version_reaches_what_imports_it(library, monkeypatch):
    before = fingerprints(library)
    monkeypatch.setattr("mercato.versions.metadata.version", lambda name: "99")
    after = fingerprints(library)
    assert {name for name in before if before[name] != after[name]} == {"b", "c", "d"}


def test_library_itself_has_a_fingerprint_of_each_module():
    names = code_fingerprints()["module_name"].to_pylist()
    assert {"mercato.similarity", "mercato.recommenders.svd"} < set(names)
    assert not any("cli" in name or "__" in name for name in names)
    assert names == sorted(names)


def test_every_package_that_the_library_imports_is_in_the_fingerprints():
    """Those whose package has another name than its module have to be known."""
    folder = Path(mercato.__file__).parent
    files = set(folder.rglob("*.py")) - set(folder.glob("cli/*.py"))
    sources = [file.read_text(encoding="utf-8") for file in files]
    imported = set().union(
        *(_imported_modules(source, "mercato") for source in sources)
    )
    tops = {name.split(".")[0] for name in imported} - {"mercato", ""}
    others = {top for top in tops if top not in sys.stdlib_module_names}
    unknown = {top for top in others if not _installed(top)}
    assert unknown <= {"torch"}
