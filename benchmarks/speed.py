"""How fast it is: training, one forecast, start, time to accuracy, growth, refits, scale; beside the peers, in turn.

    TSATTN_DATA=../shared/data python benchmarks/speed.py [--parts training,share,...] [--quick] [--table]
        [--against COMMIT]

The peers run in their own environments (`python benchmarks/peers/environments.py`). What is compared is measured in
turn, A B A B, TURNS times, and the median of the ratios counts. Rows go to results/speed.csv when they are there;
--table prints them, goal and measured side by side. --quick leaves the peers out, but PyTorch, and writes nothing.
--against compares this tree with another commit on the quick rows, and fails where it is slower by more than a tenth.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import results
import speed_growth
import speed_processes
import speed_scale
import speed_table
import speed_training
from speed_pairs import Worker, paired

import tsattn

NAME, TURNS, SLOWER = "speed", 5, 1.1
PARTS = {
    "training": lambda turns, quick: speed_training.rows(turns, quick),
    "share": lambda turns, quick: speed_training.share_rows(turns),
    "forecast": lambda turns, quick: speed_processes.forecast_rows(turns, quick),
    "start": lambda turns, quick: speed_processes.start_rows(turns, quick),
    "growth": lambda turns, quick: speed_growth.rows(quick),
    "refits": lambda turns, quick: speed_growth.refit_rows(),
    "scale": lambda turns, quick: speed_scale.rows(turns, quick),
    "accuracy": lambda turns, quick: speed_processes.accuracy_rows(quick),
}
KEY = ("part", "case", "against")


def run(parts, quick):
    """Measure, print and keep the rows of some parts."""
    for part in parts:
        for row in PARTS[part](TURNS, quick):
            print(*(value for value in row.values() if value != ""), flush=True)
            if not quick:
                results.put(NAME, row, key=KEY)
            yield row


def compare(commit):
    """The ratios of this tree's speed to that of another commit; those that are slower by more than a tenth."""
    root = pathlib.Path(__file__).parent.parent
    slower = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "-C", root, "worktree", "add", "-q", "--detach", folder, commit], check=True)
        try:
            now, before = Worker("tsattn"), Worker("tsattn", root=folder)
            for name, measure in _quick_measures():
                one, other, ratio = paired(lambda ask=measure: ask(now), lambda ask=measure: ask(before), TURNS)
                print(f"{name}: {one:.4g} now, {other:.4g} at {commit}, ratio {ratio:.2f}", flush=True)
                slower += [name] if ratio < 1 / SLOWER else []
            now.close()
            before.close()
        finally:
            subprocess.run(["git", "-C", root, "worktree", "remove", "--force", folder], check=True)
    return slower


def _quick_measures():
    """Names, and functions of a worker that give a speed."""
    for model in speed_training.MODELS:
        job = {"model": model, "batch": 32}
        yield f"training, {model}, windows/s", lambda worker, job=job: worker.ask("train", **job)["windows_per_second"]
    y = tsattn.load_dataset("air_passengers").tolist()
    known = {"values": y, "horizon": 12, "lookback": 24, "season": 12}
    for series, repeats in ((1, speed_processes.REPEATS), (100, 10)):
        job = {**known, "series": series, "repeats": repeats}
        yield f"forecasts a second, {series} series", lambda worker, job=job: 1 / speed_processes.middle(worker, **job)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--against", metavar="COMMIT")
    for name in ("quick", "table"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"--parts {','.join(sorted(unknown))}: there are {', '.join(PARTS)}.")
    if asked.against:
        slower = compare(asked.against)
        sys.exit(f"slower than {asked.against}: {'; '.join(slower)}" if slower else 0)
    measured = [] if asked.table else list(run(asked.parts, asked.quick))
    speed_table.print_from(measured if asked.quick else results.read(NAME))


if __name__ == "__main__":
    main()
