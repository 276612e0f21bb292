"""`benchmarks/results/accelerators.csv` contains the speedup of each component over its Keras equivalent."""

import csv
import pathlib
import pkgutil

import tsattn.accelerators

RESULTS = pathlib.Path(__file__).parents[2] / "benchmarks" / "results" / "accelerators.csv"
WITHOUT_TWIN = {"backend", "cache", "retracing"}  # not a faster computation


MIN_GAIN = 0.95  # of each case, so that no piece costs more than noise anywhere
# Of a case that is slower by design: `FlatAdam` saves more seconds of compilation than its steps of a short fit cost.
MIN_GAINS = {"training step, attention": 0.85}

with RESULTS.open(newline="", encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def test_each_piece_gains_in_at_least_one_case():
    gains = {}
    for row in ROWS:
        gains.setdefault(row["piece"], []).append(float(row["gain"]))
    modules = {module.name for module in pkgutil.iter_modules(tsattn.accelerators.__path__)}
    assert modules - WITHOUT_TWIN <= set(gains)
    assert {piece: max(values) for piece, values in gains.items() if max(values) < 1.05} == {}


def test_no_piece_is_slower_than_its_twin_in_a_case_that_it_covers():
    slower = {row["case"] for row in ROWS if float(row["gain"]) < MIN_GAINS.get(row["case"], MIN_GAIN)}
    assert slower == set() and set(MIN_GAINS) <= {row["case"] for row in ROWS}
