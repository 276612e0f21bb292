"""Figures in print for the published tasks, which `published.py` prints next to those of tsattn.

Sources: the results in the repositories of chronos-forecasting (`chronos/`, at fe0f1e2), gift-eval (`gift/`, at
4fd98a9) and fev (`fev/`, and the statistical models of `chronos/`, at 1bc95fd). For `chronos/` also the tables of
TimesFM, of the Monash archive (arXiv 2105.06643) and of the M4 competition, on the same windows and scale; the figures
of Chronos-2 there are from a third party. The best statistical model and the best network that was trained on the task
are the lowest of many figures, which favours them.
"""

MODELS = ("seasonal naive", "best statistical", "best trained network", "Chronos-Bolt base", "Chronos-2")
# Starts of the names of the tasks on which a model was trained, or for which its authors declare leakage.
LEAKED = {"Chronos-Bolt base": ("chronos/m4_hourly", "chronos/electricity_weekly", "gift/")}
# Task: MASE, then WQL, CRPS or SQL, each for all of `MODELS`: a number, a pair of number and name, or None.
FIGURES = {
    "chronos/m1_monthly": (
        (1.3144615, (1.034, "ensemble"), (1.168, "N-BEATS"), 1.09977, 1.0271),
        (0.19146326, (0.154444, "AutoARIMA"), None, 0.139231, 0.1466),
    ),
    "chronos/m1_quarterly": (
        (2.0775366, (1.594, "ensemble"), (1.7, "WaveNet"), 1.77379, 1.6627),
        (0.14950221, (0.0820343, "AutoTheta"), None, 0.100712, 0.0833),
    ),
    "chronos/m3_yearly": (
        (3.1717102, (2.60995, "AutoTheta"), (2.961, "N-BEATS"), 2.90671, 2.9967),
        (0.16653297, (0.127728, "AutoTheta"), None, 0.129343, 0.1469),
    ),
    "chronos/tourism_monthly": (
        (1.63094, (1.441, "ensemble"), (1.382, "FFNN"), 1.52834, 1.423),
        (0.10418243, (0.0909336, "AutoARIMA"), None, 0.0902643, 0.0726),
    ),
    "chronos/tourism_quarterly": (
        (1.6989893, (1.506, "ensemble"), (1.475, "N-BEATS"), 1.75613, 1.5662),
        (0.11937502, (0.0612408, "AutoTheta"), None, 0.0644806, 0.0648),
    ),
    "chronos/m4_hourly": (
        (1.1932106, (2.455, "Theta"), (0.893, "ES-RNN"), 0.835013, None),
        (0.048309194, None, None, 0.0253538, None),
    ),
    "chronos/electricity_weekly": (
        (3.0371656, None, None, 1.83915, None),
        (0.19793325, None, None, 0.0641097, None),
    ),
    "chronos/exchange_rate": (
        (1.7401824, (1.6432, "AutoETS"), None, 1.70952, 1.8164),
        (0.012984141, (0.00971412, "AutoTheta"), None, 0.0120068, 0.0118),
    ),
    "gift/m4_hourly/H/short": (
        (1.1932102, (1.03, "AutoARIMA"), (1.34, "N-BEATS"), 0.836515, 0.788423),
        (0.037572551, (0.0337, "AutoARIMA"), (0.030175, "xLSTM-Mixer"), 0.0253167, 0.023216),
    ),
    "gift/us_births/D/short": (
        (1.8648392, (0.423248, "FLAIR"), (0.313464, "xLSTM-Mixer"), 0.484747, 0.326573),
        (0.11952687, (0.0218908, "FLAIR"), (0.0161, "TFT"), 0.0258925, 0.0165164),
    ),
    "gift/us_births/W/short": (
        (1.5634204, (1.31892, "FLAIR"), (1.08606, "xLSTM-Mixer"), 1.0875, 0.978968),
        (0.019296796, (0.0160254, "FLAIR"), (0.0131324, "xLSTM-Mixer"), 0.0128961, 0.0113958),
    ),
    "gift/us_births/M/short": (
        (0.76053108, (0.466, "AutoARIMA"), (0.356163, "xLSTM-Mixer"), 0.923989, 0.632837),
        (0.016825597, (0.0104, "AutoARIMA"), (0.00773047, "xLSTM-Mixer"), 0.0194503, 0.0125201),
    ),
    "gift/ett1/15T/short": (
        (0.93415496, (0.741423, "FLAIR"), (0.740002, "xLSTM-Mixer"), 0.679655, 0.686928),
        (0.24136395, (0.189421, "FLAIR"), (0.161481, "xLSTM-Mixer"), 0.157881, 0.165294),
    ),
    "gift/ett1/H/short": (
        (0.97731762, (0.942935, "FLAIR"), (0.863092, "xLSTM-Mixer"), 0.827884, 0.786782),
        (0.24036844, (0.203954, "FLAIR"), (0.181453, "xLSTM-Mixer"), 0.181087, 0.170564),
    ),
    "gift/ett1/15T/medium": (
        (1.188306, (1.14808, "FLAIR"), (1.04252, "xLSTM-Mixer"), 1.06128, 0.985994),
        (0.32155117, (0.289817, "FLAIR"), (0.235623, "xLSTM-Mixer"), 0.280921, 0.233031),
    ),
    "gift/ett1/H/medium": (
        (1.5678007, (1.43192, "FLAIR"), (1.32573, "xLSTM-Mixer"), 1.37477, 1.27378),
        (0.43491183, (0.282311, "FLAIR"), (0.266428, "xLSTM-Mixer"), 0.302743, 0.260595),
    ),
    "gift/ett1/15T/long": (
        (1.1908857, (1.14361, "FLAIR"), (1.07676, "xLSTM-Mixer"), 1.13577, 1.01337),
        (0.34017935, (0.286845, "FLAIR"), (0.236924, "xLSTM-Mixer"), 0.297785, 0.241135),
    ),
    "gift/ett1/H/long": (
        (1.4787013, (1.45469, "FLAIR"), (1.41428, "xLSTM-Mixer"), 1.35438, 1.38047),
        (0.47106249, (0.285407, "FLAIR"), (0.27729, "xLSTM-Mixer"), 0.310944, 0.275179),
    ),
    "gift/ett1/D/short": (
        (1.7783698, (1.69, "AutoETS"), (1.64595, "xLSTM-Mixer"), 1.67232, 1.64034),
        (0.40843358, (0.279, "AutoARIMA"), (0.273584, "FFM"), 0.287309, 0.274211),
    ),
    "gift/ett1/W/short": (
        (1.7689208, (1.61502, "FLAIR"), (1.38573, "xLSTM-Mixer"), 1.69703, 1.59006),
        (0.31182515, (0.275362, "FLAIR"), (0.249201, "xLSTM-Mixer"), 0.295789, 0.271427),
    ),
    "fev/epf_np": (
        (1.7613036, (1.51402, "AutoTheta"), (0.806108, "PatchTST"), 1.24094, 0.850193),
        (1.5298485, (1.2812, "AutoTheta"), (0.635323, "PatchTST"), 0.971072, 0.658114),
    ),
    "fev/epf_be": (
        (1.0270532, (0.981427, "ensemble"), (0.691885, "PatchTST"), 0.727295, 0.647025),
        (1.1502802, (1.05606, "AutoARIMA"), (0.550118, "PatchTST"), 0.573131, 0.503296),
    ),
    "fev/epf_fr": (
        (0.85011887, (0.741027, "ensemble"), (0.421201, "PatchTST"), 0.563838, 0.450065),
        (1.2455234, (0.898903, "AutoETS"), (0.337728, "PatchTST"), 0.438913, 0.361771),
    ),
}


def figures(task):
    """Return the figures in print of a task.

    Returns:
        Two dicts, for MASE and the quantile metric, from `MODELS` to pairs of number and name; the name is empty except
        for the best of many. Models without a figure are missing.
    """
    rows = []
    for row in FIGURES[task]:
        figures = zip(MODELS, row, strict=True)
        rows.append({model: f if isinstance(f, tuple) else (f, "") for model, f in figures if f is not None})
    return rows


def is_leaked(model, task):
    """Return whether a model may have seen the data of a task."""
    return task.startswith(LEAKED.get(model, ()))
