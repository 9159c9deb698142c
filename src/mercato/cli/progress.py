"""Tell how far a build is, one line for each layer of the project."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from threading import Lock
from time import monotonic
from typing import Protocol

from mercato.cli.console import Console, plural
from mercato.cli.failures import FAILED, Outcome, failure_block, readable_message

_LAYERS = (
    "seeds",
    "input",
    "staging",
    "core",
    "features",
    "python_models",
    "history",
    "marts",
)


class DependsOn(Protocol):
    """The nodes that a dbt node reads."""

    nodes: list[str]


class Node(Protocol):
    """What the plan needs to know of a node of dbt's manifest."""

    unique_id: str
    resource_type: str
    original_file_path: str
    depends_on: DependsOn


def plan_build(
    nodes: Iterable[Node], selected: Collection[str] | None = None
) -> dict[str, str]:
    """Return the layer of each selected node by its id; None selects all.

    A test belongs to the last layer it reads, because it cannot run before.
    """
    tables, tests = [], []
    for node in nodes:
        is_test = str(node.resource_type).endswith("test")
        (tests if is_test else tables).append(node)
    layers = {node.unique_id: layer_of(node.original_file_path) for node in tables}
    for test in tests:
        read = [layers[parent] for parent in test.depends_on.nodes if parent in layers]
        layers[test.unique_id] = max(read, key=_layer_order, default="tests")
    if selected is None:
        return layers
    return {key: layer for key, layer in layers.items() if key in selected}


def layer_of(file: str) -> str:
    """Return the layer of a model's or a seed's file; an area of the marts is one.

    >>> layer_of("models/core/orders.sql"), layer_of("seeds/reference/x.csv")
    ('core', 'seeds')
    >>> layer_of("models/marts/sales/daily_sales.sql")
    'marts/sales'
    """
    parts = PurePosixPath(file).parent.parts
    if parts[:1] == ("models",) and len(parts) > 1:
        parts = parts[1:]
    return "/".join(parts[: 2 if parts[:1] == ("marts",) else 1])


def _layer_order(layer: str) -> tuple[int, str]:
    name = layer.partition("/")[0]
    return (_LAYERS.index(name) if name in _LAYERS else -1, layer)


@dataclass
class Tally:
    """How the nodes of a layer, or of the build, ended."""

    by_status: Counter[str] = field(default_factory=Counter)
    models: int = 0
    tests: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one node."""
        self.by_status[outcome.status] += 1
        if outcome.status == "skipped" or outcome.is_failure:
            return
        if outcome.kind.endswith("test"):
            self.tests += 1
        else:
            self.models += 1

    @property
    def failures(self) -> int:
        """Return the number of failed nodes."""
        return sum(self.by_status[status] for status in FAILED)

    @property
    def skipped(self) -> int:
        """Return the number of nodes that did not run, because one they read failed."""
        return self.by_status["skipped"]

    @property
    def warnings(self) -> int:
        """Return the number of tests that warned."""
        return self.by_status["warn"]


class Progress:
    """Writes a line when a layer ends, and each failure when it happens.

    dbt calls it from several threads.
    """

    def __init__(
        self,
        layers: Mapping[str, str],
        console: Console,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._layers = layers
        self._console = console
        self._clock = clock
        self._lock = Lock()
        self._left = Counter(layers.values())
        self._started: dict[str, float] = {}
        self._layer_tallies = {layer: Tally() for layer in self._left}
        self._name_width = max(map(len, self._left), default=0)
        self._first_with_cause: dict[str, str] = {}
        self._seen: set[str] = set()
        self.total = Tally()

    def started(self, unique_id: str, name: str) -> None:
        """Take note that a node begins."""
        with self._lock:
            layer = self._layers.get(unique_id)
            if layer is not None:
                self._started.setdefault(layer, self._clock())
            self._show_status(layer or "", name)

    def finished(self, outcome: Outcome) -> None:
        """Take note of how a node ended; the second report of a node is ignored."""
        with self._lock:
            if outcome.unique_id in self._seen:
                return
            self._seen.add(outcome.unique_id)
            self.total.add(outcome)
            self._tell_problem(outcome)
            layer = self._layers.get(outcome.unique_id)
            if layer is None:
                return
            self._layer_tallies[layer].add(outcome)
            self._left[layer] -= 1
            if self._left[layer] == 0:
                self._console.line(self._layer_line(layer))

    def _show_status(self, layer: str, name: str) -> None:
        done, all_nodes = len(self._seen), len(self._layers)
        self._console.status(f"  [{done}/{all_nodes}] {layer}  {name}")

    def _tell_problem(self, outcome: Outcome) -> None:
        if outcome.is_failure:
            cause = readable_message(outcome.message)
            first = self._first_with_cause.setdefault(cause, outcome.title)
            is_repeated = cause and not outcome.failing_rows and first != outcome.title
            same_as = first if is_repeated else None
            heading = self._console.styled("FAILED", "red")
            self._console.line(f"  {heading} {outcome.title}")
            for line in failure_block(outcome, same_as):
                self._console.line(line)
        elif outcome.status == "warn":
            heading = self._console.styled("warning", "yellow")
            rows = plural(outcome.failing_rows or 0, "row")
            self._console.line(f"  {heading} {outcome.title}: {rows}")

    def _layer_line(self, layer: str) -> str:
        tally = self._layer_tallies[layer]
        now = self._clock()
        seconds = now - self._started.get(layer, now)
        line = (
            f"  {layer:<{self._name_width}}  {plural(tally.models, 'model'):>10}"
            f"  {plural(tally.tests, 'test'):>10}  {seconds:6.1f} s"
        )
        problems = [
            f"{count} {word}"
            for count, word in ((tally.failures, "failed"), (tally.skipped, "skipped"))
            if count
        ]
        return f"{line}  {', '.join(problems)}" if problems else line
