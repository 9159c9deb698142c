"""Write a synthetic shop: python -m benchmarks.generate SCALE FOLDER."""

import argparse
from pathlib import Path

from benchmarks.generate.shop import generate


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate")
    parser.add_argument("scale", type=float, help="1 is 100,000 order lines")
    parser.add_argument("folder", type=Path, help="where the Parquet files go")
    options = parser.parse_args()
    generate(options.folder, options.scale)


if __name__ == "__main__":
    main()
