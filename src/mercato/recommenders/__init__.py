"""Recommenders: one module each, all with recommend(items, ...) -> pa.Table."""
