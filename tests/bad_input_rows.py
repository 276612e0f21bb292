"""The list of awkward and hostile inputs, in order: what may come, and what it must get.

`forecasters/test_bad_inputs.py` holds that each row has a case, by its number, in the tables of `bad_input_table.py`,
or a test, which is named here.
"""

OURS = "forecasters/test_bad_training.py"
CLI = "test_cli.py"
CONTRACT = "forecasters/test_contract.py::test_it_keeps_the_contract"
SKLEARN = "forecasters/test_sklearn.py"
# Row: (input, right behaviour, tests beyond the tables).
ROWS = {
    # Values
    1: ("NaN in the target", "left out by masks; nothing observed at all or in the last lookback: ValueError"),
    2: ("plus or minus infinity", "ValueError"),
    3: ("1e30", "scaled in float64 first; an outlier that leaves float32: ValueError"),
    4: ("a constant series", "goes on; its MASE is NaN, with a warning"),
    5: ("a window without a value", "statistics of what was observed"),
    6: ("float16", "computed in float32; comes back as float32"),
    7: ("integers", "as floats of the same values"),
    8: ("booleans, categories", "TypeError"),
    9: ("objects", "TypeError that names pd.to_numeric"),
    10: ("complex numbers, text", "TypeError"),
    11: ("nullable dtypes with NA", "as row 1"),
    12: ("Arrow dtypes", "as row 1"),
    13: ("ids and columns of the dtype str", "as those of object"),
    14: ("read-only arrays", "taken, never written to"),
    15: ("data changed by fit or predict", "never", CONTRACT),
    # Time index
    16: ("duplicate stamps", "ValueError with the series and the first of them"),
    17: ("unsorted rows", "the same forecast as of sorted ones"),
    18: ("missing stamps", "missing values, with one warning; a step that cannot be told: ValueError"),
    19: ("two rows", "ValueError that asks for freq="),
    20: ("another step than declared", "ValueError"),
    21: ("a step that is lost", "inferred once, or ValueError"),
    22: ("old aliases", "ValueError with the new one"),
    23: ("multiples of a step", "continued"),
    24: ("business days and months", "continued"),
    25: ("time zones", "kept"),
    26: ("clocks that change", "continued in UTC within a day, in wall time from a day on"),
    27: ("naive time with clocks that change", "ValueError that names tz_localize"),
    28: ("periods", "continued as periods"),
    29: ("integers as times", "continued by their step"),
    30: ("units of stamps", "kept"),
    31: ("the dtype of the index", "kept"),
    32: ("dates as text, NaT", "ISO is read; else ValueError"),
    # Shape, panel, columns
    33: ("a series that is too short", "ValueError with what it has and what it needs"),
    34: ("an empty frame", "ValueError"),
    35: ("one row, a list, an array", "ValueError or TypeError"),
    36: ("a horizon of 0, -1, 2.5, '3'", "ValueError in fit and predict, not before"),
    37: ("a ragged panel", "each series from its own end", CONTRACT),
    38: ("a series that was not fitted", "forecast from its history"),
    39: ("ids of any kind, in any order", "joined by key"),
    40: ("ids in the index or in a column", "the same"),
    41: ("levels that are wrong", "ValueError with the order that is expected"),
    42: ("columns in another order", "matched by name"),
    43: ("columns that lack or are more", "ValueError; others are left out with a warning"),
    44: ("columns of the same name", "ValueError"),
    45: ("names that are no text", "kept"),
    46: ("covariates of the future too short", "ValueError with the span that is needed"),
    47: ("NaN in covariates of the future", "ValueError"),
    48: ("the target among the covariates", "ValueError"),
    49: ("a category that was not seen", "unknown, with a warning"),
    50: ("more series than a batch", "the same forecasts", "forecasters/test_bad_inputs.py::test_50_and_51_series"),
    51: ("another size of batch", "the same forecasts", "forecasters/test_bad_inputs.py::test_50_and_51_series"),
    # Training and process
    52: ("a loss that diverges", "TrainingDivergedError with the last finite weights", f"{OURS}::test_52_a_loss"),
    53: ("Ctrl-C in fit", "raised again; the forecaster is as before", f"{OURS}::test_53_ctrl_c"),
    54: ("a fit after one that failed", "that of a new forecaster", f"{OURS}::test_54_a_refit"),
    55: ("many refits", "one compiled network, flat memory", f"{OURS}::test_55_memory"),
    56: ("small forecasts", "milliseconds", f"{OURS}::test_56_a_forecast"),
    57: ("seeds", "the same bits on a machine; the caller's random state is left alone", f"{OURS}::test_57_a_seed"),
    58: ("threads that forecast at once", "the same bits", f"{OURS}::test_58_the_first_calls"),
    59: ("a fork", "RuntimeError at once", f"{OURS}::test_59_a_forked"),
    60: ("joblib's processes", "work", f"{SKLEARN}::test_fitting_in_other_processes"),
    61: ("few held-out windows, or none", "a forecast", f"{OURS}::test_61_no_held_out"),
    62: ("a huge panel", "no window is made beforehand", f"{OURS}::test_62_a_huge_panel"),
    63: ("a long backtest", "folds are not kept", f"{OURS}::test_63_a_long_backtest"),
    64: ("no GPU, full memory", "the CPU; MemoryError that says what to lower", f"{OURS}::test_64_a_full_memory"),
    # 65 to 70 are about files of fitted forecasters, and stand with those.
    # Command line
    71: ("encodings, separators, outputs that exist", "usage is 2, data 1, Ctrl-C 130", f"{CLI}::test_a_file_becomes"),
}
