"""What a user reads of an error that dbt reports."""

import pytest

from mercato.cli.failures import Outcome, failure_block, readable_message

CONTRACT = "raw_order_lines.quantity: expected a number, found 'x' in 3 rows."


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            f"Compilation Error in model m (models/m.sql)\n  {CONTRACT}\n  \n"
            "  > in macro check (macros/check.sql)\n  > called by model m (m.sql)",
            CONTRACT,
            id="contract sentence raised by a macro",
        ),
        pytest.param(
            f"Runtime Error in model m (m.sql)\n  Invalid Input Error: {CONTRACT}",
            CONTRACT,
            id="contract sentence raised by DuckDB",
        ),
        pytest.param(
            "Compilation Error in model m (models/m.sql)\n  'f' is undefined.\n  \n"
            "  > in macro g (macros/g.sql)\n  > called by model m (models/m.sql)",
            "'f' is undefined.",
            id="call stack",
        ),
        pytest.param(
            "Runtime Error in model m (m.sql)\n  Conversion Error: no number\n  \n"
            "  LINE 1: select a\n                 ^",
            "Conversion Error: no number\nLINE 1: select a\n               ^",
            id="position in the SQL",
        ),
        pytest.param(
            "Runtime Error in model m (python_models/m.py)\n  Python model failed:\n"
            '  Traceback (most recent call last):\n    File "m.py", line 5, in model\n'
            "      raise ValueError()\n  ValueError: n == 0, must be >= 1.\n  ",
            "ValueError: n == 0, must be >= 1.",
            id="traceback",
        ),
        pytest.param(
            "\n\x1b[32mactual\x1b[0m differs from \x1b[31mexpected\x1b[0m:\n\n@@,a\r\n",
            "actual differs from expected:\n@@,a",
            id="unit test in colour",
        ),
        pytest.param("", "", id="nothing"),
    ],
)
def test_cause_alone_is_readable(message, expected):
    assert readable_message(message) == expected


def test_test_shows_its_rows_and_its_sql():
    failed = Outcome(
        unique_id="test.t",
        kind="test",
        name="t",
        status="fail",
        message="Got 1200 results, configured to fail if != 0",
        failing_rows=1200,
        file="models/m.yml",
        compiled_file="target/compiled/t.sql",
    )
    assert failure_block(failed) == [
        "    1,200 rows break it",
        "    file:     models/m.yml",
        "    compiled: target/compiled/t.sql",
    ]
