"""What a build says while it runs."""

from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from types import SimpleNamespace

import pytest

from mercato.cli.console import Console
from mercato.cli.failures import Outcome
from mercato.cli.progress import Progress, plan_build


@dataclass
class FakeNode:
    unique_id: str
    original_file_path: str
    resource_type: str = "model"
    parents: list[str] = field(default_factory=list)

    @property
    def depends_on(self):
        return SimpleNamespace(nodes=self.parents)


RAW = FakeNode("model.raw", "models/input/raw.sql")
SALES = FakeNode("model.sales", "models/marts/sales/sales.sql")
RAW_TEST = FakeNode("test.raw", "models/input/raw.yml", "test", ["model.raw"])
# It reads two layers and cannot run before the later one.
SALES_TEST = FakeNode(
    "test.sales", "tests/sales.sql", "test", ["model.sales", "model.raw"]
)
NODES = [SALES_TEST, RAW, SALES, RAW_TEST]


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def stream():
    return StringIO()


@pytest.fixture
def progress(stream):
    seconds = count(step=0.5)
    return Progress(plan_build(NODES), Console(stream), clock=lambda: next(seconds))


def outcome(node, status="success", **details):
    return Outcome(
        node.unique_id, node.resource_type, node.unique_id, status, **details
    )


def test_test_belongs_to_the_last_layer_it_reads():
    assert plan_build(NODES) == {
        "model.raw": "input",
        "test.raw": "input",
        "model.sales": "marts/sales",
        "test.sales": "marts/sales",
    }


def test_selection_leaves_the_rest_out_of_the_plan():
    assert plan_build(NODES, {"test.sales"}) == {"test.sales": "marts/sales"}


def test_layer_is_told_once_when_its_last_node_ends(progress, stream):
    progress.started("model.raw", "raw")
    progress.finished(outcome(RAW))
    assert stream.getvalue() == ""
    progress.finished(outcome(RAW_TEST, "pass"))
    assert stream.getvalue() == "  input           1 model      1 test     0.5 s\n"


def test_failure_is_told_at_once_and_repeated_causes_are_not(progress, stream):
    cause = "Compilation Error in model raw (models/input/raw.sql)\n  no such table"
    progress.finished(outcome(RAW, "error", message=cause, file="models/input/raw.sql"))
    progress.finished(outcome(RAW_TEST, "skipped"))
    progress.finished(outcome(SALES, "error", message=cause.replace("raw", "sales")))
    assert stream.getvalue().splitlines() == [
        "  FAILED model model.raw",
        "    no such table",
        "    file:     models/input/raw.sql",
        "  input          0 models     0 tests     0.0 s  1 failed, 1 skipped",
        "  FAILED model model.sales",
        "    for the same reason as model model.raw",
    ]
    assert (progress.total.failures, progress.total.skipped) == (2, 1)


def test_tests_that_fail_alike_are_each_told_with_their_rows(progress, stream):
    message = "Got 2 results, configured to fail if != 0"
    for node in (RAW_TEST, SALES_TEST):
        progress.finished(outcome(node, "fail", message=message, failing_rows=2))
    assert stream.getvalue().count("2 rows break it") == 2
    assert "same reason" not in stream.getvalue()


def test_warning_is_told_and_counted(progress, stream):
    progress.finished(outcome(RAW_TEST, "warn", failing_rows=3))
    assert stream.getvalue() == "  warning test test.raw: 3 rows\n"
    assert progress.total.warnings == 1
    assert progress.total.failures == 0


def test_node_reported_twice_counts_once(progress):
    for _ in range(2):
        progress.finished(outcome(RAW))
    assert progress.total.models == 1


def test_hook_without_a_layer_counts_only_in_total(progress, stream):
    hook = FakeNode("operation.hook", "dbt_project.yml", "operation")
    progress.finished(outcome(hook, "error", message="no such schema"))
    assert progress.total.failures == 1
    assert "FAILED operation operation.hook\n    no such schema" in stream.getvalue()


def test_terminal_has_one_line_that_is_replaced(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "30")
    terminal = Terminal()
    progress = Progress(plan_build(NODES), Console(terminal), clock=lambda: 0.0)
    progress.started("model.raw", "a_table_with_quite_a_long_name")
    progress.finished(outcome(RAW_TEST, "warn", failing_rows=1))
    clear = "\r\x1b[K"
    assert terminal.getvalue() == (
        f"{clear}  [0/4] input  a_table_with_q{clear}  warning test test.raw: 1 row\n"
    )


@pytest.mark.parametrize(
    ("no_color", "expected"), [("1", "x"), (None, "\x1b[31mx\x1b[0m")]
)
def test_colour_is_for_terminals_that_want_it(monkeypatch, no_color, expected):
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert Console(Terminal()).styled("x", "red") == expected
    assert Console(StringIO()).styled("x", "red") == "x"
