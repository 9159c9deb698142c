"""Maximum likelihood of positive parameters, with a word on whether it was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

# A log-likelihood and its gradient by the parameters themselves, (p,) -> (value, (p,)).
LogLikelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]

OK = "ok"
NO_CUSTOMERS = "no customers"
NO_REPEAT_PURCHASES = "no repeat purchases"
AT_THE_BOUNDARY = "at the boundary"
DID_NOT_CONVERGE = "did not converge"

# Of the logarithms: beyond, a parameter is as good as zero or infinite.
_BOUNDS = (-9.0, 11.0)
# Of the gradient of the mean log-likelihood by the logarithms of the parameters.
_TOLERANCE = 1e-9
_STEP = 1e-4
_NEWTON_STEPS = 40


class Fit(NamedTuple):
    """Where the likelihood is highest; NaN unless status is 'ok'.

    parameters is (p,), log_covariance (p, p): that of their estimated logarithms, the
    inverse of the observed information. log_likelihood is the sum over customers.
    """

    status: str
    parameters: np.ndarray
    log_covariance: np.ndarray
    log_likelihood: float

    @property
    def standard_errors(self) -> np.ndarray:
        """Return those of the parameters, (p,), by the delta method."""
        return self.parameters * np.sqrt(np.diag(self.log_covariance))


def failed(status: str, size: int) -> Fit:
    """Return a fit of so many parameters that says only why there is none."""
    nothing = np.full((size, size), np.nan)
    return Fit(status, nothing[0], nothing, np.nan)


def maximise(
    log_likelihood: LogLikelihood, starts: Iterable[np.ndarray], weight: float
) -> Fit:
    """Find the parameters that the data make likeliest, from the first start that does.

    weight is the number of customers that log_likelihood sums over; starts are (p,) and
    above 0. The logarithms of the parameters are sought by L-BFGS-B and then by Newton
    steps, whose Hessian (differences of the gradient) gives the covariance.

    status is 'at the boundary' where the likelihood keeps growing as a parameter goes
    to zero or infinity, so that the data do not tell it, and 'did not converge' where
    no maximum was reached for another reason.
    """

    def mean_loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logs)
        value, gradient = log_likelihood(parameters)
        return -value / weight, -gradient * parameters / weight

    fit = None
    for start in starts:
        found = _from_start(mean_loss, np.log(start), weight)
        if found.status == OK:
            return found
        fit = fit or found
    if fit is None:
        raise ValueError("starts == [], must be at least one.")
    return fit


def _from_start(loss: LogLikelihood, start: np.ndarray, weight: float) -> Fit:
    from scipy.optimize import minimize

    with np.errstate(all="ignore"):
        rough = minimize(
            loss,
            np.clip(start, _BOUNDS[0] + 1, _BOUNDS[1] - 1),
            jac=True,
            method="L-BFGS-B",
            bounds=[_BOUNDS] * len(start),
            options={"maxiter": 500, "ftol": 1e-10, "gtol": 1e-6},
        )
        status, logs, hessian = _newton(loss, rough.x)
    if status != OK:
        return failed(status, len(start))
    covariance = np.linalg.inv(hessian) / weight
    return Fit(OK, np.exp(logs), covariance, -loss(logs)[0] * weight)


def _newton(
    loss: LogLikelihood, logs: np.ndarray
) -> tuple[str, np.ndarray, np.ndarray]:
    """Return a status, the logarithms of the parameters and the Hessian there."""
    hessian = np.full((len(logs), len(logs)), np.nan)
    for _ in range(_NEWTON_STEPS):
        if (logs < _BOUNDS[0] + _STEP).any() or (logs > _BOUNDS[1] - _STEP).any():
            return AT_THE_BOUNDARY, logs, hessian
        value, gradient = loss(logs)
        hessian = _hessian(loss, logs)
        if not (np.isfinite(value) and np.isfinite(hessian).all()):
            return DID_NOT_CONVERGE, logs, hessian
        curvature, directions = np.linalg.eigh(hessian)
        if np.abs(gradient).max() < _TOLERANCE:
            # Rounding alone bends a likelihood as flat as that.
            is_told = curvature[0] > 1e-10 * curvature[-1] and curvature[0] > _TOLERANCE
            return OK if is_told else AT_THE_BOUNDARY, logs, hessian
        bent = np.maximum(np.abs(curvature), 1e-9)
        step = -directions @ ((directions.T @ gradient) / bent)
        logs = _moved(loss, logs, value, step * min(1, 2 / np.abs(step).max()))
    return DID_NOT_CONVERGE, logs, hessian


def _moved(
    loss: LogLikelihood, logs: np.ndarray, value: float, step: np.ndarray
) -> np.ndarray:
    """Return the place after the step, halved until it does not lead uphill."""
    for _ in range(30):
        place = np.clip(logs + step, *_BOUNDS)
        # Close to the top, what is gained is less than what is rounded.
        if loss(place)[0] <= value + 1e-13 * abs(value):
            return place
        step = step / 2
    return logs


def _hessian(loss: LogLikelihood, logs: np.ndarray) -> np.ndarray:
    steps = np.eye(len(logs)) * _STEP
    rows = [loss(logs + step)[1] - loss(logs - step)[1] for step in steps]
    return (np.array(rows) + np.array(rows).T) / (4 * _STEP)
