"""Measurements of mercato on synthetic shops of growing size."""
