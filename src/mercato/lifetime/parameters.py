"""The fitted parameters of every model in every window, with how sure they are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.lifetime import gamma_gamma
from mercato.lifetime.customers import (
    fit_amounts,
    in_window,
    repeat_amounts,
    windows_of,
)
from mercato.lifetime.histories import read_histories
from mercato.lifetime.intervals import INTERVAL_LEVEL
from mercato.lifetime.maximum_likelihood import Fit
from mercato.lifetime.windows import METHODS

PARAMETERS_SCHEMA = pa.schema(
    [
        ("window_name", pa.string()),
        ("method", pa.string()),
        ("parameter_name", pa.string()),
        ("parameter_value", pa.float64()),
        ("standard_error", pa.float64()),
        ("parameter_lower", pa.float64()),
        ("parameter_upper", pa.float64()),
        ("log_likelihood", pa.float64()),
        ("customer_count", pa.int64()),
        ("frequency_value_correlation", pa.float64()),
        ("status", pa.string()),
    ]
)


def fitted_parameters(counts: pa.Table, amounts: pa.Table) -> pa.Table:
    """Fit every model in each window; PARAMETERS_SCHEMA.

    counts and amounts are those of fitted_windows. One row per window, method
    (bg_nbd, pareto_nbd and gamma_gamma) and parameter, sorted by window and method.
    Bounds are at 95 %, by the logarithm. customer_count is those who were fitted; for
    gamma_gamma, those with repeat purchases, whose correlation of frequency and mean
    amount is given as well. status is 'ok' or says why the numbers are null.
    """
    rows = []
    for window in windows_of(counts):
        of_window = in_window(amounts, window)
        histories = read_histories(in_window(counts, window))
        fitted = {
            method: (model.PARAMETERS, model.fit(histories))
            for method, model in METHODS.items()
        }
        fitted["gamma_gamma"] = (gamma_gamma.PARAMETERS, fit_amounts(of_window))
        frequency, amount = repeat_amounts(of_window)
        for method, (names, fit) in sorted(fitted.items()):
            of_amounts = method == "gamma_gamma"
            shared = {
                "window_name": window,
                "method": method,
                "customer_count": len(frequency)
                if of_amounts
                else int(histories.count.sum()),
                "frequency_value_correlation": _given(
                    gamma_gamma.frequency_value_correlation(frequency, amount)
                    if of_amounts
                    else np.nan
                ),
            }
            rows += [shared | row for row in _rows(names, fit)]
    return pa.Table.from_pylist(rows, PARAMETERS_SCHEMA)


def _rows(names: tuple[str, ...], fit: Fit) -> list[dict[str, object]]:
    reach = special.ndtri((1 + INTERVAL_LEVEL) / 2)
    errors = fit.standard_errors
    spread = np.exp(reach * errors / fit.parameters)
    return [
        {
            "parameter_name": name,
            "parameter_value": _given(value),
            "standard_error": _given(error),
            "parameter_lower": _given(value / factor),
            "parameter_upper": _given(value * factor),
            "log_likelihood": _given(fit.log_likelihood),
            "status": fit.status,
        }
        for name, value, error, factor in zip(
            names, fit.parameters, errors, spread, strict=True
        )
    ]


def _given(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
