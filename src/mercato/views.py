"""Names under which the SQL of a session can read what has none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def view_of(frame: DataFrame) -> str:
    """Return the name of a temporary view of a DataFrame, like no other's.

    All threads of dbt share one session of Spark, and what is read through a view may
    be computed long after: it lasts as long as the session.
    """
    name = f"mercato_{uuid4().hex}"
    frame.createOrReplaceTempView(name)
    return name
