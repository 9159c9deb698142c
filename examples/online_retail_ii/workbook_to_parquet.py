"""Join the two sheets of the Online Retail II workbook into one Parquet file.

The last nine days of the first sheet are there again in the second one; they are taken
once. Needs openpyxl: pip install openpyxl
"""

import sys

import pandas as pd

COLUMNS = {
    "Invoice": "invoice",
    "StockCode": "stock_code",
    "Description": "description",
    "Quantity": "quantity",
    "InvoiceDate": "invoice_ts",
    "Price": "unit_price",
    "Customer ID": "customer_id",
    "Country": "country",
}
TEXTS = ["invoice", "stock_code", "description", "country"]


def join_sheets(workbook: str) -> pd.DataFrame:
    """Return the lines of both years under the names that the queries use."""
    first, second = pd.read_excel(workbook, sheet_name=None).values()
    first = first[first["InvoiceDate"] < second["InvoiceDate"].min()]
    lines = pd.concat([first, second]).rename(columns=COLUMNS)[[*COLUMNS.values()]]
    # A sheet mixes numbers and text in these columns; missing ones stay missing.
    lines[TEXTS] = lines[TEXTS].astype("string")
    lines["customer_id"] = lines["customer_id"].astype("Int64")
    return lines


if __name__ == "__main__":
    join_sheets(sys.argv[1]).to_parquet(sys.argv[2], index=False)
