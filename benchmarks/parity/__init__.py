"""Do DuckDB and Spark answer alike? `python -m benchmarks.parity` builds on both."""
