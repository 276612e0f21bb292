"""`benchmarks/results/accelerators.csv` contains the speedup of each component over its Keras equivalent."""

import csv
import pathlib
import pkgutil

import tsattn.accelerators

RESULTS = pathlib.Path(__file__).parents[2] / "benchmarks" / "results" / "accelerators.csv"
WITHOUT_TWIN = {"backend", "cache", "retracing"}  # not a faster computation


def test_each_piece_gains_in_at_least_one_case():
    with RESULTS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    gains = {}
    for row in rows:
        gains.setdefault(row["piece"].split(".")[0], []).append(float(row["gain"]))
    modules = {module.name for module in pkgutil.iter_modules(tsattn.accelerators.__path__)}
    assert modules - WITHOUT_TWIN <= set(gains)
    assert {piece: max(values) for piece, values in gains.items() if max(values) < 1.05} == {}
