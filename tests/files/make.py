"""Write the missing model files of the current format that the tests load: `python tests/files/make.py`.

Existing files are never rewritten, because they prove that later versions load the files of earlier ones.
"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

import pandas as pd  # noqa: E402
from forecaster_table import FAST, FORECASTERS, HORIZON, monthly, monthly_covariates, panel, shops, wide  # noqa: E402

from tsattn import Training  # noqa: E402
from tsattn.persistence.container import FORMAT  # noqa: E402

CALIBRATED = Training(**FAST, validation_fraction=0.3)
KNOWN = {"past_covariates": ["price"], "calendar": ("month",)}
# Arguments and data of each forecaster: together they cover everything that a file can store.
MODELS = {
    "seq2seq": (
        {"decoding": "recursive", "layers": 2, "fallback": True},
        lambda: (monthly(),),
    ),  # uses the linear fallback
    "attention": (KNOWN, lambda: (panel(), monthly_covariates(70), shops())),
    "transformer": (
        {"quantiles": (0.1, 0.9), "calibrate": True, "training": CALIBRATED},
        lambda: (wide(150).tz_localize("Europe/Berlin"),),
    ),
    "inverted": (KNOWN, lambda: (wide(), monthly_covariates(70))),
    "core": ({}, lambda: (monthly().to_period("M").astype("Float64"),)),
    "linear": ({**KNOWN, "calibrate": True}, lambda: (monthly(120), monthly_covariates(130))),
    "seasonal_naive": ({"season": 5}, lambda: (monthly().set_axis(pd.RangeIndex(10, 130, 2)),)),
    "statistical": ({"lookback": 6}, lambda: (monthly(),)),  # too few steps for a model, which each version improves
    "ensemble": ({"weights": "validation"}, lambda: (monthly(120),)),
}


def main(folder):
    """Write the missing files to a folder, and add their forecasts to its JSON file."""
    path = folder / f"format_{FORMAT}.json"
    forecasts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, (options, data) in MODELS.items():
        file = folder / f"format_{FORMAT}_{name}.tsattn"
        if file.exists():
            continue
        y, *rest = data()
        covariates, static = [*rest, None, None][:2]
        model = FORECASTERS[name](horizon=HORIZON, **options).fit(y, covariates, static=static)
        model.save(file)
        forecasts[name] = model.predict().to_numpy("float64").ravel().tolist()
        path.write_text(json.dumps(forecasts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(FOLDER)
