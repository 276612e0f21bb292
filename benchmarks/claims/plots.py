"""Shared functions for the figures of the claims."""

from matplotlib.figure import Figure

# The Okabe-Ito palette, which color-blind readers can distinguish.
COLORS = {"seq2seq": "#d55e00", "attention": "#0072b2", "transformer": "#009e73"}
GRAY = "#999999"


def panels(columns=1, width=7.0, height=4.0, **options):
    """Return a figure and a list of its axes, side by side."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, **options)[0]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def set_doubling(axes, values, label):
    """Make the horizontal axis logarithmic, for values that double."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(values, [str(value) for value in values])
    axes.minorticks_off()
    axes.set_xlabel(label)


def plot_means(axes, rows, x, y):
    """Plot for each model the mean over the seeds as a line, and each seed as a dot.

    Args:
        axes: Axes of Matplotlib.
        rows: Rows of the results.
        x, y: Columns of the results.

    Returns:
        Dict from the model to the last point of its line.
    """
    ends = {}
    for model, color in COLORS.items():
        points = [(int(row[x]), float(row[y])) for row in rows if row["model"] == model]
        places = sorted({place for place, _ in points})
        means = [sum(v for p, v in points if p == place) / sum(p == place for p, _ in points) for place in places]
        axes.plot(places, means, color=color, linewidth=2)
        axes.plot(*zip(*points, strict=True), "o", color=color, markersize=4)
        ends[model] = (places[-1], means[-1])
    return ends


def label_ends(axes, ends, shifts):
    """Write the name of each model next to the end of its line.

    Args:
        axes: Axes of Matplotlib.
        ends: Dict of `plot_means`.
        shifts: Dict from some models to points by which the name is shifted upwards.
    """
    for model, end in ends.items():
        axes.annotate(
            model,
            end,
            xytext=(8, shifts.get(model, 0)),
            textcoords="offset points",
            color=COLORS[model],
            va="center",
            annotation_clip=False,
        )
