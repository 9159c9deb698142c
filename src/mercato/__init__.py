"""The mathematics behind mercato's warehouse tables: pure functions, no dbt."""
