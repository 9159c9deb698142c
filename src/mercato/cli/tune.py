"""Search for parameters of the recommenders that foresee this shop's orders best."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from mercato.cli.console import Console
from mercato.cli.project import Project, UsageError

if TYPE_CHECKING:
    from mercato.recommenders.tuning import Trial, Window

_PREFIX = "py_customer_recommendations_"
_TRIALS_FILE = "seeds/reference/recommender_trials.csv"
_TUNED_FILE = "seeds/reference/tuned_parameters.csv"
_TRIAL_COLUMNS = (
    "model_name",
    "trial_number",
    "parameters",
    "ndcg_at_10",
    "standard_error",
    "customer_count",
    "fit_seconds",
    "is_chosen",
)


@dataclass(frozen=True)
class TuneRequest:
    """What to search for, and for how long."""

    recommenders: tuple[str, ...] = ()
    minutes: float = 10
    trials: int = 40
    seed: int = 20091201


def run_tune(project: Project, request: TuneRequest, console: Console) -> None:
    """Try parameters on the validation window, write all trials and the best.

    Recommenders take turns, so that each has its share of the time whatever its speed.
    A trial that has begun is finished; the current parameters are always tried.

    Raises:
        UsageError: Nothing is published, or a recommender has no such name.
    """
    if not project.published_file.exists():
        raise UsageError(
            f"{project.published_file} does not exist yet: run `mercato build` first."
        )
    with duckdb.connect(str(project.published_file), read_only=True) as connection:
        current = _current_parameters(connection)
        names = _chosen_names(request.recommenders, current)
        holdout = _rows(connection, "feat_customer_product__holdout")
        if holdout.num_rows == 0:
            raise UsageError(
                "feat_customer_product__holdout: expected customers who bought "
                "something new in the validation window, found none to tune by."
            )
        trials = _search(names, current, connection, holdout, request, console)
    _write_results(project, trials)
    _tell(project, trials, console)


def _current_parameters(
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, dict[str, Any]]:
    found = connection.sql(
        "select model_name, parameters from feat_model_versions "
        f"where starts_with(model_name, '{_PREFIX}') order by model_name"
    ).fetchall()
    return {name.removeprefix(_PREFIX): json.loads(text) for name, text in found}


def _chosen_names(asked: Sequence[str], known: dict[str, Any]) -> list[str]:
    from mercato.recommenders import vae

    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise UsageError(f"{unknown[0]} must be one of {', '.join(known)}.")
    if "vae" in asked and not vae.is_available():
        raise UsageError("vae needs PyTorch: see docs/capabilities/recommendations.md.")
    return [name for name in asked or known if name != "vae" or vae.is_available()]


def _rows(connection: duckdb.DuckDBPyConnection, table: str, columns="*") -> pa.Table:
    return connection.sql(
        f"select {columns} from {table} where window_name = 'validation'"
    ).to_arrow_table()


def _window(
    name: str, connection: duckdb.DuckDBPyConnection, holdout: pa.Table
) -> "Window":
    from mercato.recommenders.tuning import Window
    from mercato.recommenders.windows import SIDE_TABLES

    tables = {
        "pairs": "feat_window_product_pair__baskets",
        "terms": "feat_window_product__terms",
    }
    columns = "customer_index, product_index, weight, is_owned"
    targets = _rows(connection, "feat_window_customer__targets", "customer_index")
    return Window(
        _rows(connection, "feat_customer_product__interactions", columns),
        targets,
        holdout.join(targets, "customer_index", join_type="inner"),
        {side: _rows(connection, tables[side]) for side in SIDE_TABLES.get(name, ())},
    )


def _search(
    names: Sequence[str],
    current: dict[str, dict[str, Any]],
    connection: duckdb.DuckDBPyConnection,
    holdout: pa.Table,
    request: TuneRequest,
    console: Console,
) -> dict[str, list["Trial"]]:
    from mercato.recommenders.tuning import best_trial, run_trial, trial_parameters

    begin = monotonic()
    budget = request.minutes * 60
    choices: dict[str, Iterator[dict[str, Any]]] = {
        name: trial_parameters(name, current[name], seed=request.seed) for name in names
    }
    windows = {name: _window(name, connection, holdout) for name in names}
    trials: dict[str, list[Trial]] = {name: [] for name in names}
    waiting = list(names)
    while waiting:
        # Whoever had the least time is next, so that slow fits take no one's turn.
        name = min(waiting, key=lambda n: (sum(t.seconds for t in trials[n]), n))
        is_over = monotonic() - begin > budget and trials[name]
        parameters = None if is_over else next(choices[name], None)
        if parameters is None or len(trials[name]) >= request.trials:
            waiting.remove(name)
            continue
        console.status(f"  {name}: {_shown(parameters)}")
        trials[name].append(run_trial(name, parameters, windows[name]))
        best = best_trial(trials[name])
        console.line(
            f"  {(monotonic() - begin) / 60:5.1f} of {request.minutes:g} min  "
            f"{name:12} trial {len(trials[name]):3}  "
            f"NDCG@10 {trials[name][-1].ndcg_at_10:.4f}  best {best.ndcg_at_10:.4f}  "
            f"{_shown(parameters)}"
        )
    return trials


def _shown(parameters: dict[str, Any]) -> str:
    hidden = {"seed", "top_n"}
    return " ".join(
        f"{name}={value}" for name, value in parameters.items() if name not in hidden
    )


def _write_results(project: Project, trials: dict[str, list["Trial"]]) -> None:
    """Write both seeds; recommenders that were not tried keep their rows."""
    from mercato.recommenders.tuning import best_trial

    models = {_PREFIX + name for name in trials}
    lines, tuned = [], []
    for name, tried in trials.items():
        best = best_trial(tried)
        tuned.append({"model_name": _PREFIX + name, "parameters": _json(best)})
        lines += [
            dict(
                zip(
                    _TRIAL_COLUMNS,
                    (
                        _PREFIX + name,
                        number,
                        _json(trial),
                        f"{trial.ndcg_at_10:.9f}",
                        f"{trial.standard_error:.9f}",
                        trial.customer_count,
                        f"{trial.seconds:.3f}",
                        str(trial is best).lower(),
                    ),
                    strict=True,
                )
            )
            for number, trial in enumerate(tried, start=1)
        ]
    _replace_rows(project.root / _TRIALS_FILE, models, lines)
    _replace_rows(project.root / _TUNED_FILE, models, tuned)


def _json(trial: "Trial") -> str:
    return json.dumps(trial.parameters, sort_keys=True)


def _replace_rows(file: Path, models: set[str], rows: list[dict[str, Any]]) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        columns = reader.fieldnames or []
        kept = [row for row in reader if row["model_name"] not in models]
    written = file.with_suffix(".csv.tmp")
    with written.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        # Stable: the trials of a recommender stay in their order.
        writer.writerows(sorted(kept + rows, key=lambda row: row["model_name"]))
    written.replace(file)


def _tell(project: Project, trials: dict[str, list["Trial"]], console: Console) -> None:
    from mercato.recommenders.tuning import best_trial

    console.end_status()
    console.line()
    for name, tried in trials.items():
        best = best_trial(tried)
        console.line(
            f"  {name:12} NDCG@10 {tried[0].ndcg_at_10:.4f} -> {best.ndcg_at_10:.4f} "
            f"(standard error {best.standard_error:.4f}) in {len(tried)} trials"
        )
    console.line()
    console.line(f"Written: {_TRIALS_FILE}, {_TUNED_FILE}")
    console.line("`mercato build` uses them; delete a row of the second to go back.")
