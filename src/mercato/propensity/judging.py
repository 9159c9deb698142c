"""How likely each method would have called what is known to have come or not."""

from __future__ import annotations

import pyarrow as pa

from mercato.propensity.examples import Examples, read_examples
from mercato.propensity.folds import JUDGED_ROLES, Fold, folds_of, models_of
from mercato.propensity.models import PropensityModel
from mercato.threads import one_thread

PREDICTIONS_SCHEMA = pa.schema(
    [
        ("snapshot_date", pa.date32()),
        ("customer_id", pa.string()),
        ("method", pa.string()),
        ("purchase_probability", pa.float64()),
        ("status", pa.string()),
    ]
)


def judged_propensities(
    features: pa.Table,
    calendar: pa.Table,
    states: pa.Table,
    *,
    seed: int = 0,
    max_fit_rows: int = 50_000,
) -> pa.Table:
    """Predict the customers of each validation and test snapshot by every method.

    features has snapshot_date, customer_id, sample_rank, has_purchased and the
    features, one row per closed snapshot and customer; calendar is that of folds_of,
    states those of the online model. Each method is fitted to at most max_fit_rows
    examples of the snapshots that were over by the one that is predicted, but the last
    one, which calibrates it.

    The result is of PREDICTIONS_SCHEMA, sorted by snapshot, method and customer. status
    is 'ok' or says why there is no probability.

    Raises ValueError where max_fit_rows is below 1.
    """
    examples = read_examples(features)
    tables = [PREDICTIONS_SCHEMA.empty_table()]
    with one_thread():
        for fold in folds_of(calendar, JUDGED_ROLES):
            asked = examples.at(fold.snapshot).by_customer()
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
    chances = [None] * count if model is None else model.predict(asked.features)
    columns = [[fold.snapshot.item()] * count, asked.customer, [method] * count]
    return pa.table([*columns, chances, [status] * count], PREDICTIONS_SCHEMA)
