"""How likely each customer buys within the horizon, by what won, and why."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.propensity.examples import Examples, read_examples
from mercato.propensity.folds import SERVED_ROLES, folds_of, models_of
from mercato.propensity.models import PropensityModel
from mercato.threads import one_thread

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
)
_DECIMALS = 9


class ServedModels(NamedTuple):
    """The models that predict the customers of a snapshot, by method."""

    snapshot: datetime.date
    models: dict[str, PropensityModel]


def served_models(
    methods: Collection[str],
    features: pa.Table,
    calendar: pa.Table,
    states: pa.Table,
    *,
    seed: int = 0,
    max_fit_rows: int = 50_000,
) -> ServedModels | None:
    """Fit some methods for the serving snapshot to all snapshots that are over.

    features, calendar, states and the other arguments are those of judged_propensities.
    A method that cannot be fitted is left out. Without any, or without a serving
    snapshot, there is None.

    Raises ValueError where max_fit_rows is below 1.
    """
    folds = folds_of(calendar, SERVED_ROLES)
    if not folds:
        return None
    [fold] = folds
    with one_thread():
        fitted = models_of(
            fold,
            read_examples(features),
            states,
            methods,
            seed=seed,
            max_fit_rows=max_fit_rows,
        )
        models = {method: model for method, model, _ in fitted if model is not None}
    return ServedModels(fold.snapshot.item(), models) if models else None


def propensities(models: Mapping[str, PropensityModel], features: pa.Table) -> pa.Table:
    """Predict customers of one snapshot by models, with reasons.

    features is as served_models takes it, of any customers of the snapshot: what is
    said of one does not depend on the others. The reasons are the three features that
    move the calibrated log-odds of a customer most, the largest contribution first.

    The result is of PROPENSITIES_SCHEMA, sorted by method and customer.
    """
    asked = read_examples(features).by_customer()
    with one_thread():
        tables = [
            _predicted(method, models[method], asked) for method in sorted(models)
        ]
    return pa.concat_tables([PROPENSITIES_SCHEMA.empty_table(), *tables])


def _predicted(method: str, model: PropensityModel, asked: Examples) -> pa.Table:
    columns = {
        "snapshot_date": asked.snapshot,
        "customer_id": asked.customer,
        "method": [method] * len(asked.customer),
        "purchase_probability": model.predict(asked.features),
    } | _reasons(model, asked)
    return pa.table(
        {
            field.name: pa.array(columns[field.name], field.type, from_pandas=True)
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
