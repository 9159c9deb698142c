"""The command line: what it refuses and how it answers."""

import duckdb
import pytest

from mercato.cli import main
from mercato.cli.build import build_variables
from mercato.cli.project import UsageError, find_project


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Give the root of a project that has published one table."""
    monkeypatch.delenv("MERCATO_WAREHOUSE", raising=False)
    monkeypatch.delenv("MERCATO_PUBLISHED", raising=False)
    (tmp_path / "dbt_project.yml").touch()
    (tmp_path / "shop").mkdir()
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published/warehouse.duckdb")) as connection:
        connection.execute("create table numbers as from range(100) as r(n)")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "nowhere"], "--input == nowhere, must be a folder, 'sample' or"),
        (["--as-of", "2011-13-01"], "--as-of == 2011-13-01, must be a date such as"),
        (["--vars", "[1]"], "--vars == [1], must be a YAML mapping"),
        (["--vars", "{"], "--vars == {, must be a YAML mapping"),
        (["--project-dir", "shop"], "shop: run mercato inside the project"),
    ],
)
def test_bad_request_is_refused_before_anything_runs(root, capsys, arguments, message):
    assert main(["build", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (root / "build").exists()


def test_options_win_over_variables(root):
    project = find_project()
    text = "{input: sample, keep_versions: 5}"
    assert build_variables(project, "shop", "2011-12-09", text) == {
        "input": "shop",
        "as_of_date": "2011-12-09",
        "keep_versions": 5,
    }


@pytest.mark.parametrize("source", ["sample", "tables:raw", "tables:shop.raw"])
def test_input_that_is_no_folder_is_passed_on(root, source):
    assert build_variables(find_project(), source, None, None) == {"input": source}


def test_input_is_relative_to_where_the_user_is(root, monkeypatch, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    project = find_project()
    monkeypatch.chdir(root / "shop")
    assert build_variables(project, ".", None, None) == {"input": "shop"}
    monkeypatch.chdir(elsewhere)
    assert build_variables(project, ".", None, None) == {"input": str(elsewhere)}


def test_project_is_found_from_below(root, monkeypatch):
    monkeypatch.chdir(root / "shop")
    assert find_project().root == root


def test_working_file_cannot_be_among_the_published(root, monkeypatch):
    monkeypatch.setenv("MERCATO_WAREHOUSE", "published/warehouse.duckdb")
    with pytest.raises(UsageError, match="readers would see half a build"):
        find_project()


def test_query_prints_a_table_of_some_rows(root, capsys):
    assert main(["query", "select n from numbers order by n", "--rows", "4"]) == 0
    output = capsys.readouterr().out
    assert "100 rows" in output
    assert "50" not in output


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("from nowhere", "nowhere does not exist"),
        ("drop table numbers", "read-only"),
        ("selec 1", "syntax error"),
    ],
)
def test_bad_query_is_told_in_one_message(root, capsys, sql, message):
    assert main(["query", sql]) == 1
    assert message in capsys.readouterr().err


def test_query_before_the_first_build_says_what_to_do(root, capsys):
    (root / "published/warehouse.duckdb").unlink()
    assert main(["query", "select 1"]) == 2
    assert "run `mercato build` first" in capsys.readouterr().err
