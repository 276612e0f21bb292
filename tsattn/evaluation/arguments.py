"""Arguments of `backtest` and `compare`: refused before anything is fitted."""

import numbers

from tsattn._utils.validation import check_count

LEVELS = (0.1, 0.5, 0.9)  # of a forecaster that is calibrated from a point forecast


def named(candidates):
    """Candidates by name.

    Raises:
        ValueError: none, or two with one name. TypeError: no dict or list, or what cannot fit and predict.
    """
    if not isinstance(candidates, dict | list | tuple):
        raise TypeError(
            f"`candidates` is a {type(candidates).__name__}, but must be a list of forecasters, or a dict of them by "
            "name: `{'small': ..., 'large': ...}`."
        )
    if not isinstance(candidates, dict):
        names = [type(forecaster).__name__ for forecaster in candidates]
        if len(set(names)) < len(names):
            raise ValueError(
                f"`candidates` has two of one class, {names}. Name them: `{{'small': ..., 'large': ...}}`."
            )
        candidates = dict(zip(names, candidates, strict=True))
    if not candidates:
        raise ValueError("`candidates` is empty. Pass at least one forecaster.")
    lacking = [
        name
        for name, forecaster in candidates.items()
        if not callable(getattr(forecaster, "fit", None)) or not callable(getattr(forecaster, "predict", None))
    ]
    if lacking:
        raise TypeError(f"The candidate(s) {lacking} have no `fit` and `predict`. Pass forecasters.")
    return dict(candidates)


def own_horizon(forecasters, horizon):
    """The one horizon of forecasters by name, and of the argument where it is given.

    Raises:
        ValueError: they differ, or none has one.
    """
    known = {name: getattr(forecaster, "horizon", None) for name, forecaster in forecasters.items()}
    known = {name: own for name, own in known.items() if own is not None}
    wanted = horizon if horizon is not None else next(iter(known.values()), None)
    if wanted is None:
        raise ValueError("`horizon` is needed: the forecaster has none of its own. Pass `horizon=...`.")
    if others := {name: own for name, own in known.items() if own != wanted}:
        raise ValueError(
            f"All must forecast the same {wanted} steps, but the horizon of {others} differs. "
            "Make them with one horizon."
        )
    return wanted


def own_freq(forecasters):
    """The step of the time index that a forecaster was made for, None where all infer it."""
    known = (getattr(forecaster, "freq", None) for forecaster in forecasters)
    return next((freq for freq in known if freq is not None), None)


def own_levels(forecaster):
    """The levels of the quantiles that a forecaster of ours was made for, without those of others."""
    if not hasattr(forecaster, "predict_windows"):
        return ()
    given = getattr(forecaster, "quantiles", None)
    if given is None:
        return LEVELS if getattr(forecaster, "calibrate", False) else ()
    given = given if isinstance(given, tuple | list) else (given,)
    return tuple(sorted({0.5, *(float(level) for level in given if isinstance(level, numbers.Real))}))


def check_levels(quantiles):
    """None, or levels as a tuple of floats.

    Raises:
        ValueError: no levels between 0 and 1.
    """
    if quantiles is None:
        return None
    levels = list(quantiles) if hasattr(quantiles, "__iter__") else []
    if not levels or not all(isinstance(level, numbers.Real) and 0 < level < 1 for level in levels):
        raise ValueError(f"`quantiles` is {quantiles!r}, but must be levels between 0 and 1, such as (0.1, 0.5, 0.9).")
    return tuple(dict.fromkeys(map(float, levels)))


def check_seeds(seeds):
    """Seeds as a tuple of ints.

    Raises:
        ValueError: none, or what is no whole number from 0 on.
    """
    if not hasattr(seeds, "__iter__") or isinstance(seeds, str) or not list(seeds):
        raise ValueError(f"`seeds` is {seeds!r}, but must be the seed of each training, such as (0, 1, 2).")
    return tuple(dict.fromkeys(check_count("seeds", seed, least=0) for seed in seeds))
