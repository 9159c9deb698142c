"""Segments of customers: centres, densities and trees, and how well they hold."""
