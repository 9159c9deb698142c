#!/usr/bin/env bash
# Builds the warehouse from the whole of Online Retail II: build.sh FILE, the workbook
# (.xlsx) of the UCI repository or a Parquet file of its lines.
set -euo pipefail
file=$(realpath "${1:?usage: build.sh online_retail_II.xlsx}")
cd "$(dirname "$0")/../.."
make .venv/.installed
mkdir -p build
if [[ $file == *.xlsx ]]; then
    .venv/bin/python -c 'import openpyxl' 2> /dev/null || .venv/bin/pip install openpyxl
    .venv/bin/python examples/online_retail_ii/workbook_to_parquet.py \
        "$file" build/online_retail_ii.parquet
    file=build/online_retail_ii.parquet
fi
.venv/bin/mercato map examples/online_retail_ii "$file" build/online_retail_ii
.venv/bin/mercato build --input build/online_retail_ii
