"""Run every recommender on published train and test files and print its metrics.

`python -m benchmarks.published TRAIN TEST [TRAIN TEST ...]`; the README beside this
file has what came out for two data sets.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.published.data import Fold, as_window, read_fold, validation_window
from benchmarks.published.references import REFERENCES
from mercato.recommenders.evaluation import METRICS, hits
from mercato.recommenders.interactions import UserItems, user_items
from mercato.recommenders.tuning import best_trial, run_trial, trial_parameters

RECOMMENDERS = ("als", "ease", "item_knn", "nmf", "svd", "user_knn", "vae")
CUTOFFS = (5, 10, 20)


def main() -> None:
    options = _options()
    pairs = zip(options.files[::2], options.files[1::2], strict=True)
    folds = [
        read_fold(train, test, relevant_from=options.relevant_from)
        for train, test in pairs
    ]
    names = [n for n in options.recommenders if n != "vae" or find_spec("torch")]
    settings = {name: _settings(name, folds[0], options) for name in names}
    rows = [row for fold in folds for row in _fold_metrics(fold, settings, options)]
    print(_markdown(rows))
    for name in names:
        print(f"- {name}: {_shown(settings[name])}")
    if options.output:
        result = {"settings": settings, "folds": rows}
        text = json.dumps(result, indent=2) + "\n"
        options.output.write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published")
    parser.add_argument("files", type=Path, nargs="+", help="TRAIN TEST, any number")
    parser.add_argument(
        "--recommenders", nargs="+", default=RECOMMENDERS, choices=RECOMMENDERS
    )
    parser.add_argument(
        "--relevant-from", type=float, help="least rating of a relevant test row"
    )
    parser.add_argument(
        "--tune-minutes",
        type=float,
        default=0,
        help="search for settings so long, on 20 %% of the first train file",
    )
    parser.add_argument("--settings", type=Path, help="those of an earlier --output")
    parser.add_argument("--references", action="store_true", help="compare with others")
    parser.add_argument("--output", type=Path, help="write all numbers as JSON")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if len(options.files) % 2:
        parser.error("files come in pairs: TRAIN TEST")
    return options


def _settings(name: str, fold: Fold, options: argparse.Namespace) -> dict[str, Any]:
    """Take the settings of the file, or the best found in the share of the time."""
    recommend = import_module(f"mercato.recommenders.{name}").recommend
    settings: dict[str, Any] = {"weighting": "binary"}
    settings |= {
        parameter.name: parameter.default
        for parameter in signature(recommend).parameters.values()
        if parameter.default is not parameter.empty
    }
    settings["seed"] = options.seed
    if options.settings:
        found = json.loads(options.settings.read_text(encoding="utf-8"))
        settings |= found["settings"].get(name, {})
    if not options.tune_minutes:
        return settings
    window = validation_window(fold.train, share=0.2, seed=options.seed)
    share = 60 * options.tune_minutes / len(options.recommenders)
    trials = []
    for parameters in trial_parameters(name, settings, seed=options.seed):
        trials.append(run_trial(name, parameters, window))
        print(
            f"{name}: NDCG@10 {trials[-1].ndcg_at_10:.4f} {_shown(parameters)}",
            flush=True,
        )
        if sum(trial.seconds for trial in trials) > share:
            break
    return best_trial(trials).parameters


def _fold_metrics(
    fold: Fold, settings: Mapping[str, dict[str, Any]], options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    window = as_window(fold)
    popular = {"weighting": "binary"}
    for name, parameters in {"popularity": popular, **settings}.items():
        weighting = parameters["weighting"]
        items = user_items(window.interactions, window.targets, weighting=weighting)
        of_model = {k: v for k, v in parameters.items() if k != "weighting"}
        started = time.perf_counter()
        found = _recommend(name, items, of_model)
        seconds = time.perf_counter() - started
        yield _metrics(name, found, fold.test) | {"seconds": seconds}
        if options.references and name in REFERENCES:
            scores = REFERENCES[name](items.weights, **of_model)
            reference = _top_lists(items, scores)
            yield _metrics(f"{name}, reference", reference, fold.test)


def _recommend(name: str, items: UserItems, parameters: dict[str, Any]) -> pa.Table:
    if name == "popularity":
        counts = np.asarray(items.weights.sum(axis=0)).ravel()
        return _top_lists(items, np.broadcast_to(counts, items.weights.shape))
    module = import_module(f"mercato.recommenders.{name}")
    return module.recommend(items, top_n=max(CUTOFFS), **parameters)


def _top_lists(items: UserItems, scores: np.ndarray) -> pa.Table:
    """Sort whole rows of dense scores, without what is in the train file."""
    lists = []
    for row in items.asked:
        line = np.round(scores[row], 6)
        line[items.owned[row].indices] = -np.inf
        best = np.argsort(-line, kind="stable")[: max(CUTOFFS)]
        lists += [
            (items.customers[row], items.products[column], rank + 1)
            for rank, column in enumerate(best)
            if line[column] > -np.inf
        ]
    names = ["customer_index", "product_index", "recommendation_rank"]
    columns = map(np.array, zip(*lists, strict=True))
    return pa.table(dict(zip(names, columns, strict=True)))


def _metrics(name: str, found: pa.Table, relevant: pa.Table) -> dict[str, Any]:
    at = hits(found, relevant, k=max(CUTOFFS))
    values = {
        f"{metric}@{k}": float(compute(at, k).mean())
        for metric, compute in METRICS.items()
        for k in CUTOFFS
    }
    return {"recommender": name, "customers": len(at.is_hit), **values}


def _markdown(rows: list[dict[str, Any]]) -> str:
    """Average the folds; the standard deviation over folds is in parentheses."""
    columns = [f"{metric}@10" for metric in METRICS] + ["seconds"]
    lines = [
        "| recommender | " + " | ".join(columns) + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for name in dict.fromkeys(row["recommender"] for row in rows):
        of_name = [row for row in rows if row["recommender"] == name]
        cells = []
        for column in columns:
            values = [row[column] for row in of_name if column in row]
            cells.append(_cell(values) if values else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(values: list[float]) -> str:
    spread = f" ({np.std(values, ddof=1):.4f})" if len(values) > 1 else ""
    return f"{np.mean(values):.4f}{spread}"


def _shown(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


if __name__ == "__main__":
    main()
