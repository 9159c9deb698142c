"""A Spark cluster that loses a worker: `python -m benchmarks.cluster`."""
