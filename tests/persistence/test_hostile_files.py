"""Files that are none of ours, or were changed: refused, with `ModelFileError` and nothing else."""

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

ROOT = pathlib.Path(__file__).parent.parent.parent
FILES = ROOT / "tests" / "files"
GOOD = (FILES / f"format_{FORMAT}_seq2seq.tsattn").read_bytes()
KIND, PARTS = unpack(GOOD)
with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
    ALL = {name: archive.read(name) for name in MEMBERS}
FEWER = [*ALL.items()][:-1]


def refused(data, message, tmp_path):
    path = tmp_path / "model.tsattn"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=message):
        load_forecaster(path)


def zipped(members, mode=MODE, method=zipfile.ZIP_STORED):
    """A zip of pairs of names and bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that come twice
        for name, data in members:
            info = zipfile.ZipInfo(name, WHEN)
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, method
            archive.writestr(info, data)
    return buffer.getvalue()


def of_keras(suffix, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save(tmp_path / f"model.{suffix}")
    return (tmp_path / f"model.{suffix}").read_bytes()


def manifest(**changes):
    return json.dumps({**json.loads(ALL[MANIFEST]), **changes}).encode()


def renamed(old, new):
    return zipped([(new if name == old else name, data) for name, data in ALL.items()])


ABOUT = json.loads(ALL[MANIFEST])["members"]


class Harm:
    """What a pickle would run."""

    def __reduce__(self):
        return (RAN.append, (True,))


RAN = []


ZIPS = {
    "nothing": (b"", "begins with b''"),
    "text": (b"a,b\n1,2\n", "begins with b'a,b"),
    "a pickle": (pickle.dumps(Harm()), "Pickles.*are not read"),
    "an absolute name": (renamed(STATE, "/etc/state.json"), "has the members"),
    "a name above": (renamed(STATE, "../state.json"), "has the members"),
    "a name of Windows": (renamed(STATE, "C:\\state.json"), "has the members"),
    "an unknown member": (zipped([*ALL.items(), ("x.pkl", b"")]), "has the members"),
    "a member less": (zipped(FEWER), "has the members"),
    "a member more than once": (zipped([*ALL.items(), (STATE, PARTS[STATE])]), "has the members"),
    "two manifests": (zipped([*ALL.items(), (MANIFEST, ALL[MANIFEST])]), "has 2 members manifest.json"),
    "another order": (zipped(reversed(ALL.items())), "has the members"),
    "links": (zipped(ALL.items(), stat.S_IFLNK | 0o777), "no plain file"),
    "a folder": (zipped(ALL.items(), stat.S_IFDIR | 0o755), "no plain file"),
    "compressed": (zipped(ALL.items(), method=zipfile.ZIP_DEFLATED), "compressed"),
    "a bomb": (zipped([*FEWER, (ARRAYS, bytes(10**7))], method=zipfile.ZIP_LZMA), "compressed"),
    "something before": (b"PK\3\4" + GOOD, "account for|damaged"),
    "something behind": (GOOD + b"x", "account for|damaged"),
    "something in a comment": (GOOD[:-2] + struct.pack("<H", 4) + b"evil", "account for"),
    "a large manifest": (zipped([(MANIFEST, bytes(2**17))]), "manifest.json has 131072 bytes"),
    "a manifest of something else": (zipped([(MANIFEST, b"[]")]), "names no format"),
    "a format of text": (zipped([(MANIFEST, manifest(format="1"))]), "names no format, but '1'"),
    "a newer format": (
        zipped([(MANIFEST, b'{"format": 999}'), ("else", b"")]),
        "format 999, of a later.*Update tsattn",
    ),
    "a size that is no whole number": (
        zipped(
            [
                (MANIFEST, manifest(members={**ABOUT, STATE: {**ABOUT[STATE], "bytes": float(ABOUT[STATE]["bytes"])}})),
                *PARTS.items(),
            ]
        ),
        "not what its manifest says",
    ),
    "versions of anything": (zipped([(MANIFEST, manifest(versions={"a": [1]})), *PARTS.items()]), "not one of a model"),
    "another sha256": (zipped([*FEWER, (ARRAYS, ALL[ARRAYS][:-1] + b"!")]), "not what its manifest says"),
    "another kind": (pack("Exploit", {}, PARTS), "holds a 'Exploit'"),
    "a Training": (pack("Training", {}, PARTS), "holds a 'Training'"),
    "the kind of another": (pack("LinearForecaster", {}, PARTS), "model.params is with other arguments"),
}


@pytest.mark.parametrize(("data", "message"), ZIPS.values(), ids=ZIPS)
def test_what_is_none_of_our_files_is_refused(data, message, tmp_path):
    refused(data, message, tmp_path)
    assert RAN == []


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_files_of_keras_are_refused(suffix, tmp_path):
    refused(of_keras(suffix, tmp_path), "are not read|names no|has 0 members", tmp_path)


def test_a_size_that_is_not_true_is_refused(tmp_path):
    """In the list of the zip, in front of the member, and in both."""
    size = struct.pack("<I", len(PARTS[ARRAYS]))
    false = struct.pack("<I", 2**31 - 1)
    places = [at for at in range(len(GOOD)) if GOOD.startswith(size, at)]
    assert len(places) >= 4  # stored and whole, in front and in the list
    for replaced in (places, *([place] for place in places)):
        data = bytearray(GOOD)
        for at in replaced:
            data[at : at + 4] = false
        path = tmp_path / "model.tsattn"
        path.write_bytes(data)
        try:
            load_forecaster(path)
        except ModelFileError:
            continue
        assert replaced[0] < GOOD.rindex(b"PK\1\2")  # in front: what the list says is true, and is read


def with_state(change):
    """Sealed again, with a state that is changed."""
    state = json.loads(PARTS[STATE])
    change(state)
    return pack(KIND, {}, {**PARTS, STATE: json.dumps(state).encode()})


def with_arrays(change):
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
    "a type to import": (set_in("layout_.name", {"builtins.eval": "1"}), "none of the values"),
    "another dtype": (set_in("layout_.dtypes", ["complex128"]), "must be one of"),
    "no number": (set_in("horizon_", True), "horizon_ is True, but must be a whole number"),
    "a horizon that fills the memory": (set_in("horizon_", 10**12), "must be a whole number"),
    "a network that fills the memory": (set_in("fitted_params_.units", 10**6), "weights of the shapes"),
    "a network without end": (set_in("fitted_params_.layers", 10**9), "of 1000000000 layers"),
    "an array of another place": (set_in("naive_error_.array", WEIGHT), "must be an array of the file"),
    "a time zone above": (
        set_in("layout_.timeline.first.timestamp.2", "../../etc/passwd"),
        "No forecaster comes of it",
    ),
}


@pytest.mark.parametrize(("change", "message"), STATES.values(), ids=STATES)
def test_a_state_that_is_none_is_refused(change, message, tmp_path):
    refused(with_state(change), message, tmp_path)


def replaced(function):
    def change(arrays):
        arrays[WEIGHT] = function(arrays[WEIGHT])

    return change


CHANGES = {
    "a weight of another shape": (replaced(np.transpose), "weights of the shapes"),
    "a weight of another dtype": (replaced(lambda weight: weight.astype("int32")), "of the dtype int32"),
    "a weight that is no number": (replaced(lambda weight: weight * np.float32("nan")), "NaN or infinite"),
    "an infinite weight": (replaced(lambda weight: weight + np.float32("inf")), "NaN or infinite"),
    "a weight less": (lambda arrays: arrays.pop(WEIGHT), "must be an array of the file"),
    "an array more": (lambda arrays: arrays.update(evil=np.zeros(3)), "belong to nothing: evil"),
}


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_arrays_that_do_not_fit_are_refused(change, message, tmp_path):
    refused(with_arrays(change), message, tmp_path)


def changed(part, change, name="linear"):
    """The file of a forecaster, sealed again, with a part that is changed."""
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
HARMLESS = {"offset": "DateOffset", "n": 1, "normalize": False, "arguments": {"hour": 5}}
STEP = "layout_.timeline.step"
# Well formed, and each would break the first forecast, the score or a fit.
LATER = {
    "coefficients of another window": (ARRAYS, fewer_rows, "mismatch"),
    "coefficients that are no numbers": (ARRAYS, times("coefficients_", np.nan), "NaN or infinite"),
    "an infinite scale": (ARRAYS, times("origins_.scaler.scale", np.inf), "NaN or infinite"),
    "an infinite history": (ARRAYS, times("origins_.panel.values", np.inf), "NaN or infinite"),
    "an infinite error": (ARRAYS, times("naive_error_", np.inf), "NaN or infinite"),
    "a category that is none": (ARRAYS, times("origins_.covariates.known.values", 1e7), "other categories"),
    "a category between": (ARRAYS, times("origins_.covariates.known.values", 0.5), "other categories"),
    "a long frame of one series": (STATE, set_in("layout_.long", LONG), "No forecaster comes of it"),
    "columns that come twice": (STATE, set_in(f"{COLUMN}.label", "promo"), "columns of different names"),
    "a column without a scale": (STATE, set_in(f"{COLUMN}.scale", 0.0), "a scale above 0"),
    "a column without a center": (STATE, set_in(f"{COLUMN}.center", {"float": "nan"}), "a scale above 0"),
    "a column that holds no NaN": (STATE, set_in(f"{COLUMN}.dtype", {"dtype": "int64"}), "No forecaster comes of it"),
    "a column of objects": (STATE, set_in(f"{COLUMN}.dtype", {"dtype": "object"}), "holds Python objects"),
    "a column of another library": (STATE, set_in(f"{COLUMN}.dtype", {"dtype": "geometry"}), "no dtype that a file"),
    "a calendar that is none": (STATE, set_in("schema_.calendar", ["moon"]), "'moon', which is not known"),
    "a spread without errors": (ARRAYS, no_errors, "a spread of no errors"),
    "a category that comes twice": (STATE, set_in(f"{KIND_OF_DAY}.values", ["x", "y", "y"]), "No forecaster comes"),
    "a category that is missing": (STATE, set_in(f"{KIND_OF_DAY}.values.0", {"float": "nan"}), "No forecaster comes"),
    "other units": (STATE, set_in("origins_.unscaled", True), "a forecaster of other units"),
    "a naive error below 0": (ARRAYS, times("naive_error_", -1), "a naive error below 0"),
    "no level": (STATE, set_in("levels_", []), "levels that rise"),
    "no median": (STATE, set_in("levels_", [0.1, 0.9]), "levels that rise"),
    "levels that fall": (STATE, set_in("levels_", [0.9, 0.5]), "levels that rise"),
    "a level that is none": (STATE, set_in("levels_", [0.5, 1.0]), "levels that rise"),
    "a step back": (STATE, set_in(f"{STEP}.n", -1), "does not go forward"),
    "no step": (STATE, set_in(f"{STEP}.n", 0), "does not go forward"),
    "a step on the spot": (STATE, set_in(STEP, HARMLESS), "does not go forward"),
    "a horizon of text": (PARAMS, set_in("horizon", "hello"), "horizon is 'hello', but must be of the type int"),
    "a horizon between": (PARAMS, set_in("horizon", 2.5), "must be of the type int"),
    "a flag of text": (PARAMS, set_in("positive", "yes"), "must be of the type bool"),
    "a season of a list": (PARAMS, set_in("season", {"list": [1]}), r"must be of the type int \| None"),
}


@pytest.mark.parametrize(("part", "change", "message"), LATER.values(), ids=LATER)
def test_what_would_break_later_is_refused_at_once(part, change, message, tmp_path):
    refused(changed(part, change), message, tmp_path)


@pytest.mark.parametrize("factor", [-1, 10, 0.5])
def test_a_series_of_another_category_is_refused(factor, tmp_path):
    """An embedding has no vector for it."""
    refused(changed(ARRAYS, times("origins_.covariates.static", factor), "attention"), "other categories", tmp_path)


@pytest.mark.parametrize("rows", [0, 100])
def test_a_fallback_on_steps_beyond_the_lookback_is_refused(rows, tmp_path):
    def change(arrays):
        name = "model.state.fallback_"
        arrays[name] = np.zeros((rows, arrays[name].shape[1]))

    refused(changed(ARRAYS, change, "seq2seq"), "must be one on 0 to", tmp_path)


@pytest.mark.parametrize("factor", [-1, 0])
def test_members_of_no_weight_are_refused(factor, tmp_path):
    refused(changed(ARRAYS, times("weights_", factor), "ensemble"), "weights of 0 or more", tmp_path)


def test_an_ensemble_of_nobody_is_refused(tmp_path):
    def nobody(state):
        state["members_"], state["weights_"] = [], None

    refused(changed(STATE, nobody, "ensemble"), "must be one of members", tmp_path)


@pytest.mark.parametrize(("of", "came"), [("ids", "y"), ("ids", None), ("columns", "b"), ("columns", None)])
def test_ids_and_columns_come_once(of, came, tmp_path):
    """What is forecast could not be told apart."""
    index = pd.MultiIndex.from_product([["x", "y"], range(3)])
    y = pd.DataFrame(np.arange(12.0).reshape(6, 2), index, ["a", "b"])
    SeasonalNaiveForecaster(horizon=1, season=1).fit(y).save(tmp_path / "model.tsattn")
    kind, members = unpack((tmp_path / "model.tsattn").read_bytes())
    state = json.loads(members[STATE])
    if came is None:
        state["layout_"][of] = None
    else:
        state["layout_"][of]["values"] = [came, came]
    data = pack(kind, {}, {**members, STATE: json.dumps(state).encode()})
    refused(data, f"with the {of} .* for 2, but must be with {of} of which none comes twice", tmp_path)


OTHERS = ("geometry", "Sparse[int]", "list<item: int64>[pyarrow]", "V8", "i4,f8", ">f8", "complex128", "category")


@pytest.mark.parametrize("text", [*OTHERS, "interval", "datetime64[ns, ../../etc/passwd]", "float64\n", 3, None])
def test_dtypes_that_no_file_holds_are_not_looked_up(text, monkeypatch):
    monkeypatch.setattr(indexes, "pandas_dtype", lambda text: pytest.fail(f"{text} was looked up"))
    for plain in ({"dtype": text}, {"name": text}):
        with pytest.raises(ModelFileError, match="no dtype that a file holds"):
            indexes.read_dtype(plain, "it")


def test_what_would_be_refused_is_not_saved(tmp_path):
    model = load_forecaster(FILES / f"format_{FORMAT}_linear.tsattn").set_params(horizon="hello")
    with pytest.raises(ModelFileError, match="horizon is 'hello', but must be of the type int"):
        model.save(tmp_path / "model.tsattn")
    assert list(tmp_path.iterdir()) == []


def test_a_long_lookback_takes_no_more_memory_than_a_batch(tmp_path):
    """Few numbers in a file may say that each series of many is to be looked back at for long."""
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
    "no JSON": b"{",
    "NaN": PARTS[STATE].replace(b'"penalty"', b"NaN") + b"NaN",
    "brackets without end": b"[" * 10**6,
    "a number without end": b"9" * 10**5,
    "a name twice": b'{"horizon_": 1, "horizon_": 2}',
    "other letters": "é".encode("latin-1"),
}


@pytest.mark.parametrize("state", PLAIN.values(), ids=PLAIN)
def test_json_that_is_not_as_we_write_it_is_refused(state, tmp_path):
    refused(pack(KIND, {}, {**PARTS, STATE: state}), "is not JSON as tsattn writes it", tmp_path)


@pytest.fixture(scope="module")
def kept():
    """The kept files and what they were made with, by the names of the forecasters."""
    return {file.name: file for file in fuzz_files.files()}


def test_a_short_fuzz_finds_nothing(tmp_path, kept):
    """The long one is `python benchmarks/trust/fuzz_files.py`."""
    fuzzer = fuzz_files.run(tmp_path, list(kept.values()), seconds=0, least=60)
    assert fuzzer.wrong == []
    ends = {what: sum(count for (way, _), count in fuzzer.counts.items() if way == what) for what, _ in fuzzer.counts}
    assert set(ends) == {"cut off", "bit flipped in a member", "damaged", "sealed again"}
    assert min(ends.values()) >= 10


def checked(tmp_path, *files):
    """A fuzzer that has looked at these files as they are."""
    fuzzer = fuzz_files.Fuzzer(tmp_path, files)
    for file in files:
        fuzzer.check("as it is", file.data, unpack(file.data)[1], file)
    return fuzzer


def test_of_the_files_as_they_are_all_that_is_called_gives_results(tmp_path, kept):
    """Else the fuzz would call in vain."""
    fuzzer = checked(tmp_path, *kept.values())
    assert fuzzer.counts == {("as it is", "accepted, the same"): len(kept)}
    without = {name for name in fuzz_files.CALLS if not fuzzer.answers[name, "a result"]}
    assert without == set()
    assert fuzzer.answers["predict(covariates, y, static)", "a result"] == len(kept)
    assert fuzzer.answers["predict(y)", "a documented error"] == 3  # of those with covariates


def raises(error):
    def call(*arguments, **options):
        raise error

    return call


BROKEN = {
    "a loading that crashes": ("load_forecaster", raises(KeyError("x")), "ANOTHER ERROR"),
    "a file that is refused later": ("predict", lambda *_, **__: unpack(b"none"), "ANOTHER ERROR"),
    "a file that is refused when it is saved": (
        "save",
        raises(ModelFileError("It is no model. " * 3)),
        "ANOTHER ERROR",
    ),
    "an interval that crashes": ("predict_interval", raises(AttributeError("x")), "ANOTHER ERROR"),
    "paths that crash": ("sample_paths", raises(IndexError("x")), "ANOTHER ERROR"),
    "an error of pandas": ("score", lambda *_: pd.to_datetime("nonsense"), "ANOTHER ERROR"),
    "an error that is not ours": ("make_future_frame", raises(ValueError("That cannot be done.")), "ANOTHER ERROR"),
    "another content": ("save", lambda self, path, **_: path.write_bytes(GOOD), "ACCEPTED, DIFFERENT"),
}


@pytest.mark.parametrize(("name", "broken", "end"), BROKEN.values(), ids=BROKEN)
def test_what_the_fuzz_is_to_find_it_finds(name, broken, end, tmp_path, kept, monkeypatch, capsys):
    monkeypatch.setattr(fuzz_files if name == "load_forecaster" else LinearForecaster, name, broken)
    fuzzer = checked(tmp_path, kept["linear"])
    assert fuzzer.counts == {("as it is", end): 1}
    assert [found[:2] for found in fuzzer.wrong] == [("as it is", end)]
