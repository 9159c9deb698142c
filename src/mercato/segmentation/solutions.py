"""Segments of customers by all their traits, found in several ways."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.sampling import evenly_spaced
from mercato.segmentation.components import MAX_COMPONENTS, trait_positions
from mercato.segmentation.criteria import Criteria, highest, judged, stability
from mercato.segmentation.density import Dense, fit_dbscan, fit_hdbscan
from mercato.segmentation.hierarchical import cut, ward_merges
from mercato.segmentation.kmeans import fit_centres
from mercato.segmentation.points import (
    COORDINATE_DECIMALS,
    check_at_least,
    distinct_count,
    rounded,
)
from mercato.segmentation.representatives import (
    NOISE,
    Representatives,
    assigned,
    centres_of,
    of_centres,
    renumbered,
)
from mercato.threads import one_thread

NOISE_ID = "noise"
_DENSITY_METHODS = ("dbscan", "hdbscan")
_COMPONENTS = [f"component_{number}" for number in range(1, MAX_COMPONENTS + 1)]

SOLUTIONS_SCHEMA = pa.schema(
    [
        ("method", pa.string()),
        ("segment_count", pa.int64()),
        ("point_index", pa.int64()),
        ("segment_id", pa.string()),
    ]
    + [(name, pa.float64()) for name in [*_COMPONENTS, "reach"]]
    + [
        ("sample_count", pa.int64()),
        ("algorithm", pa.string()),
        ("radius", pa.float64()),
        ("noise_share", pa.float64()),
        ("inertia", pa.float64()),
        ("silhouette_score", pa.float64()),
        ("davies_bouldin_score", pa.float64()),
        ("calinski_harabasz_score", pa.float64()),
        ("stability_score", pa.float64()),
        ("is_selected", pa.bool_()),
    ]
)


class _Fit(NamedTuple):
    """Who stands for the segments, and how they were found."""

    representatives: Representatives
    algorithm: str | None = None
    radius: float = float("nan")


class _Solution(NamedTuple):
    """One way to divide the sample, and how well it does."""

    method: str
    fit: _Fit
    segments: np.ndarray
    inertia: float
    criteria: Criteria
    stability: float

    @property
    def segment_count(self) -> int:
        return int(self.fit.representatives.segments.max(initial=NOISE)) + 1


def trait_segments(
    traits: pa.Table,
    *,
    explained_share: float = 0.7,
    max_components: int = MAX_COMPONENTS,
    min_segments: int = 3,
    max_segments: int = 8,
    full_batch_rows: int = 5_000,
    max_linked_rows: int = 1_000,
    min_neighbours: int = 10,
    min_segment_share: float = 0.03,
    bootstrap_count: int = 10,
    seed: int = 0,
) -> pa.Table:
    """Divide customers by k-means, Ward's method, DBSCAN and HDBSCAN.

    traits, explained_share and max_components are those of trait_components: points are
    the scores on the retained principal components. k-means sees all of them, by
    mini-batches past full_batch_rows; the other methods, and all criteria, at most
    max_linked_rows, evenly spaced in their order. k-means and Ward try each segment
    count from min_segments to max_segments, as far as there are as many distinct
    points, and select that of the highest silhouette. min_neighbours is what DBSCAN and
    HDBSCAN call so, and min_segment_share the least share of the sample that HDBSCAN
    calls a segment. stability_score is that of bootstrap_count refits (see
    criteria.stability).

    The result is of SOLUTIONS_SCHEMA, one row per method, segment count and
    representative, sorted: a customer belongs to the segment of the nearest
    representative within reach (null: any distance). A density method also has a row
    without coordinates for noise. Segments are numbered from 1, the largest first; the
    criteria are repeated on the rows of a solution, noise left out, and null where
    undefined or where another method has none. No points give no rows.

    Raises ValueError where a count is below 1, bootstrap_count below 0 or
    min_neighbours below 2, max_segments is below min_segments, min_segment_share is
    not 0 to 1, and as trait_components does.
    """
    check_at_least("min_segments", min_segments, 1)
    check_at_least("max_segments", max_segments, min_segments)
    check_at_least("full_batch_rows", full_batch_rows, 1)
    check_at_least("max_linked_rows", max_linked_rows, 2)
    check_at_least("min_neighbours", min_neighbours, 2)
    check_at_least("bootstrap_count", bootstrap_count, 0)
    if not 0 <= min_segment_share <= 1:
        raise ValueError(
            f"min_segment_share == {min_segment_share}, must be >= 0 and <= 1."
        )
    points = trait_positions(traits, explained_share, max_components)
    if points.size == 0:
        return SOLUTIONS_SCHEMA.empty_table()
    sample = evenly_spaced(points, max_linked_rows)
    distinct = distinct_count(sample)
    counts = range(min(min_segments, distinct), min(max_segments, distinct) + 1)
    kmeans = partial(_by_kmeans, seed=seed, full_batch_rows=full_batch_rows)
    dense = {"min_neighbours": min_neighbours}
    fits = {
        "dbscan": [partial(_by_dbscan, **dense)],
        "hdbscan": [partial(_by_hdbscan, **dense, min_share=min_segment_share)],
        "kmeans": [partial(kmeans, k=k) for k in counts],
        "ward": [partial(_by_ward, k=k) for k in counts],
    }
    seen = dict.fromkeys(fits, sample) | {"kmeans": points}
    judge = partial(_solution, sample, bootstrap_count=bootstrap_count, seed=seed)
    with one_thread():
        tables = [
            rows
            for method in sorted(fits)
            for rows in _selected(
                [judge(method, seen[method], fit) for fit in fits[method]]
            )
        ]
    return pa.concat_tables(tables)


def _by_kmeans(points: np.ndarray, *, k: int, seed: int, full_batch_rows: int) -> _Fit:
    found = fit_centres(points, k, seed=seed, full_batch_rows=full_batch_rows, starts=5)
    return _Fit(of_centres(found.points), found.algorithm)


def _by_ward(points: np.ndarray, *, k: int) -> _Fit:
    segments = cut(ward_merges(points), min(k, len(points)))
    return _Fit(of_centres(centres_of(points, segments)))


def _by_dbscan(points: np.ndarray, *, min_neighbours: int) -> _Fit:
    return _of_dense(fit_dbscan(points, min_neighbours))


def _by_hdbscan(points: np.ndarray, *, min_neighbours: int, min_share: float) -> _Fit:
    min_size = max(min_neighbours, int(np.ceil(min_share * len(points))))
    return _of_dense(fit_hdbscan(points, min_neighbours, min_size))


def _of_dense(found: Dense) -> _Fit:
    return _Fit(found.representatives, radius=found.radius)


def _solution(
    sample: np.ndarray,
    method: str,
    points: np.ndarray,
    fit: Callable[[np.ndarray], _Fit],
    *,
    bootstrap_count: int,
    seed: int,
) -> _Solution:
    """Fit points, divide the sample as SQL will divide the customers, and judge."""
    found = fit(points)
    places = np.round(found.representatives.points, COORDINATE_DECIMALS) + 0.0
    served = found.representatives._replace(points=places)
    representatives = renumbered(served, sample)
    segments = assigned(sample, representatives)
    has_centres = method not in _DENSITY_METHODS
    return _Solution(
        method,
        found._replace(representatives=representatives),
        segments,
        _inertia(sample, segments, representatives) if has_centres else float("nan"),
        judged(sample, segments, len(sample)),
        stability(
            sample,
            segments,
            lambda drawn: fit(drawn).representatives,
            bootstrap_count,
            seed,
        ),
    )


def _inertia(
    points: np.ndarray, segments: np.ndarray, centres: Representatives
) -> float:
    return rounded(np.sum((points - centres.points[segments]) ** 2))


def _selected(solutions: list[_Solution]) -> list[pa.Table]:
    """Return the rows of a method's solutions, one of which is selected."""
    chosen = highest({place: one.criteria for place, one in enumerate(solutions)})
    return [_rows(one, place == chosen) for place, one in enumerate(solutions)]


def _rows(solution: _Solution, is_selected: bool) -> pa.Table:
    representatives = solution.fit.representatives
    coordinates = np.zeros((len(representatives.points), len(_COMPONENTS)))
    coordinates[:, : representatives.points.shape[1]] = representatives.points
    reach = np.where(np.isinf(representatives.reach), np.nan, representatives.reach)
    ids = [
        NOISE_ID if one == NOISE else str(one + 1) for one in representatives.segments
    ]
    if solution.method in _DENSITY_METHODS:
        coordinates = np.vstack([coordinates, np.full(len(_COMPONENTS), np.nan)])
        reach, ids = np.append(reach, np.nan), [*ids, NOISE_ID]
    count = len(ids)
    repeated = {
        "method": solution.method,
        "segment_count": solution.segment_count,
        "sample_count": len(solution.segments),
        "algorithm": solution.fit.algorithm,
        "radius": solution.fit.radius,
        "noise_share": rounded(np.mean(solution.segments == NOISE)),
        "inertia": solution.inertia,
        "silhouette_score": solution.criteria.silhouette,
        "davies_bouldin_score": solution.criteria.davies_bouldin,
        "calinski_harabasz_score": solution.criteria.calinski_harabasz,
        "stability_score": solution.stability,
        "is_selected": is_selected,
    }
    columns = {name: [value] * count for name, value in repeated.items()}
    columns |= {"point_index": range(count), "segment_id": ids, "reach": reach}
    columns |= dict(zip(_COMPONENTS, coordinates.T, strict=True))
    arrays = [
        pa.array(columns[field.name], field.type, from_pandas=True)
        for field in SOLUTIONS_SCHEMA
    ]
    return pa.table(arrays, schema=SOLUTIONS_SCHEMA)
