"""How likely each customer buys within the horizon, by each method, and why."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mercato.propensity.classifiers import one_thread
from mercato.propensity.examples import Examples, read_examples
from mercato.propensity.folds import Fold, folds_of, models_of
from mercato.propensity.models import PropensityModel

REASON_COUNT = 3
PROPENSITIES_SCHEMA = pa.schema(
    [
        ("snapshot_date", pa.date32()),
        ("customer_id", pa.string()),
        ("method", pa.string()),
        ("purchase_probability", pa.float64()),
    ]
    + [
        field
        for rank in range(1, REASON_COUNT + 1)
        for field in (
            (f"feature_name_{rank}", pa.string()),
            (f"contribution_{rank}", pa.float64()),
        )
    ]
    + [("status", pa.string())]
)
_DECIMALS = 9


def customer_propensities(
    features: pa.Table,
    calendar: pa.Table,
    states: pa.Table,
    *,
    seed: int = 0,
    max_fit_rows: int = 50_000,
) -> pa.Table:
    """Predict the customers of each validation, test and serving snapshot.

    features has snapshot_date, customer_id, sample_rank, has_purchased and the
    features, one row per snapshot and customer; calendar is that of folds_of, states
    those of the online model. Each method is fitted to at most max_fit_rows examples
    of the snapshots that were over by the one that is predicted, but the last one,
    which calibrates it.

    The result is of PROPENSITIES_SCHEMA, sorted by snapshot, method and customer. In
    the serving snapshot the three features that move the calibrated log-odds of a
    customer most come with it, the largest contribution first. status is 'ok' or says
    why there is no probability.

    Raises ValueError where max_fit_rows is below 1.
    """
    if max_fit_rows < 1:
        raise ValueError(f"max_fit_rows == {max_fit_rows}, must be >= 1.")
    examples = read_examples(features)
    tables = [PROPENSITIES_SCHEMA.empty_table()]
    with one_thread():
        for fold in folds_of(calendar):
            asked = examples.at(fold.snapshot)
            asked = asked.take(np.argsort(asked.customer.astype(str), kind="stable"))
            tables += [
                _predicted(fold, *named, asked)
                for named in models_of(
                    fold, examples, states, seed=seed, max_fit_rows=max_fit_rows
                )
            ]
    return pa.concat_tables(tables)


def _predicted(
    fold: Fold,
    method: str,
    model: PropensityModel | None,
    status: str,
    asked: Examples,
) -> pa.Table:
    count = len(asked.customer)
    columns = {
        "snapshot_date": pa.array([fold.snapshot.item()] * count, pa.date32()),
        "customer_id": asked.customer,
        "method": [method] * count,
        "status": [status] * count,
    }
    if model is not None:
        columns["purchase_probability"] = model.predict(asked.features)
    if model is not None and fold.role == "serving":
        columns |= _reasons(model, asked)
    return pa.table(
        {
            field.name: pa.array(
                columns.get(field.name, [None] * count), field.type, from_pandas=True
            )
            for field in PROPENSITIES_SCHEMA
        },
        PROPENSITIES_SCHEMA,
    )


def _reasons(model: PropensityModel, asked: Examples) -> dict[str, np.ndarray]:
    """Return the features of the largest contributions, none where it is zero."""
    contributions = np.round(model.contributions(asked.features), _DECIMALS)
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")
    columns = {}
    for place, features in enumerate(order[:, :REASON_COUNT].T):
        found = np.take_along_axis(contributions, features[:, None], axis=1)[:, 0]
        names = np.array(asked.names, object)[features]
        columns[f"feature_name_{place + 1}"] = np.where(found == 0, None, names)
        columns[f"contribution_{place + 1}"] = np.where(found == 0, np.nan, found)
    return columns
