"""What the figures of the claims have in common."""

from matplotlib.figure import Figure

# Of Okabe and Ito: told apart by the colour-blind.
COLORS = {"seq2seq": "#d55e00", "attention": "#0072b2", "transformer": "#009e73"}
PLAIN = "#999999"


def panels(columns=1, width=7.0, height=4.0, **options):
    """A figure and its axes side by side, in a list."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, **options)[0]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def doubling(axes, values, label):
    """A horizontal axis on which each of the values is twice the one before."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(values, [str(value) for value in values])
    axes.minorticks_off()
    axes.set_xlabel(label)


def mean_lines(axes, rows, across, value):
    """For each model the mean line over the seeds and a dot for each seed; gives the end of each line."""
    ends = {}
    for model, color in COLORS.items():
        own = [(row[across], float(row[value])) for row in rows if row["model"] == model]
        places = sorted({place for place, _ in own})
        means = [sum(v for p, v in own if p == place) / sum(p == place for p, _ in own) for place in places]
        axes.plot(places, means, color=color, linewidth=2)
        axes.plot(*zip(*own, strict=True), "o", color=color, markersize=4)
        ends[model] = (places[-1], means[-1])
    return ends


def label_ends(axes, ends, shifts):
    """The name of each model beside the end of its line, shifted up by so many points."""
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
