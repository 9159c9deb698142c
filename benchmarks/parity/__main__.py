"""Build the sample on DuckDB and on Spark, and compare every mart.

Run it with `make parity`; docs/spark.md says what is compared and shows what came out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.parity.engines import ENGINES, build, compare_all
from benchmarks.parity.report import as_markdown
from benchmarks.warehouse import ROOT

# One feature that is rounded to the other side moves the coefficients that propensities
# are learned from, and with them some probabilities by up to 0.00001.
LEAST_AGREEMENT = {
    "propensity_calibration": 0.95,
    "propensity_coefficients": 0.95,
    "propensity_predictions": 0.99,
    "propensity_thresholds": 0.99,
}


def main() -> int:
    options = _options()
    seconds = {}
    for engine in ENGINES if options.build else ():
        seconds[engine] = build(engine, options.folder)
    found = compare_all(options.folder, tuple(options.layers))
    text = as_markdown(found, seconds)
    options.folder.joinpath("parity.md").write_text(text, encoding="utf-8")
    print(text)
    return int(any(c.agreement < LEAST_AGREEMENT.get(c.table, 1) for c in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "parity")
    parser.add_argument("--layers", nargs="+", default=["models/marts"])
    parser.add_argument(
        "--no-build",
        dest="build",
        action="store_false",
        help="compare what an earlier run has built",
    )
    options = parser.parse_args()
    options.folder = options.folder.absolute()
    return options


if __name__ == "__main__":
    sys.exit(main())
