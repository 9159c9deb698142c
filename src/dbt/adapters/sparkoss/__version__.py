"""The version that dbt shows of this adapter."""

version = "0.1.0"
