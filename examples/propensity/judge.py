"""Judge mercato's classifiers on any table of examples with an answer of two values.

python examples/propensity/judge.py bank.parquet y --drop duration
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from mercato.propensity.classifiers import CLASSIFIERS
from mercato.propensity.examples import Examples
from mercato.propensity.folds import ONLINE
from mercato.propensity.models import PropensityModel, fit_model
from mercato.propensity.online import Settings, first_state, learn

SEED = 0
# Shares that learn and that calibrate; the rest judges.
LEARNING, CALIBRATING = 0.6, 0.2
ONLINE_PARTS = 8


def read_examples(file: Path, target: str, drop: list[str]) -> Examples:
    """Read a table with text spread over columns of 0 and 1, in an order by chance."""
    if file.suffix == ".parquet":
        table = pd.read_parquet(file)
    else:
        table = pd.read_csv(file, sep=None, engine="python")
    table = table.sample(frac=1, random_state=SEED, ignore_index=True)
    answers = sorted(table[target].unique(), key=str)
    if len(answers) != 2:
        raise ValueError(f"{target} == {answers}, must be two values.")
    features = pd.get_dummies(table.drop(columns=[target, *drop]))
    return Examples(
        tuple(features.columns),
        features.to_numpy(float),
        (table[target] == answers[1]).to_numpy(float),
        np.zeros(len(table), "datetime64[D]"),
        np.arange(len(table)),
    )


def judge(examples: Examples) -> dict[str, tuple[float, float]]:
    """Return AUC and log loss of each method on examples that it did not see."""
    count = len(examples.target)
    places = np.split(
        np.arange(count),
        [int(LEARNING * count), int((LEARNING + CALIBRATING) * count)],
    )
    learning, calibrating, judging = map(examples.take, places)
    models = {ONLINE: _online(examples.take(np.concatenate(places[:2])))}
    for method in CLASSIFIERS:
        models[method], status = fit_model(
            method,
            (learning.features, learning.target),
            (calibrating.features, calibrating.target),
            SEED,
        )
        if models[method] is None:
            raise ValueError(f"{method} == {status!r}, must be 'ok'.")
    answers = {
        method: model.predict(judging.features) for method, model in models.items()
    }
    return {
        method: (
            roc_auc_score(judging.target, answers[method]),
            log_loss(judging.target, answers[method]),
        )
        for method in sorted(answers)
    }


def _online(examples: Examples) -> PropensityModel:
    state = first_state(len(examples.names))
    for places in np.array_split(np.arange(len(examples.target)), ONLINE_PARTS):
        state = learn(state, examples.take(places), Settings())
    return state.model()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("target")
    parser.add_argument("--drop", nargs="*", default=[])
    given = parser.parse_args()
    for name, (auc, loss) in judge(
        read_examples(given.file, given.target, given.drop)
    ).items():
        print(f"{name:28} AUC {auc:.4f}  log loss {loss:.4f}")
