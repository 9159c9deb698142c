"""The `mercato` command: build, publish, query and document the warehouse."""

from mercato.cli.main import main

__all__ = ["main"]
