"""Numbered list of unusual, invalid and hostile inputs, and the correct behavior for each.

`forecasters/test_bad_inputs.py` checks that each row has a case with its number in the tables of `bad_input_table.py`,
or tests that are listed here.
"""

INPUTS = "forecasters/test_bad_inputs.py"
OURS = "training/test_bad_training.py"
HOSTILE = "persistence/test_hostile_files.py"
SAVES = "persistence/test_interrupted_saves.py"
KEPT = "persistence/test_kept_files.py"
SAVING = "forecasters/test_model_file.py"
CLI = "cli/test_forecast.py"
CLI_ERRORS = "cli/test_errors.py"
FILES = "test_damaged_files.py"
CONTRACT = "forecasters/test_contract.py::test_forecaster_passes_check"
SKLEARN = "forecasters/test_sklearn.py"
# Row: (input, correct behavior, tests outside the tables).
ROWS = {
    # Values
    1: ("NaN in the target", "masked; no observed value at all or in the last lookback: ValueError"),
    2: ("plus or minus infinity", "ValueError"),
    3: ("1e30", "scaled in float64 first; an outlier out of the range of float32: ValueError"),
    4: ("a constant series", "forecast; its MASE is NaN, with a warning"),
    5: ("a window without a value", "statistics of the observed values"),
    6: ("float16", "computed and returned in float32"),
    7: ("integers", "as floats of the same values"),
    8: ("booleans, categories", "TypeError"),
    9: ("objects", "TypeError that recommends pd.to_numeric"),
    10: ("complex numbers, text", "TypeError"),
    11: ("nullable dtypes with NA", "as row 1"),
    12: ("Arrow dtypes", "as row 1"),
    13: ("ids and columns of the dtype str", "as those of object"),
    14: (
        "read-only arrays",
        "used without a copy, never written to",
        f"{INPUTS}::test_14_data_are_shared_and_not_changed",
    ),
    15: ("data changed by fit or predict", "never", CONTRACT),
    # Time index
    16: ("duplicate timestamps", "ValueError with the series and the first of them"),
    17: ("unsorted rows", "the same forecast as of sorted ones"),
    18: ("missing timestamps", "missing values, with one warning; a step that cannot be inferred: ValueError"),
    19: ("two rows", "ValueError that asks for freq="),
    20: ("another step than declared", "ValueError"),
    21: ("a step that was lost", "inferred once, or ValueError"),
    22: ("deprecated aliases", "ValueError with the new alias"),
    23: ("multiples of a step", "continued"),
    24: ("business days and months", "continued"),
    25: ("time zones", "kept"),
    26: ("clock changes", "steps shorter than a day continue in UTC, others in local time"),
    27: ("naive times across a clock change", "ValueError that recommends tz_localize"),
    28: ("periods", "continued as periods"),
    29: ("integers as times", "continued with their step"),
    30: ("time units", "kept"),
    31: ("the dtype of the index", "kept"),
    32: ("dates as text, NaT", "ISO text is read; else ValueError"),
    # Shape, panel, columns
    33: ("a series that is too short", "ValueError with the number of steps it has and needs"),
    34: ("an empty frame", "ValueError"),
    35: ("one row, a list, an array", "ValueError or TypeError"),
    36: ("a horizon of 0, -1, 2.5, '3'", "ValueError in fit and predict, not in the constructor"),
    37: ("a ragged panel", "each series is forecast from its end", CONTRACT),
    38: ("a series that was not fitted", "forecast from its history"),
    39: ("ids of any type, in any order", "matched by id"),
    40: ("ids in the index or in a column", "the same"),
    41: ("wrong index levels", "ValueError with the expected order"),
    42: ("columns in another order", "matched by name"),
    43: ("missing or extra columns", "missing: ValueError; extra: ignored with a warning"),
    44: ("duplicate columns", "ValueError"),
    45: ("names that are not text", "kept"),
    46: ("future covariates that are too short", "ValueError with the needed span"),
    47: ("NaN in future covariates", "ValueError"),
    48: ("the target among the covariates", "ValueError"),
    49: ("an unknown category", "encoded as unknown, with a warning"),
    50: ("more series than a batch", "the same forecasts", f"{INPUTS}::test_50_many_series_are_forecast_in_batches"),
    51: ("another batch size", "the same forecasts", f"{INPUTS}::test_51_forecast_does_not_depend_on_the_batch"),
    # Training and process
    52: (
        "a diverging loss",
        "TrainingDivergedError with the last finite weights",
        f"{OURS}::test_52_diverging_loss_raises_with_last_finite_weights",
        f"{OURS}::test_52_divergence_in_the_first_epoch_returns_the_initial_weights",
    ),
    53: (
        "Ctrl-C in fit",
        "raised; the forecaster is unchanged",
        f"{OURS}::test_53_ctrl_c_leaves_the_forecaster_unchanged",
        f"{OURS}::test_53_any_other_error_leaves_the_forecaster_unchanged",
        f"{OURS}::test_53_failed_first_fit_sets_no_attributes",
    ),
    54: (
        "a fit after a failed one",
        "equal to the fit of a new forecaster",
        f"{OURS}::test_54_refit_after_failures_equals_a_first_fit",
    ),
    55: ("many refits", "one compiled network, constant memory", f"{OURS}::test_55_memory_does_not_grow_with_refits"),
    56: ("small forecasts", "milliseconds", f"{OURS}::test_56_forecast_takes_milliseconds"),
    57: (
        "seeds",
        "bitwise equal on one machine; the caller's random state is unchanged",
        f"{OURS}::test_57_equal_seeds_give_equal_bits_in_two_processes",
        CONTRACT,
    ),
    58: (
        "concurrent forecasts in threads",
        "bitwise equal",
        f"{OURS}::test_58_first_calls_may_be_concurrent",
        CONTRACT,
    ),
    59: ("a fork", "RuntimeError at once", f"{OURS}::test_59_calls_in_a_forked_process_raise"),
    60: (
        "joblib processes",
        "the same numbers; `n_jobs` documents the cost of a process",
        f"{OURS}::test_60_docstring_of_n_jobs_states_the_cost_of_a_process",
        f"{SKLEARN}::test_cross_val_score_is_equal_in_other_processes",
        f"{SKLEARN}::test_fitted_forecaster_predicts_in_another_process",
        "evaluation/test_backtest.py::test_fits_in_other_processes_are_bitwise_equal",
    ),
    61: ("few or no held-out windows", "a forecast", f"{OURS}::test_61_forecast_with_few_or_no_held_out_windows"),
    62: (
        "a huge panel",
        "windows are gathered lazily; too little memory: MemoryError with an estimate, before the allocation",
        f"{OURS}::test_62_windows_of_a_huge_panel_are_not_materialized",
        f"{OURS}::test_62_panel_beyond_the_memory_raises_before_allocation",
    ),
    63: ("a long backtest", "folds are not kept in memory", f"{OURS}::test_63_long_backtest_does_not_keep_folds"),
    64: (
        "no GPU, full memory",
        "the CPU is used; MemoryError that says what to lower",
        f"{OURS}::test_64_cpu_is_used_without_a_gpu",
        f"{OURS}::test_64_full_memory_raises_a_memory_error_with_a_remedy",
    ),
    # Files
    65: (
        "a full disk or an interrupted save",
        "the old file or the new one",
        f"{SAVES}::test_a_file_size_limit_leaves_the_old_file",
        f"{SAVES}::test_a_full_disk_or_ctrl_c_leaves_the_old_file",
        f"{SAVES}::test_a_killed_save_leaves_the_old_or_the_new_file",
    ),
    66: (
        "a truncated, damaged or other file",
        "ModelFileError",
        f"{HOSTILE}::test_files_that_are_not_models_are_refused",
        f"{HOSTILE}::test_a_short_fuzz_finds_nothing",
    ),
    67: (
        "a hostile file",
        "ModelFileError before any weight is read",
        f"{HOSTILE}::test_keras_files_are_refused",
        f"{HOSTILE}::test_a_false_size_is_refused",
        f"{HOSTILE}::test_invalid_states_are_refused",
        f"{HOSTILE}::test_invalid_arrays_are_refused",
        f"{HOSTILE}::test_other_json_is_refused",
    ),
    68: (
        "a file of another version",
        "loaded; a newer format: ModelFileError",
        f"{KEPT}::test_kept_files_make_the_same_forecasts",
        f"{KEPT}::test_there_is_a_file_of_every_forecaster_in_the_current_format",
    ),
    69: (
        "a file from another device or backend",
        "the same forecast to 1e-6",
        f"{KEPT}::test_kept_files_make_the_same_forecasts",
        f"{SAVING}::test_new_process_forecasts_the_same",
    ),
    70: (
        "a custom loss function, which a file cannot store",
        "ModelFileError in save",
        f"{SAVING}::test_save_rejects_what_a_file_cannot_store",
    ),
    # Command line
    71: (
        "encodings, separators, existing outputs",
        "exit code 2 for usage, 1 for data, 130 for Ctrl-C; an output is replaced only with --overwrite",
        f"{CLI}::test_file_is_forecast_to_file",
        f"{CLI}::test_usage_errors_are_reported_before_fitting",
        f"{CLI}::test_data_errors_are_one_line_on_stderr",
        f"{CLI_ERRORS}::test_ctrl_c_during_fit_exits_with_130",
        f"{FILES}::test_file_gives_exit_code_and_message",
    ),
}
