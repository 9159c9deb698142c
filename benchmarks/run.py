"""Build shops of growing size with mercato and with pandas, and compare the cost.

Run it with `python -m benchmarks.run 1 10`; benchmarks/README.md says what is measured.
"""

import argparse
import json
import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.generate import Sizes, generate_once
from benchmarks.measure import GIB, run_script
from benchmarks.report import as_markdown, growth_lines
from benchmarks.warehouse import ROOT, Build, build, new_workspace

# What each step of the baseline corresponds to in the build.
COUNTERPARTS: dict[str, tuple[str, ...]] = {
    "RFM": (
        "feat_customer__rfm",
        "feat_rfm__thresholds",
        "customer_rfm",
    ),
    "daily sales": ("daily_sales",),
    "product performance": ("product_performance",),
    "segments": (
        "feat_customer__rfm_scaled",
        "py_segments_kmeans",
        "customer_segments",
    ),
    "similar products": ("py_product_similarities_knn",),
    "recommendations": (
        "feat_customer_product__interactions",
        "py_customer_recommendations_svd",
    ),
}


def main() -> None:
    options = _options()
    results = []
    for scale in options.scales:
        result = _measure(scale, options)
        results.append(result)
        name = f"x{scale:g}"
        options.results.mkdir(parents=True, exist_ok=True)
        text = as_markdown(result)
        (options.results / f"{name}.json").write_text(
            json.dumps(result, indent=2) + "\n", encoding="utf-8"
        )
        (options.results / f"{name}.md").write_text(text, encoding="utf-8")
        print(text)
    print("\n".join(growth_lines(results)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run")
    parser.add_argument(
        "scales", type=float, nargs="+", help="1 is 100,000 order lines"
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--baseline-gib", type=float, default=16, help="its limit")
    parser.add_argument("--baseline-minutes", type=float, default=60, help="its limit")
    parser.add_argument("--skip-baseline", action="store_true")
    return parser.parse_args()


def _measure(scale: float, options: argparse.Namespace) -> dict[str, Any]:
    folder = options.cache.resolve() / f"x{scale:g}"
    data = folder / "input"
    generate_once(data, scale, threads=options.threads)
    workspace = folder / "mercato"
    new_workspace(workspace)
    print(f"x{scale:g}: building", flush=True)
    first = build(workspace, data, "first", threads=options.threads)
    print(f"x{scale:g}: building again, unchanged", flush=True)
    second = build(workspace, data, "second", threads=options.threads)
    warehouse = workspace / "published" / "warehouse.duckdb"
    result = {
        "scale": scale,
        "sizes": {
            **Sizes.of(scale)._asdict(),
            "product_count": Sizes.of(scale).product_count,
        },
        "machine": _machine(),
        "warehouse_bytes": warehouse.stat().st_size if warehouse.exists() else None,
        "mercato": first.measured.costs() | _parts(first),
        "unchanged": second.measured.costs() | _parts(second),
    }
    if not options.skip_baseline:
        print(f"x{scale:g}: pandas and scikit-learn", flush=True)
        result["baseline"] = _baseline(data, folder / "baseline", options)
        result["steps"] = _steps(first, result["baseline"]["step_seconds"])
    return result


def _baseline(data: Path, output: Path, options: argparse.Namespace) -> dict[str, Any]:
    seconds = output / "seconds.json"
    seconds.unlink(missing_ok=True)
    measured = run_script(
        "benchmarks.baseline_pandas",
        *(data, output),
        log=output / "log.txt",
        threads=options.threads,
        gib=options.baseline_gib,
        minutes=options.baseline_minutes,
    )
    steps = json.loads(seconds.read_text()) if seconds.exists() else {}
    return measured.costs() | {"step_seconds": steps}


def _parts(built: Build) -> dict[str, Any]:
    models = [node for node in built.nodes if node.layer not in ("tests", "unit tests")]
    return {
        "layers": built.layers(),
        "models": [
            {
                "name": node.name,
                "layer": node.layer,
                "seconds": round(node.seconds, 3),
                "peak_bytes": node.peak_bytes,
            }
            for node in models
        ],
    }


def _steps(built: Build, baseline: dict[str, float]) -> dict[str, dict[str, float]]:
    return {
        step: {
            "mercato_seconds": round(built.seconds_of(models), 3),
            "baseline_seconds": round(baseline[step], 3),
        }
        for step, models in COUNTERPARTS.items()
        if step in baseline and built.nodes
    }


def _machine() -> dict[str, Any]:
    return {
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "cpu_count": os.cpu_count(),
        "memory_gib": round(
            os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1
        ),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
