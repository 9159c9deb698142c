"""Compare recommenders on the same interactions: time, memory and what they foresee.

Run it with `python -m benchmarks.recommenders 1m 10m`; benchmarks/README.md says what
is measured.
"""

import argparse
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

from benchmarks.interactions import draw, load, save
from benchmarks.measure import run_script
from benchmarks.report import mib, table
from benchmarks.rivals import FLOOR, SOLUTIONS, N
from benchmarks.warehouse import ROOT
from mercato.recommenders.evaluation import hits, ndcg

# Bounds the lists that are judged at a time.
BLOCK_CUSTOMERS = 100_000


class Size(NamedTuple):
    """How much is drawn: mean_draws for each customer, repetitions among them."""

    customers: int
    products: int
    mean_draws: float


SIZES = {
    "1m": Size(50_000, 5_000, 28),
    "10m": Size(500_000, 15_000, 28),
    "100m": Size(2_600_000, 30_000, 64),
}


def main() -> None:
    options = _options()
    for name in options.sizes:
        folder = options.cache.resolve() / f"recommenders-{name}"
        prepare(folder, SIZES[name])
        target = options.results / f"recommenders_{name}"
        result = measure(folder, options.only, options) | {"size": name}
        result["runs"] = _runs_before(target) | result["runs"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_suffix(".json").write_text(
            json.dumps(result, indent=2) + "\n", encoding="utf-8"
        )
        target.with_suffix(".md").write_text(as_markdown(result), encoding="utf-8")
        print(as_markdown(result))


def _runs_before(target: Path) -> dict[str, Any]:
    """Return what was measured earlier, of which --only repeats a part."""
    file = target.with_suffix(".json")
    if not file.exists():
        return {}
    return json.loads(file.read_text(encoding="utf-8"))["runs"]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommenders")
    parser.add_argument("sizes", nargs="+", choices=SIZES)
    parser.add_argument(
        "--only", nargs="+", choices=SOLUTIONS, default=list(SOLUTIONS), metavar="NAME"
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--gib", type=float, default=18, help="limit of each")
    parser.add_argument("--minutes", type=float, default=15, help="limit of each")
    return parser.parse_args()


def prepare(folder: Path, size: Size) -> None:
    """Draw the interactions of a size, unless they are there."""
    if not (folder / ".complete").exists():
        save(draw(*size), folder)
        (folder / ".complete").touch()


def measure(
    folder: Path, names: Sequence[str], limits: argparse.Namespace
) -> dict[str, Any]:
    """Run each of the named solutions in its own process and judge its lists.

    limits has threads, gib and minutes.
    """
    held_out = load(folder, "held_out")
    runs = {}
    for name in names:
        print(f"{folder.name}: {name}", flush=True)
        runs[name] = _run(name, folder, held_out, limits)
    return {
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "cpu_count": os.cpu_count(),
        "minutes": limits.minutes,
        "gib": limits.gib,
        "customer_count": held_out.shape[0],
        "product_count": held_out.shape[1],
        "interaction_count": int(np.load(folder / "train_indptr.npy")[-1]),
        "held_out_count": held_out.nnz,
        "runs": runs,
    }


def _run(
    name: str,
    folder: Path,
    held_out: scipy.sparse.csr_matrix,
    limits: argparse.Namespace,
) -> dict[str, Any]:
    output = folder / name.replace(" ", "_")
    output.mkdir(exist_ok=True)
    for old in output.iterdir():
        old.unlink()
    # implicit shares its work among threads itself and wants BLAS to have one.
    blas = 1 if name.startswith("implicit") else limits.threads
    load_average = os.getloadavg()[0]
    measured = run_script(
        "benchmarks.rivals",
        *(name, folder, output),
        log=output / "log.txt",
        threads=limits.threads,
        blas_threads=blas,
        gib=limits.gib,
        minutes=limits.minutes,
    )
    run = {
        "ended": measured.ended,
        "load_average": round(load_average, 2),
        "process_seconds": round(measured.wall_seconds, 2),
        "peak_bytes": measured.peak_bytes,
    }
    if measured.ended == "ok":
        run |= json.loads((output / "costs.json").read_text(encoding="utf-8"))
    if (output / "lists.npy").exists():
        run["ndcg"] = round(mean_ndcg(np.load(output / "lists.npy"), held_out), 5)
    return run


def mean_ndcg(lists: np.ndarray, held_out: scipy.sparse.csr_matrix) -> float:
    """Average NDCG@10 over the customers with something held out.

    lists is (customers, 10), best first, -1 for none.
    """
    total, customers = 0.0, 0
    for start in range(0, len(lists), BLOCK_CUSTOMERS):
        block = held_out[start : start + BLOCK_CUSTOMERS].tocoo()
        of_block = lists[start : start + BLOCK_CUSTOMERS]
        # Who has nothing held out is not judged.
        judged = np.flatnonzero(np.bincount(block.row, minlength=len(of_block)))
        row, place = np.nonzero(of_block[judged] >= 0)
        found = hits(
            pa.table(
                {
                    "customer_index": judged[row],
                    "product_index": of_block[judged[row], place],
                    "recommendation_rank": place + 1,
                }
            ),
            pa.table({"customer_index": block.row, "product_index": block.col}),
            k=N,
        )
        total += float(ndcg(found, N).sum())
        customers += len(judged)
    return total / max(customers, 1)


def as_markdown(result: dict[str, Any]) -> str:
    """Return the table of one size."""
    floor = result["runs"].get(FLOOR, {}).get("wall_seconds")
    rows = [
        (
            name,
            run["ended"],
            *(_number(run.get(key)) for key in ("wall_seconds", "cpu_seconds")),
            mib(run["peak_bytes"]),
            f"{run['ndcg']:.4f}" if "ndcg" in run else "",
            f"{run['wall_seconds'] / floor:.2f}"
            if floor and "wall_seconds" in run
            else "",
            f"{run['load_average']:.1f}",
        )
        for name, run in result["runs"].items()
    ]
    header = (
        "fit and top 10 of everybody",
        "ended",
        "wall s",
        "CPU s",
        "peak MiB",
        "NDCG@10",
        "to the product",
        "load before",
    )
    lines = [
        f"# {result['interaction_count']:,} interactions",
        "",
        f"{result['customer_count']:,} customers, {result['product_count']:,} "
        f"products, {result['held_out_count']:,} interactions held out. Measured "
        f"{result['measured_at']} on {result['cpu_count']} cores, each with at most "
        f"{result['minutes']:g} minutes and {result['gib']:g} GiB.",
        "",
        *table(header, rows),
    ]
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


if __name__ == "__main__":
    main()
