"""How many customers are in segments that were fitted to a sample of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mercato.segmentation.points import rounded
from mercato.segmentation.rfm import SEGMENTS_SCHEMA, points_of

_KEYS = ("segment_count", "cluster_index")
_MEASURES = ("customer_count", "inertia")
MEMBERS_SCHEMA = pa.schema([SEGMENTS_SCHEMA.field(name) for name in _KEYS + _MEASURES])


def members(segments: pa.Table, features: pa.Table) -> pa.Table:
    """Count customers by their nearest centre and add up squared distances to it.

    segments is what kmeans_segments returns; features has recency_z, frequency_z and
    monetary_z, one customer a row. The result is of MEMBERS_SCHEMA, one row per segment
    count and cluster, sorted by both; inertia is that of the cluster.

    Raises ValueError where a feature is null or not finite.
    """
    from sklearn.metrics import pairwise_distances_argmin_min

    points = points_of("features", features)
    tables = [MEMBERS_SCHEMA.empty_table()]
    for count in pc.unique(segments["segment_count"]):
        rows = segments.filter(pc.equal(segments["segment_count"], count))
        labels, distances = pairwise_distances_argmin_min(
            points, points_of("segments", rows)
        )
        measures = [
            np.bincount(labels, weights, minlength=len(rows))
            for weights in (None, distances**2)
        ]
        columns = [*(rows[name] for name in _KEYS), *measures]
        tables.append(pa.table(columns, MEMBERS_SCHEMA))
    return pa.concat_tables(tables)


def with_members(segments: pa.Table, parts: pa.Table) -> pa.Table:
    """Return segments with the customers of all parts in place of those of a sample.

    parts holds what members returned of each part, in any order. customer_count becomes
    the sum of theirs, and so does inertia, over all clusters of a segment count. What
    else is said of segments, criteria and stability, stays that of the sample.
    """
    # Sorted by the measures too, so that sums have one order.
    ordered = parts.sort_by([(name, "ascending") for name in _KEYS + _MEASURES])
    customers, inertia = (
        ordered[name].to_numpy().reshape(len(segments), -1).sum(axis=1)
        for name in _MEASURES
    )
    counts = segments["segment_count"].to_numpy()
    totals = np.bincount(counts, inertia)[counts]
    columns = {name: segments[name] for name in segments.column_names}
    columns["customer_count"] = customers
    columns["inertia"] = [rounded(total) for total in totals]
    return pa.table(columns, SEGMENTS_SCHEMA)
