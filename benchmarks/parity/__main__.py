"""Build the sample on DuckDB and on Spark, and compare every table.

Run it with `make parity`; docs/spark.md says what is compared and shows what came out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.parity.engines import ENGINES, build, compare_all
from benchmarks.parity.report import as_markdown
from benchmarks.warehouse import ROOT


def main() -> int:
    options = _options()
    seconds = {}
    for engine in ENGINES if options.build else ():
        seconds[engine] = build(engine, options.folder)
    found = compare_all(options.folder, tuple(options.layers))
    text = as_markdown(found, seconds)
    options.folder.joinpath("parity.md").write_text(text, encoding="utf-8")
    print(text)
    return int(any(comparison.agreement < 1 for comparison in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "parity")
    parser.add_argument("--layers", nargs="+", default=["models", "python_models"])
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
