"""Simulate experiments on this shop's visitors, and see what each method does there."""

import csv
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from mercato.cli.console import Console, plural
from mercato.cli.project import Project, UsageError

if TYPE_CHECKING:
    from mercato.experiments.populations import Population

_VISITORS = "feat_unit_metric_day__baseline"
_FILE = "seeds/reference/experiment_calibrations.csv"
# Of the shop's visitors the same are drawn every time, wherever they stand in the data.
_ROWS = f"""
    select *, customer_status as stratum
    from {_VISITORS}
    where unit_id in (
        select unit_id from (select distinct unit_id from {_VISITORS})
        order by md5(unit_id), unit_id
        limit ?
    )
"""


@dataclass(frozen=True)
class CalibrationRequest:
    """How many experiments to simulate, and on how many visitors at most."""

    simulations: int = 2_000
    seed: int = 20091201
    max_units: int = 20_000


def run_calibrate(
    project: Project, request: CalibrationRequest, console: Console
) -> None:
    """Simulate experiments on every metric of the published warehouse; write a seed.

    Raises:
        UsageError: Nothing is published, or it has no visitors to draw, or none of them
            did anything that a metric counts.
    """
    rows, as_of = _read(project.published_file, request.max_units)
    from mercato.experiments.populations import read_populations

    populations = read_populations(rows)
    usable = [population for population in populations if population.varies]
    if not usable:
        raise UsageError(
            f"{_VISITORS}: expected visitors in the baseline weeks who differ in a "
            f"metric, found {plural(len(populations), 'metric')} and none that varies."
        )
    for name in sorted({of.metric_id for of in populations if not of.varies}):
        console.line(f"  {name}: left out, all visitors have the same value")
    found = _calibrated(usable, request, console)
    _write(project.root / _FILE, found, as_of)
    _tell(found, console)


def _read(file: Path, max_units: int) -> tuple[pa.Table, str]:
    """Return what the visitors came to, and the last date of the data."""
    if not file.exists():
        raise UsageError(f"{file} does not exist yet: run `mercato build` first.")
    with duckdb.connect(str(file), read_only=True) as connection:
        try:
            rows = connection.execute(_ROWS, [max_units]).to_arrow_table()
        except duckdb.CatalogException:
            raise UsageError(
                f"{file} has no {_VISITORS} yet: run `mercato build` first."
            ) from None
        if rows.num_rows == 0:
            raise UsageError(
                f"{_VISITORS}: expected visitors in the baseline weeks, found none to "
                "draw experiments from."
            )
        (as_of,) = connection.sql(
            "select cast(as_of_date as text) from as_of"
        ).fetchone()
    return rows, as_of


def _calibrated(
    populations: list["Population"], request: CalibrationRequest, console: Console
) -> pa.Table:
    from mercato.experiments.calibration import calibrate, calibrate_sample_ratio

    options = {"simulation_count": request.simulations, "seed": request.seed}
    begin = monotonic()
    tables = []
    width = max(len(population.metric_id) for population in populations)
    for number, population in enumerate(populations, start=1):
        console.status(f"  {population.metric_id}: simulating")
        tables.append(calibrate(population, **options))
        console.line(
            f"  {number:2} of {len(populations)}  {population.metric_id:{width}}  "
            f"{2 * request.simulations:,} experiments of "
            f"{plural(len(population.values), 'visitor')}  "
            f"{monotonic() - begin:5.0f} s"
        )
    unit_count = max(len(population.values) for population in populations)
    tables.append(calibrate_sample_ratio(unit_count, **options))
    keys = ("metric_id", "method", "scenario")
    return pa.concat_tables(tables).sort_by([(name, "ascending") for name in keys])


def _write(file: Path, found: pa.Table, as_of: str) -> None:
    written = file.with_suffix(".csv.tmp")
    with written.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["as_of_date", *found.schema.names])
        for row in found.to_pylist():
            writer.writerow([as_of, *map(_text, row.values())])
    written.replace(file)


def _text(value: Any) -> str:
    """Write numbers so that rounding in their last places does not show."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _tell(found: pa.Table, console: Console) -> None:
    console.end_status()
    console.line()
    rows = [row for row in found.to_pylist() if row["is_offered"]]
    judged = [row for row in rows if row["is_as_promised"] is not None]
    broken = [row for row in judged if not row["is_as_promised"]]
    console.line(
        f"  {len(judged) - len(broken)} of {len(judged)} times a method does what it "
        "promises" + (", but" if broken else ".")
    )
    for row in broken:
        console.line(
            f"    {row['scenario']}  {row['metric_id']}  {row['method']} "
            + " and ".join(_broken_promises(row))
        )
    console.line()
    console.line(f"Written: {_FILE}")
    console.line("`mercato build` puts it into experiment_calibration.")


def _broken_promises(row: dict[str, Any]) -> list[str]:
    said = []
    rate, nominal = row["rejection_rate"], row["nominal_rate"]
    if nominal is not None and row["rejection_rate_lower"] > nominal:
        said.append(f"finds an effect in {rate:.1%} where none is ({nominal:.0%})")
    coverage, nominal = row["coverage"], row["nominal_coverage"]
    if nominal is not None and row["coverage_upper"] < nominal:
        said.append(f"holds the true effect in {coverage:.1%} ({nominal:.0%})")
    return said
