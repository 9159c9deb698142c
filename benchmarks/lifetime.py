"""Compare fits of customer lifetimes and what they foresee, on the same customers.

Run it with `python -m benchmarks.lifetime`; benchmarks/README.md says what is measured.
"""

import argparse
import importlib.util
import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import run_script
from benchmarks.report import table
from benchmarks.warehouse import ROOT

# r, alpha (days), a and b of the customers that are drawn.
TRUTH = (0.7, 56.0, 0.8, 2.5)
HORIZON_DAYS = 90
SOLUTIONS = (
    "mercato bg_nbd",
    "mercato pareto_nbd",
    "lifetimes bg_nbd",
    "lifetimes bg_nbd, grouped",
    "lifetimes pareto_nbd, grouped",
)


def main() -> None:
    options = _options()
    if options.work:
        work(options.work, options.cache)
        return
    folder = options.cache.resolve() / f"lifetime-{options.customers}"
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw(options.customers)
    np.savez(folder / "customers.npz", **{k: drawn[k] for k in drawn if k != "bought"})
    runs = {}
    for name in options.only:
        print(name, flush=True)
        runs[name] = _run(name, folder, drawn["bought"], options)
    result = {
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "cpu_count": os.cpu_count(),
        "customer_count": options.customers,
        "runs": runs,
    }
    options.results.mkdir(parents=True, exist_ok=True)
    target = options.results / "lifetime"
    target.with_suffix(".json").write_text(
        json.dumps(result, indent=2) + "\n", encoding="utf-8"
    )
    target.with_suffix(".md").write_text(as_markdown(result), encoding="utf-8")
    print(as_markdown(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lifetime")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", choices=SOLUTIONS, default=list(SOLUTIONS))
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--gib", type=float, default=12, help="limit of each")
    parser.add_argument("--minutes", type=float, default=10, help="limit of each")
    parser.add_argument("--work", choices=SOLUTIONS, help=argparse.SUPPRESS)
    return parser.parse_args()


def draw(customers: int, seed: int = 20091201) -> dict[str, np.ndarray]:
    """Draw customers of up to two years as BG/NBD says, with the days after as truth.

    frequency, recency and age count whole days with a purchase; bought is the number of
    purchase days in the HORIZON_DAYS after.
    """
    rng = np.random.default_rng(seed)
    r, alpha, a, b = TRUTH
    age = rng.integers(0, 730, customers)
    rate, drop = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    frequency, recency, bought = np.zeros((3, customers), np.int64)
    clock, last_day = np.zeros(customers), np.zeros(customers, np.int64)
    active = np.arange(customers)
    while len(active):
        clock[active] += rng.exponential(1 / rate[active])
        active = active[clock[active] <= age[active] + HORIZON_DAYS]
        day = np.ceil(clock[active]).astype(np.int64)
        is_new, is_known = day > last_day[active], day <= age[active]
        frequency[active] += is_new & is_known
        bought[active] += is_new & ~is_known
        recency[active] = np.where(is_known, day, recency[active])
        last_day[active] = day
        active = active[rng.random(len(active)) >= drop[active]]
    return {"frequency": frequency, "recency": recency, "age": age, "bought": bought}


def _run(
    name: str, folder: Path, bought: np.ndarray, options: argparse.Namespace
) -> dict[str, Any]:
    if name.startswith("lifetimes") and not importlib.util.find_spec("lifetimes"):
        return {"ended": "lifetimes is not installed"}
    for old in ("costs.json", "expected.npy"):
        (folder / old).unlink(missing_ok=True)
    load_average = os.getloadavg()[0]
    measured = run_script(
        "benchmarks.lifetime",
        *("--work", name, "--cache", folder),
        log=folder / f"{name.replace(' ', '_')}.txt",
        threads=1,
        gib=options.gib,
        minutes=options.minutes,
    )
    run: dict[str, Any] = {
        "ended": measured.ended,
        "load_average": round(load_average, 2),
        "cpu_seconds": round(measured.cpu_seconds, 2),
        "peak_bytes": measured.peak_bytes,
    }
    if measured.ended == "ok":
        run |= json.loads((folder / "costs.json").read_text(encoding="utf-8"))
        expected = np.load(folder / "expected.npy")
        run["error"] = float(np.sqrt(np.mean((expected - bought) ** 2)))
        run["bias"] = float(expected.sum() / bought.sum() - 1)
    return run


def work(name: str, folder: Path) -> None:
    """Fit and predict in this process; leave what is expected and what it cost."""
    known = dict(np.load(folder / "customers.npz"))
    begin = time.perf_counter()
    solve = _with_mercato if name.startswith("mercato") else _with_lifetimes
    fitted, parameters, expected = solve(name, **known)
    costs = {
        "fit_seconds": round(fitted - begin, 2),
        "predict_seconds": round(time.perf_counter() - fitted, 2),
        "parameters": [round(float(value), 5) for value in parameters],
    }
    np.save(folder / "expected.npy", expected)
    (folder / "costs.json").write_text(json.dumps(costs), encoding="utf-8")


def _with_mercato(name, frequency, recency, age):
    from mercato.lifetime.histories import histories
    from mercato.lifetime.predictions import METHODS, predict

    method = name.removeprefix("mercato ")
    known, place = _distinct(frequency, recency, age)
    counts = histories(known[0], known[1] / 7, known[2] / 7, np.bincount(place))
    fit = METHODS[method].fit(counts)
    fitted = time.perf_counter()
    # The distinct histories are sorted alike, so that places stay.
    found = predict(method, fit, counts, np.array([HORIZON_DAYS]))
    return fitted, fit.parameters, found.orders[:, 0][place]


def _with_lifetimes(name, frequency, recency, age):
    from lifetimes import BetaGeoFitter, ParetoNBDFitter

    model = BetaGeoFitter() if "bg_nbd" in name else ParetoNBDFitter()
    known = (frequency, recency, age)
    place, weights = slice(None), None
    if "grouped" in name:
        known, place = _distinct(*known)
        weights = np.bincount(place)
    x, t, total = known[0], known[1] / 7, known[2] / 7
    model.fit(x, t, total, weights=weights)
    fitted = time.perf_counter()
    expected = model.conditional_expected_number_of_purchases_up_to_time(
        HORIZON_DAYS / 7, x, t, total
    )
    # As anybody would ask for it as well; mercato gives bounds besides.
    model.conditional_probability_alive(x, t, total)
    return fitted, model.params_.to_numpy(), np.asarray(expected)[place]


def _distinct(frequency, recency, age):
    """Return the distinct histories (3, n), sorted, and which one each customer has."""
    width = int(max(column.max() for column in (frequency, recency, age))) + 1
    keys = (frequency * width + recency) * width + age
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return [column[first] for column in (frequency, recency, age)], place


def as_markdown(result: dict[str, Any]) -> str:
    """Return the table of the runs."""
    rows = [
        (
            name,
            run["ended"],
            *(_number(run.get(key), 1) for key in ("fit_seconds", "predict_seconds")),
            _number(run.get("cpu_seconds"), 1),
            _number(run["peak_bytes"] / 2**20, 0) if "peak_bytes" in run else "",
            _number(run.get("error"), 4),
            f"{run['bias']:+.2%}" if "bias" in run else "",
            " ".join(f"{value:.4g}" for value in run.get("parameters", [])),
            _number(run.get("load_average"), 1),
        )
        for name, run in result["runs"].items()
    ]
    header = (
        "fit and 90 days of everybody",
        "ended",
        "fit s",
        "predict s",
        "CPU s",
        "peak MiB",
        "RMSE",
        "bias",
        "parameters",
        "load before",
    )
    return (
        f"# {result['customer_count']:,} customers\n\nMeasured {result['measured_at']} "
        f"on {result['cpu_count']} cores, one thread each.\n\n"
        + "\n".join(table(header, rows))
        + "\n"
    )


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


if __name__ == "__main__":
    main()
