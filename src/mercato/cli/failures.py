"""Turn what dbt says about a failed node into what the user has to know."""

import re
from dataclasses import dataclass

# dbt's words for a node that makes the build fail.
FAILED = frozenset({"error", "fail", "runtime error"})

# What dbt says of itself in front of the cause.
_PREAMBLE = re.compile(r"^(?:\w+ Error(?: in [^\n]*)?|Python model failed:)\n\s*")
_CALL_STACK = re.compile(r"\n\s*> (?:in|called by) .*", re.DOTALL)
_TRACEBACK = re.compile(r"Traceback \(most recent call last\):.*\n(?=\S)", re.DOTALL)
_CONTRACT = re.compile(r"\braw_\w+(?:\.\w+)?: expected [^\n]*")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Outcome:
    """How one node of the build ended.

    `status` is dbt's: success, pass, warn, fail, error or skipped. `failing_rows` is
    known for tests. `file` and `compiled_file` are relative to the project.
    """

    unique_id: str
    kind: str
    name: str
    status: str
    message: str = ""
    failing_rows: int | None = None
    file: str = ""
    compiled_file: str = ""

    @property
    def is_failure(self) -> bool:
        """Return whether it makes the build fail."""
        return self.status in FAILED

    @property
    def title(self) -> str:
        """Return what the user calls it: `test unique_orders_order_id`."""
        return f"{self.kind.replace('_', ' ')} {self.name}"


def readable_message(message: str) -> str:
    r"""Return the cause alone: no preamble, call stack, traceback or colour.

    A sentence of the input contract says all there is to say, so it stands alone.

    >>> readable_message("Runtime Error in model m (m.sql)\n  Parser Error: near x")
    'Parser Error: near x'
    """
    text = _ANSI.sub("", message).replace("\r", "").strip()
    contract = _CONTRACT.search(text)
    if contract:
        return contract.group().rstrip()
    text = _dedent(_PREAMBLE.sub("", text))
    text = _TRACEBACK.sub("", _PREAMBLE.sub("", text))
    text = _CALL_STACK.sub("", text)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def failure_block(outcome: Outcome, same_as: str | None = None) -> list[str]:
    """Return the lines that tell of one failure, the cause first.

    `same_as` names an earlier failure of the same message, which is not repeated.
    """
    if same_as:
        cause = [f"for the same reason as {same_as}"]
    elif outcome.kind == "test" and outcome.failing_rows:
        cause = [_rows_found(outcome.failing_rows)]
    else:
        cause = readable_message(outcome.message).splitlines()
    places = [("file", outcome.file)]
    if outcome.kind.endswith("test"):
        places.append(("compiled", outcome.compiled_file))
    return [
        *(f"    {line}" for line in cause),
        *(f"    {label + ':':<10}{place}" for label, place in places if place),
    ]


def _rows_found(count: int) -> str:
    return "1 row breaks it" if count == 1 else f"{count:,} rows break it"


def _dedent(text: str) -> str:
    # dbt indents every line but the first by two blanks.
    return "\n".join(line.removeprefix("  ") for line in text.splitlines())
