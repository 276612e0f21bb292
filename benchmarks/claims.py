"""The notes' claims as experiments: a table and a figure each.

    python benchmarks/claims.py [NUMBER ...]

1. The error of the LSTM pair on a recall task grows with the lag; that with attention does not.
2. Attention puts its largest weight on the true lag in over 95 % of windows.
3. Without positional encoding the Transformer does not know the order of the history.
4. Seconds of a training step as the lookback doubles.
5. The textbook's settings beside the defaults, on real data.

Results go to results/claims_*.csv and figures/claims_*.png. The experiments 1 to 3 share their fits: run together they
take less than one by one.
"""

import sys
import time

import claims_order
import claims_real
import claims_recall
import claims_seconds
import results

# Number: (name of the table and of the figure, rows of the table, what draws them).
EXPERIMENTS = {
    "1": ("claims_recall", claims_recall.errors, claims_recall.draw_errors),
    "2": ("claims_attention", claims_recall.weights, claims_recall.draw_weights),
    "3": ("claims_order", claims_order.measure, claims_order.draw),
    "4": ("claims_seconds", claims_seconds.measure, claims_seconds.draw),
    "5": ("claims_textbook", claims_real.measure, claims_real.draw),
}


def main(numbers):
    for number in numbers:
        name, measure, draw = EXPERIMENTS[number]
        start = time.perf_counter()
        rows = measure()
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
        results.write(name, rows)
        figure = draw(rows)
        figure.savefig(results.FOLDER.parent / "figures" / f"{name}.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main(sys.argv[1:] or list(EXPERIMENTS))
