"""The command line of mercato."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mercato.cli.build import BuildRequest, build_variables, run_build
from mercato.cli.calibrate import CalibrationRequest, run_calibrate
from mercato.cli.console import Console
from mercato.cli.docs import write_docs
from mercato.cli.mapping import map_export
from mercato.cli.project import CommandError, Project, find_project
from mercato.cli.query import run_query
from mercato.cli.tune import TuneRequest, run_tune

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 not usable."""
    options = _parser().parse_args(arguments)
    console = Console(sys.stdout)
    try:
        if options.command == "map":
            map_export(options.queries, options.source, options.output, console)
            return 0
        _run(find_project(options.project_dir), options, console)
    except CommandError as error:
        return _ended(console, str(error), error.exit_code)
    except KeyboardInterrupt:
        return _ended(
            console, "Interrupted. What was published stays as it was.", _INTERRUPTED
        )
    return 0


def _ended(console: Console, message: str, exit_code: int) -> int:
    console.end_status()
    print(message, file=sys.stderr)
    return exit_code


def _run(project: Project, options: argparse.Namespace, console: Console) -> None:
    if options.command == "query":
        run_query(project, options.sql, options.rows, console.is_terminal)
        return
    if options.command == "tune":
        request = TuneRequest(
            tuple(options.recommenders), options.minutes, options.trials, options.seed
        )
        run_tune(project, request, console)
        return
    if options.command == "calibrate":
        request = CalibrationRequest(
            options.simulations, options.seed, options.max_units
        )
        run_calibrate(project, request, console)
        return
    variables = build_variables(project, options.input, options.as_of, options.vars)
    os.chdir(project.root)
    if options.command == "docs":
        write_docs(project, variables, console)
        return
    request = BuildRequest(
        variables=variables,
        select=tuple(options.select or ()),
        full_refresh=options.full_refresh,
        threads=options.threads,
        publish=options.publish or not options.select,
    )
    run_build(project, request, console)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mercato",
        description="Turn a shop's orders and events into tested, versioned tables.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser(
        "build",
        help="build and test everything, then publish it",
        description="Build and test the warehouse; publish it if every test holds. "
        "Exit code: 0 published, 1 the build failed and what was published stays, "
        "2 the request or the configuration cannot be used.",
    )
    _add_data_options(build)
    build.add_argument(
        "--select",
        nargs="+",
        metavar="NODES",
        help="build these only, in dbt's selection syntax; such a build goes on from "
        "build/warehouse.duckdb and is not published without --publish",
    )
    build.add_argument(
        "--publish", action="store_true", help="publish a --select'ed build too"
    )
    build.add_argument(
        "--full-refresh",
        action="store_true",
        help="build incremental tables anew; the history of versions is kept",
    )
    build.add_argument(
        "--threads", type=_positive, help="nodes built at a time (default: 2)"
    )
    _add_docs_and_query(commands)
    _add_tune(commands)
    _add_calibrate(commands)
    _add_map(commands)
    return parser


def _add_tune(commands: argparse._SubParsersAction) -> None:
    tune = commands.add_parser(
        "tune",
        help="search for better parameters of the recommenders",
        description="Try parameters of the recommenders on the validation window of "
        "the published warehouse. Writes seeds/reference/recommender_trials.csv and, "
        "for the next build, seeds/reference/tuned_parameters.csv.",
    )
    tune.add_argument(
        "recommenders", nargs="*", help="such as svd ease (default: all of them)"
    )
    tune.add_argument(
        "--minutes",
        type=_positive_number,
        default=10,
        help="begin no further trial after so many minutes (default: 10)",
    )
    tune.add_argument(
        "--trials",
        type=_positive,
        default=40,
        help="at most so many a recommender (default: 40)",
    )
    tune.add_argument(
        "--seed", type=int, default=20091201, help="decides the order of the trials"
    )
    _add_project_option(tune)


def _add_calibrate(commands: argparse._SubParsersAction) -> None:
    calibrate = commands.add_parser(
        "calibrate",
        help="see what the methods for experiments do on this shop's data",
        description="Simulate experiments on visitors of the published warehouse, "
        "without an effect and with one, and write how often each method is right to "
        "seeds/reference/experiment_calibrations.csv, for the next build.",
    )
    calibrate.add_argument(
        "--simulations",
        type=_positive,
        default=2_000,
        help="so many without and as many with an effect, per metric (default: 2000)",
    )
    calibrate.add_argument(
        "--max-units",
        type=_positive,
        default=20_000,
        help="draw from so many visitors at most (default: 20000)",
    )
    calibrate.add_argument(
        "--seed", type=int, default=20091201, help="decides the random numbers"
    )
    _add_project_option(calibrate)


def _add_map(commands: argparse._SubParsersAction) -> None:
    mapping = commands.add_parser(
        "map",
        help="bring an export into the shape that build reads",
        description="Run each <table>.sql of a folder over the table `source`, a "
        "shop's export, and write the result as <table>.parquet.",
    )
    mapping.add_argument("queries", type=Path, help="the folder of queries")
    mapping.add_argument("source", type=Path, help="a CSV or Parquet file")
    mapping.add_argument("output", type=Path, help="the folder to write to")


def _add_docs_and_query(commands: argparse._SubParsersAction) -> None:
    docs = commands.add_parser("docs", help="write site/index.html")
    _add_data_options(docs)
    query = commands.add_parser("query", help="ask the published warehouse")
    query.add_argument("sql", help='for example "select * from daily_sales"')
    query.add_argument(
        "--rows", type=_positive, default=40, help="print so many at most (default: 40)"
    )
    _add_project_option(query)


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        metavar="FOLDER",
        help="a folder of CSV or Parquet files, 'tables:<schema>' or 'sample' "
        "(default: the variable `input` of dbt_project.yml)",
    )
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        help="use nothing after this date (default: the last date in the data)",
    )
    parser.add_argument("--vars", metavar="YAML", help="other variables of the project")
    _add_project_option(parser)


def _add_project_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project-dir",
        type=Path,
        metavar="FOLDER",
        help="the project (default: the nearest folder from here up that is one)",
    )


def _positive_number(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text}, must be > 0")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}, must be >= 1")
    return value
