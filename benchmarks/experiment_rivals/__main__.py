"""Run one rival: python -m benchmarks.experiment_rivals NAME FOLDER OUTPUT.

Writes results.parquet, and costs.json with the seconds of each step.
"""

import argparse
import json
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.experiment_rivals.metrics import Costs

NAMES = ("tea", "script")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.experiment_rivals")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    costs = Costs()
    with costs.of("imports"):
        rival = import_module(f"benchmarks.experiment_rivals.{options.name}")
    rows = rival.run(options.folder, options.output, costs)
    pq.write_table(pa.Table.from_pylist(rows), options.output / "results.parquet")
    text = json.dumps(costs.steps, indent=2)
    (options.output / "costs.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
