"""Claims about LSTM, attention and Transformer as experiments, each with a table and a figure.

    python benchmarks/claims/claims.py [NUMBER ...] [--quick] [--again] [--table]

1. The error of the LSTM encoder-decoder on a recall task increases with the lag; with attention, it does not.
2. Attention puts its largest weight on the true lag in over 95 % of the windows.
3. Without positional encoding, the Transformer does not depend on the order of the history.
4. Duration of a training step as the lookback doubles.
5. The textbook's settings compared with the defaults, on real data.
6. The pretrained networks as priors: the influence of each past year on the forecast.

Results are written to `results/claims_*.csv` and figures to `figures/claims_*.png`. The experiments 1 to 3 share their
fits, so run them together. The figures of 2 and 3 require some fits even if all results exist.
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.claims import order, priors, recall, step_seconds, textbook
from benchmarks.common import results
from benchmarks.common.processes import ROOT
from benchmarks.common.runner import make_parser

# Number: (benchmark, function that draws its rows).
EXPERIMENTS = {
    "1": (recall.ERRORS, recall.draw_errors),
    "2": (recall.WEIGHTS, recall.draw_weights),
    "3": (order.BENCHMARK, order.draw),
    "4": (step_seconds.BENCHMARK, step_seconds.draw),
    "5": (textbook.BENCHMARK, textbook.draw),
    "6": (priors.BENCHMARK, priors.draw),
}


def main():
    parser = make_parser(__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help=f"{', '.join(EXPERIMENTS)}. Defaults to all")
    arguments = parser.parse_args()
    numbers = arguments.numbers or list(EXPERIMENTS)
    if unknown := sorted(set(numbers) - set(EXPERIMENTS)):
        parser.error(f"received {', '.join(unknown)}, expected some of {', '.join(EXPERIMENTS)}.")
    for number in numbers:
        benchmark, draw = EXPERIMENTS[number]
        benchmark.run(arguments)
        if not (arguments.quick or arguments.table):
            figure = draw(results.read(benchmark.name))
            path = ROOT / "benchmarks" / "figures" / f"{benchmark.name}.png"
            figure.savefig(path, dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
