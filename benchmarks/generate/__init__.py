"""A synthetic shop of any size, in the columns of the input contract."""

from benchmarks.generate.shop import TABLES, Sizes, generate, generate_once

__all__ = ["TABLES", "Sizes", "generate", "generate_once"]
