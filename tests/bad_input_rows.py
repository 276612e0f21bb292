"""The list of awkward and hostile inputs, in order: what may come, and what it must get.

`forecasters/test_bad_inputs.py` holds that each row has a case, by its number, in the tables of `bad_input_table.py`,
or tests, which are named here.
"""

INPUTS = "forecasters/test_bad_inputs.py"
OURS = "training/test_bad_training.py"
HOSTILE = "persistence/test_hostile_files.py"
SAVES = "persistence/test_interrupted_saves.py"
KEPT = "persistence/test_kept_files.py"
SAVING = "forecasters/test_saving.py"
CLI = "test_cli.py"
FILES = "test_generated_files.py"
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
    14: (
        "read-only arrays",
        "taken as they are, never written to",
        f"{INPUTS}::test_14_arrays_are_shared_and_not_written_to",
    ),
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
    50: ("more series than a batch", "the same forecasts", f"{INPUTS}::test_50_series_that_are_forecast_together"),
    51: ("another size of batch", "the same forecasts", f"{INPUTS}::test_51_the_batch_changes_nothing"),
    # Training and process
    52: (
        "a loss that diverges",
        "TrainingDivergedError with the last finite weights",
        f"{OURS}::test_52_a_loss_that_diverges_midway",
        f"{OURS}::test_52_the_weights_to_start_from_are_the_last_that_were_finite",
    ),
    53: (
        "Ctrl-C in fit",
        "raised again; the forecaster is as before",
        f"{OURS}::test_53_ctrl_c",
        f"{OURS}::test_53_any_other_error",
        f"{OURS}::test_53_a_first_fit_that_fails_teaches_nothing",
    ),
    54: (
        "a fit after one that failed",
        "that of a new forecaster",
        f"{OURS}::test_54_a_refit_after_a_failure_is_a_fit_of_a_new_one",
    ),
    55: ("many refits", "one compiled network, flat memory", f"{OURS}::test_55_memory_does_not_grow_with_refits"),
    56: ("small forecasts", "milliseconds", f"{OURS}::test_56_a_forecast_takes_milliseconds"),
    57: (
        "seeds",
        "the same bits on a machine; the caller's random state is left alone",
        f"{OURS}::test_57_a_seed_gives_the_same_bits_in_two_processes",
        CONTRACT,
    ),
    58: (
        "threads that forecast at once",
        "the same bits",
        f"{OURS}::test_58_the_first_calls_of_all_may_come_at_once",
        CONTRACT,
    ),
    59: ("a fork", "RuntimeError at once", f"{OURS}::test_59_a_forked_child_is_told_so_at_once"),
    60: (
        "joblib's processes",
        "the same numbers; `n_jobs` says what a process costs",
        f"{OURS}::test_60_n_jobs_says_what_a_process_costs",
        f"{SKLEARN}::test_fitting_in_other_processes",
        f"{SKLEARN}::test_a_fitted_forecaster_travels_to_another_process",
        "evaluation/test_backtest.py::test_fits_in_other_processes_give_the_same",
    ),
    61: ("few held-out windows, or none", "a forecast", f"{OURS}::test_61_no_held_out_windows_or_few"),
    62: (
        "a huge panel",
        "no window is made beforehand; more than the memory holds: MemoryError with an estimate, before it is taken",
        f"{OURS}::test_62_a_huge_panel_is_not_cut_into_windows_beforehand",
        f"{OURS}::test_62_a_panel_beyond_the_memory_is_refused_before_it_is_taken",
    ),
    63: ("a long backtest", "folds are not kept", f"{OURS}::test_63_a_long_backtest_does_not_keep_its_folds"),
    64: (
        "no GPU, full memory",
        "the CPU; MemoryError that says what to lower",
        f"{OURS}::test_64_where_there_is_no_gpu_the_cpu_computes",
        f"{OURS}::test_64_a_full_memory_is_said_with_what_to_lower",
    ),
    # Files
    65: (
        "a full disk or an end in the middle of a save",
        "the old file or the new one",
        f"{SAVES}::test_a_file_that_may_not_grow_leaves_the_old_one",
        f"{SAVES}::test_a_full_disk_or_ctrl_c_leaves_the_old_one",
        f"{SAVES}::test_a_killed_save_leaves_the_old_file_or_the_new_one",
    ),
    66: (
        "a file that is cut off, damaged or another",
        "ModelFileError",
        f"{HOSTILE}::test_what_is_none_of_our_files_is_refused",
        f"{HOSTILE}::test_a_short_fuzz_finds_nothing",
    ),
    67: (
        "a file that means harm",
        "ModelFileError before a weight is read",
        f"{HOSTILE}::test_files_of_keras_are_refused",
        f"{HOSTILE}::test_a_size_that_is_not_true_is_refused",
        f"{HOSTILE}::test_a_state_that_is_none_is_refused",
        f"{HOSTILE}::test_arrays_that_do_not_fit_are_refused",
        f"{HOSTILE}::test_json_that_is_not_as_we_write_it_is_refused",
    ),
    68: (
        "a file of another version",
        "loads; of a newer format: ModelFileError",
        f"{KEPT}::test_it_loads_and_forecasts_what_it_did",
        f"{KEPT}::test_there_is_a_file_of_every_kind_in_every_format",
    ),
    69: (
        "a file from another device or backend",
        "numbers alone: the same forecast to 1e-6",
        f"{KEPT}::test_it_loads_and_forecasts_what_it_did",
        f"{SAVING}::test_a_new_process_forecasts_the_same",
    ),
    70: (
        "a loss of one's own, which a file cannot name",
        "ModelFileError when it is saved",
        f"{SAVING}::test_what_a_file_cannot_hold_is_refused_when_it_is_saved",
    ),
    # Command line
    71: (
        "encodings, separators, outputs that exist",
        "usage is 2, data 1, Ctrl-C 130; an output is replaced with --overwrite alone",
        f"{CLI}::test_a_file_becomes_a_file_that_continues_it",
        f"{CLI}::test_wrong_usage_is_refused_before_training",
        f"{CLI}::test_wrong_data_is_one_line_on_stderr",
        f"{CLI}::test_ctrl_c_in_training_exits_with_130",
        f"{FILES}::test_what_comes_of_a_file",
    ),
}
