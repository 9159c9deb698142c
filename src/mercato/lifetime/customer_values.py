"""What every customer is expected to buy, from relations of either engine.

This is the seam between dbt's Python models and what is fitted and predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from mercato import engine
from mercato.lifetime.predictions import PREDICTIONS_SCHEMA, customer_predictions
from mercato.lifetime.windows import fitted_windows


def customer_values(
    counts: Any, customers: Any, *, method: str, horizon_days: Sequence[int]
) -> engine.Part:
    """Fit a method in each window and predict the customers who are to be predicted.

    counts and customers are relations: the distinct histories as fitted_windows takes
    them, and the customers as customer_predictions does, with is_amount_learned and
    is_predicted. Returns PREDICTIONS_SCHEMA; raises what both raise.
    """
    learned = customers.filter("is_amount_learned")
    fits = fitted_windows(
        engine.to_arrow(counts), engine.to_arrow(learned), method=method
    )
    # In this order, customers of equal history come together.
    return engine.in_parts(
        customers.filter("is_predicted"),
        partial(customer_predictions, fits, horizon_days=horizon_days),
        PREDICTIONS_SCHEMA,
        *("window_name", "frequency", "recency_days", "age_days", "customer_id"),
    )
