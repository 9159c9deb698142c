"""How to reach Spark: what a profile says, as settings of a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.spark.connections import (
    SparkConnectionManager,
    SparkConnectionMethod,
    SparkCredentials,
)


@dataclass
class SparkOssCredentials(SparkCredentials):
    """A profile's output of the type ``sparkoss``.

    Attributes:
        master: Where the session's tasks run, such as ``local[2]`` or
            ``spark://host:7077``; not used with ``remote``.
        remote: A Spark Connect server, such as ``sc://host:15002``; it has a warehouse
            and settings of start-up of its own.
        warehouse: The folder of the tables and of the catalog that names them. A URL,
            such as ``s3a://shop/warehouse``, is for the tables alone.
        settings: More settings of the session, by their names in Spark.

    """

    master: str = "local[*]"
    remote: str = ""
    warehouse: str = "build/spark"
    settings: dict[str, Any] = field(default_factory=dict)

    # dbt-spark asks for both; a session has no other method and no host.
    method: SparkConnectionMethod = SparkConnectionMethod.SESSION
    host: str | None = "session"

    def __post_init__(self) -> None:
        self.server_side_parameters = {
            **(self._at_start() if not self.remote else {"spark.remote": self.remote}),
            **self.settings,
            **self.server_side_parameters,
        }
        super().__post_init__()

    @property
    def type(self) -> str:
        """The adapter's name in a profile."""
        return "sparkoss"

    def _connection_keys(self) -> tuple[str, ...]:
        return ("master", "remote", "warehouse", "schema")

    def _at_start(self) -> dict[str, str]:
        """Return what only the process that runs the driver can decide."""
        settings = {"spark.master": self.master}
        if "://" in self.warehouse:
            return settings | {"spark.sql.warehouse.dir": self.warehouse}
        folder = Path(self.warehouse).absolute()
        # Spark's own defaults put the catalog and its log where the process started.
        return settings | {
            "spark.sql.warehouse.dir": (folder / "tables").as_uri(),
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={folder / 'catalog'};create=true"
            ),
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.extraJavaOptions": (
                f"-Dderby.stream.error.file={folder / 'catalog.log'}"
            ),
        }


class SparkOssConnectionManager(SparkConnectionManager):
    """Opens connections to the one session of this process."""

    TYPE = "sparkoss"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection, and start the session unless another has done so."""
        from dbt.adapters.sparkoss.session import SessionConnection

        if connection.state != ConnectionState.OPEN:
            connection.handle = SessionConnection(connection.credentials)
            connection.state = ConnectionState.OPEN
        return connection
