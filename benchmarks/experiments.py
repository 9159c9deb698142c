"""Read many experiments with mercato, tea-tasting and a pandas script.

Run it with `python -m benchmarks.experiments 1m 10m`; benchmarks/README.md says what is
measured.
"""

import argparse
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.experiment_report import as_markdown, growth_lines
from benchmarks.experiments_input import (
    DATE,
    Size,
    write_experiments,
    write_until,
)
from benchmarks.measure import run_script
from benchmarks.warehouse import ROOT, Build, build_models, new_workspace

# As many exposures as events. Experiments grow in number, not in size.
SIZES = {
    "1m": Size(10, 50_000, 500_000),
    "10m": Size(100, 50_000, 5_000_000),
    "100m": Size(1_000, 50_000, 50_000_000),
}
MODELS = "+path:models/marts/experiments"
MERCATO, DAY = "mercato", "one more day"
# What is built for the day, one on top of the other: each name and its input.
DAY_BUILDS = (
    ("the days before", "before"),
    ("the same again", "before"),
    (DAY, "day"),
    ("the days after", "input"),
)
RIVALS = {"tea-tasting": "tea", "pandas script": "script"}
SOLUTIONS = (MERCATO, DAY, *RIVALS)
# Three ways to the same numbers differ by rounding only.
TOLERANCE = 1e-8


def main() -> None:
    options = _options()
    results = []
    for name in options.sizes:
        folder = options.cache.resolve() / f"experiments-{name}"
        prepare(folder, SIZES[name])
        target = options.results / f"experiments_{name}"
        result = {"size": name} | measure(folder, SIZES[name], options)
        result["runs"] = _runs_before(target) | result["runs"]
        # What was measured stays, also where results turn out to disagree.
        _write(target, result)
        result["agreement"] = agreement(folder, result["runs"])
        _write(target, result)
        results.append(result)
        print(as_markdown(result))
    print("\n".join(growth_lines(results)))


def _write(target: Path, result: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".json").write_text(
        json.dumps(result, indent=2) + "\n", encoding="utf-8"
    )
    target.with_suffix(".md").write_text(as_markdown(result), encoding="utf-8")


def _runs_before(target: Path) -> dict[str, Any]:
    """Return what was measured earlier, of which --only repeats a part."""
    file = target.with_suffix(".json")
    if not file.exists():
        return {}
    return json.loads(file.read_text(encoding="utf-8"))["runs"]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.experiments")
    parser.add_argument("sizes", nargs="+", choices=SIZES)
    parser.add_argument(
        "--only", nargs="+", choices=SOLUTIONS, default=list(SOLUTIONS), metavar="NAME"
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--gib", type=float, default=16, help="limit of each rival")
    parser.add_argument("--minutes", type=float, default=15, help="limit of each")
    return parser.parse_args()


def prepare(folder: Path, size: Size) -> None:
    """Draw the input of a size, and as it was around DATE, unless it is there."""
    if not (folder / ".complete").exists():
        write_experiments(folder / "input", size)
        write_until(folder / "input", folder / "before", DATE - timedelta(days=1))
        write_until(folder / "input", folder / "day", DATE)
        (folder / ".complete").touch()


def measure(folder: Path, size: Size, options: argparse.Namespace) -> dict[str, Any]:
    """Run each of the named solutions in its own process.

    options has only, threads, gib and minutes.
    """
    runs = {}
    for name in options.only:
        print(f"{folder.name}: {name}", flush=True)
        load_average = os.getloadavg()[0]
        if name in RIVALS:
            runs[name] = _run_rival(RIVALS[name], folder, options)
        else:
            runs[name] = _run_mercato(folder, name, options)
        runs[name]["load_average"] = round(load_average, 1)
    return {
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "cpu_count": os.cpu_count(),
        "minutes": options.minutes,
        "gib": options.gib,
        "sizes": size._asdict() | {"customer_count": size.customer_count},
        "runs": runs,
    }


def _run_mercato(
    folder: Path, name: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Build everything at once, or day by day around DATE.

    Of the latter it is the day itself that is told; `around` has the other builds.
    """
    workspace = folder / name.replace(" ", "_")
    new_workspace(workspace)
    limits = {"threads": options.threads, "timeout": options.minutes * 60}
    run: dict[str, Any] = {}
    around = {}
    for step, data in DAY_BUILDS if name == DAY else ((name, "input"),):
        given = _hand_over(folder / data, workspace / "given")
        built = build_models(workspace, given, step.replace(" ", "_"), MODELS, **limits)
        costs = built.measured.costs()
        if step != name:
            around[step] = costs
        elif costs["ended"] == "ok":
            size = (workspace / "warehouse.duckdb").stat().st_size
            run = costs | {"warehouse_bytes": size} | _parts(built)
        if costs["ended"] != "ok":
            # What a day costs is known, also where a build after it fails.
            run = run or costs
            break
    return run | ({"around": around} if around else {})


def _hand_over(data: Path, given: Path) -> Path:
    """Put a folder of files where the last one was, as a shop does from day to day.

    dbt reads the whole project again where its input has moved.
    """
    given.unlink(missing_ok=True)
    given.symlink_to(data)
    return given


def _parts(built: Build) -> dict[str, Any]:
    """Return what layers and models cost; experiments' own features are their own."""
    own = {file.stem for file in (ROOT / "models/features/experiments").glob("*.sql")}
    nodes = [
        node._replace(layer="features of experiments") if node.name in own else node
        for node in built.nodes
    ]
    grouped = built._replace(nodes=nodes)
    inside = 0.0
    if nodes:
        inside = max(node.end for node in nodes) - min(node.begin for node in nodes)
    return {
        "dbt_seconds": round(built.measured.wall_seconds - inside, 2),
        "layers": grouped.layers(),
        "models": [
            {
                "name": node.name,
                "layer": node.layer,
                "seconds": round(node.seconds, 3),
                "peak_bytes": node.peak_bytes,
            }
            for node in nodes
        ],
    }


def _run_rival(
    module: str, folder: Path, options: argparse.Namespace
) -> dict[str, Any]:
    output = folder / module
    new_workspace(output)
    measured = run_script(
        "benchmarks.experiment_rivals",
        *(module, folder / "input", output),
        log=output / "log.txt",
        threads=options.threads,
        gib=options.gib,
        minutes=options.minutes,
    )
    run = measured.costs()
    if measured.ended == "ok":
        run["steps"] = json.loads((output / "costs.json").read_text(encoding="utf-8"))
    return run


def agreement(folder: Path, runs: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Compare what each rival found with what both builds of mercato found.

    Raises RuntimeError where two disagree.
    """
    found = {}
    ended = {name for name, run in runs.items() if run["ended"] == "ok"}
    for build in (MERCATO, DAY):
        warehouse = folder / build.replace(" ", "_") / "warehouse.duckdb"
        for rival, module in RIVALS.items():
            results = folder / module / "results.parquet"
            if {build, rival} <= ended and warehouse.exists() and results.exists():
                found[f"{build} and {rival}"] = differences(warehouse, results)
    return found


def differences(warehouse: Path, results: Path) -> dict[str, float]:
    """Return the largest differences between two sets of results.

    effect is relative, p_value absolute. Raises RuntimeError where one exceeds
    TOLERANCE or a comparison is missing on either side.
    """
    query = """
        with

        ours as (
            select
                experiment_id,
                metric_id,
                variant,
                case method when 'cuped' then method else 'plain' end as method,
                effect,
                p_value
            from experiment_results
            where
                comparison = 'variant vs control'
                and segment_dimension = 'all'
                and method in ('cuped', 'welch', 'two_proportion', 'delta')
        ),

        theirs as (
            select * from read_parquet($results)
        ),

        methods as (
            select distinct method from theirs
        )

        select
            count(*) as compared,
            count(*) - count(ours.p_value + theirs.p_value) as missing,
            max(abs(ours.effect - theirs.effect) / abs(theirs.effect)) as effect,
            max(abs(ours.p_value - theirs.p_value)) as p_value
        from (from ours inner join methods using (method)) as ours
        full join theirs using (experiment_id, metric_id, variant, method)
        """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relation = connection.execute(query, {"results": str(results)})
        names = [column[0] for column in relation.description]
        found = dict(zip(names, relation.fetchone(), strict=True))
    if found["missing"] or max(found["effect"], found["p_value"]) > TOLERANCE:
        raise RuntimeError(f"{warehouse} and {results} disagree: {found}.")
    return found


if __name__ == "__main__":
    main()
