"""Traits of customers, from rows to a matrix."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def trait_matrix(traits: pa.Table) -> tuple[list[str], np.ndarray]:
    """Return the names (p) and values (n, p) of traits, names and customers sorted.

    traits has sample_index, trait and value, each trait of each customer once.

    Raises ValueError where a value is not finite or a customer lacks a trait.

    >>> rows = [(1, "b", 4.0), (0, "a", 1.0), (1, "a", 2.0), (0, "b", 3.0)]
    >>> columns = dict(zip(("sample_index", "trait", "value"), zip(*rows)))
    >>> names, matrix = trait_matrix(pa.table(columns))
    >>> names, matrix.tolist()
    (['a', 'b'], [[1.0, 3.0], [2.0, 4.0]])
    """
    values = traits["value"].cast(pa.float64()).to_numpy()
    customers, rows = np.unique(traits["sample_index"].to_numpy(), return_inverse=True)
    names, columns = np.unique(
        traits["trait"].to_numpy().astype(str), return_inverse=True
    )
    matrix = np.full((len(customers), len(names)), np.nan)
    matrix[rows, columns] = values
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise ValueError(
            f"{names[column]} == {matrix[row, column]} of customer {customers[row]}, "
            "must be finite."
        )
    return names.tolist(), matrix
