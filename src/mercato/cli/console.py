"""Plain text for people: aligned, coloured only where a terminal shows it."""

import os
import shutil
from collections.abc import Sequence
from threading import RLock
from typing import TextIO

_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_CLEAR_LINE = "\r\x1b[K"


class Console:
    """Lines that stay, and on a terminal one status line below that is replaced.

    dbt reports from several threads, so each write is done under a lock.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = RLock()
        self._has_status = False
        self.is_terminal = stream.isatty()
        self._has_colour = self.is_terminal and "NO_COLOR" not in os.environ

    def line(self, text: str = "") -> None:
        """Write a line that stays."""
        with self._lock:
            self._clear_status()
            print(text, file=self._stream, flush=True)

    def status(self, text: str) -> None:
        """Replace the status line; elsewhere than on a terminal, do nothing."""
        if not self.is_terminal:
            return
        with self._lock:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(_CLEAR_LINE + text[:width])
            self._stream.flush()
            self._has_status = True

    def end_status(self) -> None:
        """Remove the status line."""
        with self._lock:
            self._clear_status()

    def styled(self, text: str, style: str) -> str:
        """Return `text` in a colour or weight, where there is colour."""
        if not self._has_colour:
            return text
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m"

    def _clear_status(self) -> None:
        if self._has_status:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()
            self._has_status = False


def plural(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> plural(1, "test"), plural(1200, "test")
    ('1 test', '1,200 tests')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def aligned(rows: Sequence[Sequence[object]], indent: str = "  ") -> list[str]:
    """Return rows as lines of equal columns, numbers to the right.

    >>> aligned([("table", "rows"), ("orders", 1200)], indent="")
    ['table    rows', 'orders  1,200']
    """
    if not rows:
        return []
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    is_number = [_is_number(row) for row in zip(*rows[1:], strict=True)]
    is_number += [False] * (len(widths) - len(is_number))
    return [
        indent
        + "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in cells
    ]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


def _is_number(values: Sequence[object]) -> bool:
    return all(value is None or isinstance(value, int) for value in values)
