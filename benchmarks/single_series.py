"""What the benchmarks of single series share: each series by each candidate, and geometric means by group."""

import argparse

import accuracy
import numpy as np
import results
from tqdm import tqdm

CANDIDATES = (*accuracy.FIXED, "seq2seq", "attention", "transformer", "ensemble")
SEED = 0


def main(name, series, groups, description):
    """The command line of such a benchmark: measures what is not in its results yet, and prints the table.

    Args:
        name: Of the results.
        series: Function of no argument that gives the pairs of a name and a `Task`.
        groups: What the names of the series of a group begin with.
        description: Of the benchmark.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=lambda text: text.split(","), default=CANDIDATES)
    for flag in ("again", "table"):
        parser.add_argument(f"--{flag}", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.candidates) - set(CANDIDATES):
        parser.error(f"--candidates {','.join(sorted(unknown))}: there are {', '.join(CANDIDATES)}.")
    if not asked.table:
        run(name, dict(series()), asked.candidates, asked.again)
    print_table(name, groups)


def run(name, series, candidates, again):
    """Measure the cells that are not in the results yet."""
    done = set() if again else {(row["series"], row["candidate"]) for row in results.read(name)}
    cells = [(one, candidate) for one in series for candidate in candidates if (one, candidate) not in done]
    for one, candidate in tqdm(cells, unit="cell"):
        forecasts, figures = accuracy.measure(candidate, series[one], SEED)
        row = {"series": one, "candidate": candidate, "mase": f"{series[one].score(forecasts)['mase']:.4f}"}
        row |= {"fit_seconds": f"{figures['fit_seconds']:.1f}", "lookback": figures["lookback"]}
        results.put(name, row, key=("series", "candidate"))


def print_table(name, groups):
    """Geometric means of the MASE by group and of all; in how many series each errs more than the seasonal naive."""
    rows = results.read(name)
    print(f"| series | {' | '.join(CANDIDATES)} |\n|{'---|' * (1 + len(CANDIDATES))}")
    for group in (*groups, ""):
        means = []
        for candidate in CANDIDATES:
            logs = [
                np.log(float(row["mase"]))
                for row in rows
                if row["candidate"] == candidate and row["series"].startswith(group)
            ]
            means.append(f"{np.exp(np.mean(logs)):.3f}" if logs else "-")
        print(f"| {group or 'all'} | {' | '.join(means)} |")
    errors = {(row["series"], row["candidate"]): float(row["mase"]) for row in rows}
    worse = [
        sum(error > errors[one, "seasonal_naive"] for (one, other), error in errors.items() if other == candidate)
        for candidate in CANDIDATES
    ]
    print(f"| series where it errs more than seasonal_naive | {' | '.join(map(str, worse))} |")
