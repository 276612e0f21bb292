"""Files that are not models, or were modified, are rejected with `ModelFileError` and no other error."""

import io
import json
import pathlib
import pickle
import stat
import struct
import tracemalloc
import warnings
import zipfile

import keras
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load, save

from benchmarks.trust import fuzz_files
from tsattn import LinearForecaster, ModelFileError, SeasonalNaiveForecaster, load_forecaster
from tsattn.persistence import indexes
from tsattn.persistence.container import ARRAYS, FORMAT, MANIFEST, MEMBERS, MODE, PARAMS, STATE, WHEN, pack, unpack
from tsattn.persistence.strict_json import encode_json

ROOT = pathlib.Path(__file__).parent.parent.parent
FILES = ROOT / "tests" / "files"
GOOD = (FILES / f"format_{FORMAT}_seq2seq.tsattn").read_bytes()
KIND, PARTS = unpack(GOOD)
with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
    ALL = {name: archive.read(name) for name in MEMBERS}
FEWER = [*ALL.items()][:-1]


def assert_refused(data, message, tmp_path):
    path = tmp_path / "model.tsattn"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=message):
        load_forecaster(path)


def zipped(members, mode=MODE, method=zipfile.ZIP_STORED):
    """A zip file of pairs of names and bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of duplicate names
        for name, data in members:
            info = zipfile.ZipInfo(name, WHEN)
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, method
            archive.writestr(info, data)
    return buffer.getvalue()


def keras_file(suffix, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save(tmp_path / f"model.{suffix}")
    return (tmp_path / f"model.{suffix}").read_bytes()


def manifest(**changes):
    return json.dumps({**json.loads(ALL[MANIFEST]), **changes}).encode()


def renamed(old, new):
    return zipped([(new if name == old else name, data) for name, data in ALL.items()])


ABOUT = json.loads(ALL[MANIFEST])["members"]


class Harm:
    """Code that a pickle would run."""

    def __reduce__(self):
        return (RAN.append, (True,))


RAN = []


ZIPS = {
    "nothing": (b"", "starts with b''"),
    "text": (b"a,b\n1,2\n", "starts with b'a,b"),
    "a pickle": (pickle.dumps(Harm()), "Pickles.*are not supported"),
    "an absolute name": (renamed(STATE, "/etc/state.json"), "has the members"),
    "a name in the parent folder": (renamed(STATE, "../state.json"), "has the members"),
    "a name of Windows": (renamed(STATE, "C:\\state.json"), "has the members"),
    "an unknown member": (zipped([*ALL.items(), ("x.pkl", b"")]), "has the members"),
    "a missing member": (zipped(FEWER), "has the members"),
    "a duplicate member": (zipped([*ALL.items(), (STATE, PARTS[STATE])]), "has the members"),
    "two manifests": (zipped([*ALL.items(), (MANIFEST, ALL[MANIFEST])]), "has 2 members manifest.json"),
    "another order": (zipped(reversed(ALL.items())), "has the members"),
    "links": (zipped(ALL.items(), stat.S_IFLNK | 0o777), "not a regular file"),
    "a folder": (zipped(ALL.items(), stat.S_IFDIR | 0o755), "not a regular file"),
    "compressed": (zipped(ALL.items(), method=zipfile.ZIP_DEFLATED), "compressed"),
    "a bomb": (zipped([*FEWER, (ARRAYS, bytes(10**7))], method=zipfile.ZIP_LZMA), "compressed"),
    "bytes before": (b"PK\3\4" + GOOD, "account for|damaged"),
    "bytes after": (GOOD + b"x", "account for|damaged"),
    "bytes in a comment": (GOOD[:-2] + struct.pack("<H", 4) + b"evil", "account for"),
    "a large manifest": (zipped([(MANIFEST, bytes(2**17))]), "manifest.json has 131072 bytes"),
    "a manifest that is a list": (zipped([(MANIFEST, b"[]")]), "manifest.json has the format None"),
    "a format that is text": (zipped([(MANIFEST, manifest(format="1"))]), "manifest.json has the format '1'"),
    "a newer format": (
        zipped([(MANIFEST, b'{"format": 999}'), ("else", b"")]),
        "format 999, written by a later.*Update tsattn",
    ),
    "a size that is a float": (
        zipped(
            [
                (MANIFEST, manifest(members={**ABOUT, STATE: {**ABOUT[STATE], "bytes": float(ABOUT[STATE]["bytes"])}})),
                *PARTS.items(),
            ]
        ),
        "does not match the manifest",
    ),
    "versions that are lists": (
        zipped([(MANIFEST, manifest(versions={"a": [1]})), *PARTS.items()]),
        "not the manifest of a model",
    ),
    "another sha256": (zipped([*FEWER, (ARRAYS, ALL[ARRAYS][:-1] + b"!")]), "does not match the manifest"),
    "another kind": (pack("Exploit", {}, PARTS), "the unknown forecaster class 'Exploit'"),
    "a Training": (pack("Training", {}, PARTS), "the unknown forecaster class 'Training'"),
    "another class": (pack("LinearForecaster", {}, PARTS), "model.params is with other arguments"),
}


@pytest.mark.parametrize(("data", "message"), ZIPS.values(), ids=ZIPS)
def test_files_that_are_not_models_are_refused(data, message, tmp_path):
    assert_refused(data, message, tmp_path)
    assert RAN == []


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_keras_files_are_refused(suffix, tmp_path):
    assert_refused(keras_file(suffix, tmp_path), "are not supported|has 0 members", tmp_path)


def test_a_false_size_is_refused(tmp_path):
    """In the list of members, before the member, and in both."""
    size = struct.pack("<I", len(PARTS[ARRAYS]))
    false = struct.pack("<I", 2**31 - 1)
    positions = [at for at in range(len(GOOD)) if GOOD.startswith(size, at)]
    assert len(positions) >= 4  # compressed and uncompressed, before the member and in the list
    for replaced in (positions, *([position] for position in positions)):
        data = bytearray(GOOD)
        for at in replaced:
            data[at : at + 4] = false
        path = tmp_path / "model.tsattn"
        path.write_bytes(data)
        try:
            load_forecaster(path)
        except ModelFileError:
            continue
        assert replaced[0] < GOOD.rindex(b"PK\1\2")  # before the member: only the list is used, and it is correct


def with_state(change):
    """A file with valid digests and a changed state."""
    state = json.loads(PARTS[STATE])
    change(state)
    return pack(KIND, {}, {**PARTS, STATE: json.dumps(state).encode()})


def with_arrays(change):
    """A file with valid digests and changed arrays."""
    arrays = load(PARTS[ARRAYS])
    change(arrays)
    return pack(KIND, {}, {**PARTS, ARRAYS: save(arrays)})


WEIGHT = "model.state.network_.0"


def set_in(name, value):
    def change(state):
        *path, last = (int(part) if part.isdecimal() else part for part in name.split("."))
        for part in path:
            state = state[part]
        state[last] = value

    return change


STATES = {
    "an unknown attribute": (set_in("run_", "me"), "different in"),
    "a class to import": (set_in("layout_.timeline.step.offset", "os.system"), "unknown time step"),
    "a type to import": (set_in("layout_.name", {"builtins.eval": "1"}), "not a value of a model file"),
    "another dtype": (set_in("layout_.dtypes", ["complex128"]), "must be one of"),
    "a boolean as a number": (set_in("horizon_", True), "horizon_ is True, but must be an integer"),
    "a horizon that fills the memory": (set_in("horizon_", 10**12), "must be an integer"),
    "a network that fills the memory": (set_in("fitted_params_.units", 10**6), "weights of the shapes"),
    "a network without end": (set_in("fitted_params_.layers", 10**9), "of 1000000000 layers"),
    "an array of another location": (set_in("naive_error_.array", WEIGHT), "must be an array in the file"),
    "a time zone in a parent folder": (
        set_in("layout_.timeline.first.timestamp.2", "../../etc/passwd"),
        "could not be restored",
    ),
}


@pytest.mark.parametrize(("change", "message"), STATES.values(), ids=STATES)
def test_invalid_states_are_refused(change, message, tmp_path):
    assert_refused(with_state(change), message, tmp_path)


def replaced(function):
    def change(arrays):
        arrays[WEIGHT] = function(arrays[WEIGHT])

    return change


CHANGES = {
    "a weight of another shape": (replaced(np.transpose), "weights of the shapes"),
    "a weight of another dtype": (replaced(lambda weight: weight.astype("int32")), "of the dtype int32"),
    "a weight that is NaN": (replaced(lambda weight: weight * np.float32("nan")), "NaN or infinite"),
    "an infinite weight": (replaced(lambda weight: weight + np.float32("inf")), "NaN or infinite"),
    "a missing weight": (lambda arrays: arrays.pop(WEIGHT), "must be an array in the file"),
    "an extra array": (lambda arrays: arrays.update(evil=np.zeros(3)), "unused arrays: evil"),
}


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_invalid_arrays_are_refused(change, message, tmp_path):
    assert_refused(with_arrays(change), message, tmp_path)


def changed(part, change, name="linear"):
    """The file of a forecaster with valid digests and a changed part."""
    kind, members = unpack((FILES / f"format_{FORMAT}_{name}.tsattn").read_bytes())
    plain = load(members[part]) if part == ARRAYS else json.loads(members[part])
    change(plain)
    return pack(kind, {}, {**members, part: save(plain) if part == ARRAYS else json.dumps(plain).encode()})


def times(name, factor):
    def change(arrays):
        arrays[f"model.state.{name}"] = arrays[f"model.state.{name}"] * factor

    return change


def fewer_rows(arrays):
    name = "model.state.coefficients_"
    arrays[name] = np.ascontiguousarray(arrays[name][:3])


def no_errors(arrays):
    name = "model.state.spread_.errors"
    arrays[name] = np.ascontiguousarray(arrays[name][:0])


LONG = {"dtype": {"string": "nan"}, "values": ["unique_id", "ds", "y"], "freq": None, "name": None}
COLUMN, KIND_OF_DAY = "schema_.past.0", "schema_.known.1.categories"
NO_LENGTH = {"offset": "DateOffset", "n": 1, "normalize": False, "arguments": {"hour": 5}}
STEP = "layout_.timeline.step"
# Well-formed files, each of which would break the first forecast, the score or a fit.
LATER = {
    "coefficients of another window": (ARRAYS, fewer_rows, "mismatch"),
    "coefficients that are NaN": (ARRAYS, times("coefficients_", np.nan), "NaN or infinite"),
    "an infinite scale": (ARRAYS, times("origins_.scaler.scale", np.inf), "NaN or infinite"),
    "an infinite history": (ARRAYS, times("origins_.panel.values", np.inf), "NaN or infinite"),
    "an infinite error": (ARRAYS, times("naive_error_", np.inf), "NaN or infinite"),
    "an unknown category": (ARRAYS, times("origins_.covariates.known.values", 1e7), "other categories"),
    "a fractional category": (ARRAYS, times("origins_.covariates.known.values", 0.5), "other categories"),
    "a long frame of one series": (STATE, set_in("layout_.long", LONG), "could not be restored"),
    "duplicate columns": (STATE, set_in(f"{COLUMN}.label", "promo"), "with unique columns"),
    "a column without a scale": (STATE, set_in(f"{COLUMN}.scale", 0.0), "a scale above 0"),
    "a column without a center": (STATE, set_in(f"{COLUMN}.center", {"float": "nan"}), "a scale above 0"),
    "a column that cannot hold NaN": (STATE, set_in(f"{COLUMN}.dtype", {"dtype": "int64"}), "could not be restored"),
    "a column of objects": (STATE, set_in(f"{COLUMN}.dtype", {"dtype": "object"}), "holds Python objects"),
    "a column of another library": (
        STATE,
        set_in(f"{COLUMN}.dtype", {"dtype": "geometry"}),
        "not a dtype of a model file",
    ),
    "an unknown calendar": (STATE, set_in("schema_.calendar", ["moon"]), "unknown name 'moon'"),
    "an empty error distribution": (ARRAYS, no_errors, "an empty error distribution"),
    "a duplicate category": (STATE, set_in(f"{KIND_OF_DAY}.values", ["x", "y", "y"]), "could not be restored"),
    "a missing category": (STATE, set_in(f"{KIND_OF_DAY}.values.0", {"float": "nan"}), "could not be restored"),
    "another scaler": (STATE, set_in("origins_.unscaled", True), "scaled by Unscaled, but must be scaled by Scaler"),
    "a naive error below 0": (ARRAYS, times("naive_error_", -1), "a naive error below 0"),
    "no level": (STATE, set_in("levels_", []), "increasing levels"),
    "no median": (STATE, set_in("levels_", [0.1, 0.9]), "increasing levels"),
    "decreasing levels": (STATE, set_in("levels_", [0.9, 0.5]), "increasing levels"),
    "a level of 1": (STATE, set_in("levels_", [0.5, 1.0]), "increasing levels"),
    "a negative step": (STATE, set_in(f"{STEP}.n", -1), "which is not positive"),
    "a step of 0": (STATE, set_in(f"{STEP}.n", 0), "which is not positive"),
    "a step without length": (STATE, set_in(STEP, NO_LENGTH), "which has no length"),
    "a horizon that is text": (PARAMS, set_in("horizon", "hello"), "horizon is 'hello', but must be of the type int"),
    "a fractional horizon": (PARAMS, set_in("horizon", 2.5), "must be of the type int"),
    "a flag that is text": (PARAMS, set_in("positive", "yes"), "must be of the type bool"),
    "a season that is a list": (PARAMS, set_in("season", {"list": [1]}), r"must be of the type int \| None"),
}


@pytest.mark.parametrize(("part", "change", "message"), LATER.values(), ids=LATER)
def test_files_that_would_break_a_later_call_are_refused(part, change, message, tmp_path):
    assert_refused(changed(part, change), message, tmp_path)


@pytest.mark.parametrize("factor", [-1, 10, 0.5])
def test_an_unknown_category_of_a_series_is_refused(factor, tmp_path):
    """The embedding has no vector for it."""
    assert_refused(
        changed(ARRAYS, times("origins_.covariates.static", factor), "attention"), "other categories", tmp_path
    )


@pytest.mark.parametrize("rows", [0, 100])
def test_a_fallback_longer_than_the_lookback_is_refused(rows, tmp_path):
    def change(arrays):
        name = "model.state.fallback_"
        arrays[name] = np.zeros((rows, arrays[name].shape[1]))

    assert_refused(changed(ARRAYS, change, "seq2seq"), "must be one on 0 to", tmp_path)


@pytest.mark.parametrize("factor", [-1, 0])
def test_invalid_weights_of_members_are_refused(factor, tmp_path):
    assert_refused(
        changed(ARRAYS, times("weights_", factor), "ensemble"), "with weights of 0 or more, not all 0", tmp_path
    )


def test_an_ensemble_without_members_is_refused(tmp_path):
    def without_members(state):
        state["members_"], state["weights_"] = [], None

    assert_refused(
        changed(STATE, without_members, "ensemble"),
        "empty `members_`, but must be one with at least one member",
        tmp_path,
    )


@pytest.mark.parametrize(("what", "label"), [("ids", "y"), ("ids", None), ("columns", "b"), ("columns", None)])
def test_duplicate_ids_and_columns_are_refused(what, label, tmp_path):
    """The forecasts of two series could not be distinguished."""
    index = pd.MultiIndex.from_product([["x", "y"], range(3)])
    y = pd.DataFrame(np.arange(12.0).reshape(6, 2), index, ["a", "b"])
    SeasonalNaiveForecaster(horizon=1, season=1).fit(y).save(tmp_path / "model.tsattn")
    kind, members = unpack((tmp_path / "model.tsattn").read_bytes())
    state = json.loads(members[STATE])
    if label is None:
        state["layout_"][what] = None
    else:
        state["layout_"][what]["values"] = [label, label]
    data = pack(kind, {}, {**members, STATE: json.dumps(state).encode()})
    assert_refused(data, f"with the {what} .* for 2, but must be with unique {what}", tmp_path)


OTHERS = ("geometry", "Sparse[int]", "list<item: int64>[pyarrow]", "V8", "i4,f8", ">f8", "complex128", "category")


@pytest.mark.parametrize("text", [*OTHERS, "interval", "datetime64[ns, ../../etc/passwd]", "float64\n", 3, None])
def test_unknown_dtypes_are_not_looked_up(text, monkeypatch):
    monkeypatch.setattr(indexes, "pandas_dtype", lambda text: pytest.fail(f"{text} was looked up"))
    for plain in ({"dtype": text}, {"name": text}):
        with pytest.raises(ModelFileError, match="not a dtype of a model file"):
            indexes.read_dtype(plain, "it")


def test_a_forecaster_that_would_be_refused_is_not_saved(tmp_path):
    model = load_forecaster(FILES / f"format_{FORMAT}_linear.tsattn").set_params(horizon="hello")
    with pytest.raises(ModelFileError, match="horizon is 'hello', but must be of the type int"):
        model.save(tmp_path / "model.tsattn")
    assert list(tmp_path.iterdir()) == []


def test_a_long_lookback_needs_no_more_memory_than_a_batch(tmp_path):
    """A small file can claim a long lookback for many series."""
    index = pd.MultiIndex.from_product([range(64), range(3)])
    model = SeasonalNaiveForecaster(horizon=1, season=1, lookback=2).fit(pd.Series(np.arange(192.0), index))
    model.save(tmp_path / "model.tsattn")
    kind, members = unpack((tmp_path / "model.tsattn").read_bytes())
    state, arrays = json.loads(members[STATE]), load(members[ARRAYS])
    state["lookback_"] = 2**20
    arrays["model.state.origins_.panel.values"] = np.arange(192.0).reshape(-1, 1)
    arrays["model.state.origins_.panel.offsets"] = np.arange(65) * 3
    (tmp_path / "model.tsattn").write_bytes(
        pack(kind, {}, {**members, STATE: json.dumps(state).encode(), ARRAYS: save(arrays)})
    )
    tracemalloc.start()
    try:
        load_forecaster(tmp_path / "model.tsattn")
        assert tracemalloc.get_traced_memory()[1] < 2**30
    finally:
        tracemalloc.stop()


PLAIN = {
    "not JSON": b"{",
    "NaN": PARTS[STATE].replace(b'"penalty"', b"NaN") + b"NaN",
    "many brackets": b"[" * 10**6,
    "a long number": b"9" * 10**5,
    "a duplicate name": b'{"horizon_": 1, "horizon_": 2}',
    "letters that are not ASCII": "é".encode("latin-1"),
}


@pytest.mark.parametrize("state", PLAIN.values(), ids=PLAIN)
def test_other_json_is_refused(state, tmp_path):
    assert_refused(pack(KIND, {}, {**PARTS, STATE: state}), "is not JSON written by tsattn", tmp_path)


@pytest.fixture(scope="module")
def kept():
    """The stored files and the data of their fits, by the names of the forecasters."""
    return {file.name: file for file in fuzz_files.files()}


def test_a_short_fuzz_finds_nothing(tmp_path, kept):
    """The long version is `python benchmarks/trust/fuzz_files.py`."""
    fuzzer = fuzz_files.run(tmp_path, list(kept.values()), seconds=0, least=60)
    assert fuzzer.wrong == []
    ends = {what: sum(count for (way, _), count in fuzzer.counts.items() if way == what) for what, _ in fuzzer.counts}
    assert set(ends) == {"cut off", "bit flipped in a member", "damaged", "sealed again"}
    assert min(ends.values()) >= 10


def checked(tmp_path, *files):
    """A fuzzer that has checked these files unchanged."""
    fuzzer = fuzz_files.Fuzzer(tmp_path, files)
    for file in files:
        fuzzer.check("as it is", file.data, unpack(file.data)[1], file)
    return fuzzer


def test_every_call_of_the_fuzz_returns_results_for_unchanged_files(tmp_path, kept):
    """Otherwise fuzzing would have no effect."""
    fuzzer = checked(tmp_path, *kept.values())
    end = "accepted, completed"  # they lack arguments that were added later
    assert fuzzer.counts == {("as it is", end): len(kept)}
    without = {name for name in fuzz_files.CALLS if not fuzzer.answers[name, "a result"]}
    assert without == set()
    assert fuzzer.answers["predict(covariates, y, static)", "a result"] == len(kept)
    assert fuzzer.answers["predict(y)", "a documented error"] == 3  # the forecasters with covariates


def test_the_fuzz_accepts_completed_files_and_nothing_else(tmp_path, kept):
    """A file that lacks an argument has its default when it is saved again, and the rest is the same."""
    file = kept["seq2seq"]
    kind, members = unpack(file.data)
    params, state = json.loads(members[PARAMS]), json.loads(members[STATE])
    del params["training"]["arguments"]["decay"], params["freq"], state["fitted_params_"]["bidirectional"]
    fewer = {**members, PARAMS: encode_json(params), STATE: encode_json(state)}
    fuzzer = fuzz_files.Fuzzer(tmp_path, [file])
    del state["fitted_params_"]["training"]  # its default has other settings, which only a later fit uses
    much_fewer = {**fewer, STATE: encode_json(state)}
    for stated in (fewer, much_fewer):
        fuzzer.check("without arguments", pack(kind, {}, stated), stated, file)
    assert fuzzer.counts == {("without arguments", "accepted, completed"): 2}
    params["freq"] = "MS"
    assert fuzz_files.outcome(kind, {**members, PARAMS: encode_json(params)}, fewer) == "ACCEPTED, DIFFERENT"
    assert fuzz_files.outcome(kind, {**fewer, ARRAYS: b""}, fewer) == "ACCEPTED, DIFFERENT"
    state["season_"] = None
    assert fuzz_files.outcome(kind, {**members, STATE: encode_json(state)}, much_fewer) == "ACCEPTED, DIFFERENT"


def raises(error):
    def call(*arguments, **options):
        raise error

    return call


BROKEN = {
    "loading crashes": ("load_forecaster", raises(KeyError("x")), "ANOTHER ERROR"),
    "the file is refused in predict": ("predict", lambda *_, **__: unpack(b"none"), "ANOTHER ERROR"),
    "the file is refused in save": (
        "save",
        raises(ModelFileError("It is not a model. " * 3)),
        "ANOTHER ERROR",
    ),
    "an interval crashes": ("predict_interval", raises(AttributeError("x")), "ANOTHER ERROR"),
    "sample paths crash": ("sample_paths", raises(IndexError("x")), "ANOTHER ERROR"),
    "an error of pandas": ("score", lambda *_: pd.to_datetime("nonsense"), "ANOTHER ERROR"),
    "an error raised outside the package": (
        "make_future_frame",
        raises(ValueError("That cannot be done.")),
        "ANOTHER ERROR",
    ),
    "another content": ("save", lambda self, path, **_: path.write_bytes(GOOD), "ACCEPTED, DIFFERENT"),
}


@pytest.mark.parametrize(("name", "broken", "end"), BROKEN.values(), ids=BROKEN)
def test_the_fuzz_finds_known_faults(name, broken, end, tmp_path, kept, monkeypatch, capsys):
    monkeypatch.setattr(fuzz_files if name == "load_forecaster" else LinearForecaster, name, broken)
    fuzzer = checked(tmp_path, kept["linear"])
    assert fuzzer.counts == {("as it is", end): 1}
    assert [found[:2] for found in fuzzer.wrong] == [("as it is", end)]
