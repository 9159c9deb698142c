"""A dbt adapter for open-source Spark: dbt-spark, plus Python models in its session.

The adapter of dbt-spark runs SQL in a Spark session of its own process (the method
``session``), but submits Python models to Databricks alone. This one runs them in the
same session, be it local, the driver of a standalone cluster or a Spark Connect client.
"""

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.sparkoss.connections import SparkOssCredentials
from dbt.adapters.sparkoss.impl import SparkOssAdapter
from dbt.include import sparkoss

Plugin = AdapterPlugin(
    adapter=SparkOssAdapter,
    credentials=SparkOssCredentials,
    include_path=sparkoss.PACKAGE_PATH,
    dependencies=["spark"],
)
