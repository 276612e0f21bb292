"""Speed of training, forecasts, start, time to accuracy, growth, refits and scaling out, compared with other libraries.

    TSATTN_DATA=FOLDER python benchmarks/speed/speed.py [--parts training,share,...] [--quick] [--table]
    python benchmarks/speed/speed.py --against COMMIT [--tolerance PERCENT] [--quick]

Peers run in separate environments (`python benchmarks/peers/environments.py`). Systems are measured in alternation,
A B A B, in five turns; the ratio is the median of the ratios of the turns. Each row is written when it is measured.
`--quick` measures only PyTorch as a peer. `--against` compares this checkout with another commit on the quick rows and
fails if it is slower by more than the tolerance; with `--quick`, there is only one turn.
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common import results
from benchmarks.common.processes import checkout
from benchmarks.common.runner import make_parser
from benchmarks.speed import forecasts, growth, refits, scale_out, startup, time_to_accuracy, training
from benchmarks.speed.rows import print_rows
from benchmarks.speed.workers import Worker, paired

NAME, TURNS = "speed", 5
KEY = ("part", "case", "against")
# Functions of the number of turns and of whether the measurement is quick; each returns rows.
PARTS = {
    "training": training.rows,
    "share": lambda turns, quick: training.share_rows(turns),
    "forecast": forecasts.rows,
    "start": startup.rows,
    "growth": lambda turns, quick: growth.rows(quick),
    "refits": lambda turns, quick: refits.rows(),
    "scale": scale_out.rows,
    "accuracy": lambda turns, quick: time_to_accuracy.rows(quick),
}
# Functions of a worker; each returns a speed.
QUICK = {
    "training, lstm, windows/s": lambda worker: training.windows_per_second(worker, "lstm", 32),
    "training, transformer, windows/s": lambda worker: training.windows_per_second(worker, "transformer", 32),
    "forecasts per second, 1 series": lambda worker: forecasts.forecasts_per_second(worker, 1, forecasts.REPEATS),
    "forecasts per second, 100 series": lambda worker: forecasts.forecasts_per_second(worker, 100, 10),
}


def run(parts, quick):
    """Measure, print, write and yield the rows of some parts. The quick ones are not written."""
    for part in parts:
        for row in PARTS[part](TURNS, quick):
            print(*(value for value in row.values() if value != ""), flush=True)
            if not quick:
                results.write(NAME, [row], KEY)
            yield row


def compare(commit, tolerance, turns):
    """Print the ratios of the speed of this checkout to that of another commit.

    Args:
        commit: The commit to compare with.
        tolerance: Percent by which this checkout may be slower.
        turns: Number of measurements of each.

    Returns:
        List of the names of the rows that are slower than the tolerance allows.
    """
    slower = []
    with checkout(commit) as folder:
        workers = Worker("tsattn"), Worker("tsattn", root=folder)
        for name, speed in QUICK.items():
            one, other, ratio = paired(*(lambda each=worker, of=speed: of(each) for worker in workers), turns)
            print(f"{name}: {one:.4g} in this checkout, {other:.4g} at {commit}, ratio {ratio:.2f}", flush=True)
            slower += [name] if ratio < 1 / (1 + tolerance / 100) else []
        for worker in workers:
            worker.close()
    return slower


def main():
    parser = make_parser(__doc__, flags=("quick", "table"))
    parser.add_argument("--parts", default=",".join(PARTS), metavar="A,B", help="defaults to all: %(default)s")
    parser.add_argument("--against", metavar="COMMIT", help="the commit to compare this checkout with")
    parser.add_argument("--tolerance", type=float, default=10, metavar="PERCENT", help="defaults to %(default)s")
    arguments = parser.parse_args()
    parts = arguments.parts.split(",")
    if unknown := sorted(set(parts) - set(PARTS)):
        parser.error(f"--parts received {', '.join(unknown)}, expected some of {', '.join(PARTS)}.")
    if arguments.against:
        slower = compare(arguments.against, arguments.tolerance, 1 if arguments.quick else TURNS)
        sys.exit(f"slower than {arguments.against}: {'; '.join(slower)}" if slower else 0)
    measured = [] if arguments.table else list(run(parts, arguments.quick))
    print_rows(measured if arguments.quick else results.read(NAME))


if __name__ == "__main__":
    main()
