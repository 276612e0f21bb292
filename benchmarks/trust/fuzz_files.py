"""Mutated model files: each is rejected with `ModelFileError` when it is loaded, or has the declared content.

    python benchmarks/trust/fuzz_files.py [--minutes 10] [--seed 0] [--quick]

There are two kinds of mutations. Damage changes the bytes of a file. An attack changes its members and writes a
manifest with correct sizes and sha256. A file that loads must have the declared content: if it is saved again, the
members are equal, except for the defaults of arguments that it lacks. Public methods of the loaded forecaster must
return a result or raise a documented error. Files that violate these requirements are written to `wrong_*.tsattn`.
"""

import collections
import dataclasses
import functools
import importlib.util
import io
import json
import pathlib
import random
import runpy
import sys
import tempfile
import time
import traceback
import warnings
import zipfile

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common import results
from benchmarks.common.processes import ROOT
from benchmarks.common.runner import make_parser
from benchmarks.trust.documented_errors import is_documented
from tsattn import ModelFileError, Training, load_forecaster
from tsattn.forecasters.model_file.arguments import write_arguments
from tsattn.forecasters.model_file.state import ADDED
from tsattn.forecasters.registry import FORECASTERS, load_class
from tsattn.persistence.container import ARRAYS, MANIFEST, PARAMS, STATE, pack, unpack
from tsattn.persistence.specs import Location
from tsattn.persistence.strict_json import encode_json

QUICK = 0.1  # minutes
TESTS = ROOT / "tests"
FILES = sorted((TESTS / "files").glob("*.tsattn"))
ODD = [None, True, -1, 0, 1, 2**31, 10**30, 0.5, 1e308, "", "x", "object", "../x", [], {}, [[]], {"float": "nan"}]
KILOBYTE = 1024
WRONG = ("ANOTHER ERROR", "ACCEPTED, DIFFERENT")  # outcomes that violate the requirements
LONGER = 8  # steps: more than the horizon of the files, but not more than their known covariates


@dataclasses.dataclass
class File:
    """A stored file, and the data to which its forecaster was fitted.

    Args:
        name: Name of the forecaster.
        data: Bytes of the file.
        core: Core of a `CoreForecaster`, or None.
        y, covariates, static: Data to which the forecaster was fitted.
        later: Its forecast.
    """

    name: str
    data: bytes
    core: object
    y: object
    covariates: object
    static: object
    later: object

    def history(self):
        """Return the arguments of a forecast from a history."""
        return {"y": self.y, "covariates": self.covariates, "static": self.static}


def files():
    """Yield the stored files, made by tests/files/make.py, whose packages are installed."""
    models = runpy.run_path(str(TESTS / "files" / "make.py"))["MODELS"]
    core = runpy.run_path(str(TESTS / "forecaster_table.py"))["GatedCore"]
    for path in FILES:
        name = path.stem.split("_", 2)[2]
        if name == "statistical" and importlib.util.find_spec("statsforecast") is None:
            continue
        y, covariates, static = [*models[name][1](), None, None][:3]
        own_core = core if name == "core" else None
        later = load_forecaster(path, core=own_core).predict()
        yield File(name, path.read_bytes(), own_core, y, covariates, static, later)


# Public methods of a loaded forecaster, with the data to which it was fitted.
CALLS = {
    "predict()": lambda model, file: model.predict(),
    "predict(y)": lambda model, file: model.predict(y=file.y),
    "predict(covariates)": lambda model, file: model.predict(file.covariates),
    "predict(covariates, y, static)": lambda model, file: model.predict(**file.history()),
    "predict(horizon)": lambda model, file: model.predict(horizon=LONGER),
    "predict_interval()": lambda model, file: model.predict_interval(0.5),
    "predict_interval(y)": lambda model, file: model.predict_interval(0.5, **file.history()),
    "predict_quantiles()": lambda model, file: model.predict_quantiles(),
    "sample_paths()": lambda model, file: model.sample_paths(3, random_state=0),
    "make_future_frame()": lambda model, file: model.make_future_frame(),
    "make_future_frame(y)": lambda model, file: model.make_future_frame(y=file.y),
    "score(later)": lambda model, file: model.score(file.later),
    "score(later, covariates)": lambda model, file: model.score(file.later, file.covariates),
    "attention_weights()": lambda model, file: model.attention_weights(),
}


def damaged(data, rng):
    """Return damaged bytes: with flipped bits, or with a part removed, duplicated, moved or overwritten."""
    data, kind = bytearray(data), rng.randrange(6)
    first = rng.randrange(len(data))
    last = min(len(data), first + rng.choice([1, 4, 64, KILOBYTE]))
    if kind == 0:
        for _ in range(rng.choice([1, 1, 1, 2, 8])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del data[first:]
    elif kind == 2:
        del data[first:last]
    elif kind == 3:
        data[first:first] = data[first:last]
    elif kind == 4:
        data[first:last] = rng.randbytes(last - first)
    else:
        part = data[first:last]
        del data[first:last]
        place = rng.randrange(len(data))
        data[place:place] = part
    return bytes(data)


def sealed_again(kind, members, rng):
    """Return a file with changed members and a correct manifest: JSON with other values, or arrays with other bytes."""
    members, name = dict(members), rng.choice([PARAMS, STATE, STATE, ARRAYS])
    if name == ARRAYS:
        members[name] = damaged(members[name], rng)
    else:
        plain = json.loads(members[name])
        for _ in range(rng.choice([1, 1, 2])):
            _change(plain, rng)
        members[name] = json.dumps(plain, separators=(",", ":")).encode("ascii")
    return pack(kind, {}, members), members


def _change(plain, rng):
    """Change, drop or add one of the nested values."""
    nodes, places = [plain], []
    while nodes:
        node = nodes.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        places += [(node, key) for key in keys]
        nodes += [node[key] for key in keys if isinstance(node[key], dict | list)]
    node, key = rng.choice(places)
    other, place = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0:
        del node[key]
    elif kind == 1 and isinstance(node, dict):
        node[rng.choice(["x", "offset", "numpy", "estimator"])] = rng.choice(ODD)
    elif kind == 2:
        node[key] = json.loads(json.dumps(other[place]))
    else:
        node[key] = rng.choice(ODD)


@functools.cache
def defaults(name):
    """Return the default arguments of a class as plain values; of a forecaster, with horizon 1."""
    estimator = Training() if name == "Training" else load_class(name)(horizon=1)
    return write_arguments(estimator, Location("default", {}, helpers={"cores": []}))


def without_defaults(written, stated, owner=None, are_arguments=False):
    """Return written plain values without the defaults of what the stated plain values lack: arguments and `ADDED`.

    Args:
        written: Plain values that were written.
        stated: Plain values of the file that was loaded.
        owner: Name of the class that they belong to. Defaults to None.
        are_arguments: Whether they are the arguments of `owner`. Defaults to False.
    """
    if isinstance(written, list) and isinstance(stated, list) and len(written) == len(stated):
        return [without_defaults(*pair, owner) for pair in zip(written, stated, strict=True)]
    if not isinstance(written, dict) or not isinstance(stated, dict):
        return written
    for name in (written.get("kind"), written.get("estimator")):
        owner = name if name in ("Training", *FORECASTERS) else owner
    kept = {}
    for name, value in written.items():
        if name in stated:
            is_nested = name in ("params", "fitted_params_", "arguments")
            kept[name] = without_defaults(value, stated[name], owner, are_arguments=is_nested)
        elif are_arguments and encode_json(value) == encode_json(defaults(owner)[name]):
            continue
        elif are_arguments or name not in ADDED or value != ADDED[name]:
            kept[name] = value
    return kept


def outcome(kind, written, stated):
    """Return the outcome for a file that loads, by the members that it has and those of the same file, saved again."""
    if written == stated:
        return "accepted, the same"
    plain = [
        {"kind": kind, "params": json.loads(members[PARAMS]), "state": json.loads(members[STATE])}
        for members in (written, stated)
    ]
    kept = without_defaults(*plain)
    completed = {PARAMS: encode_json(kept["params"]), STATE: encode_json(kept["state"])}
    return "accepted, completed" if {**written, **completed} == stated else "ACCEPTED, DIFFERENT"


class Fuzzer:
    """Loads mutated files and counts the outcomes.

    Args:
        folder: Folder for the files.
        files: List of `File` to mutate.
        seed: Seed of the mutations. Defaults to 0.

    Attributes:
        counts: Number of files by mutation and outcome.
        answers: Number of calls by method and outcome.
        wrong: Mutation, outcome and bytes of each file that violates the requirements.
    """

    def __init__(self, folder, files, seed=0):
        self.path = pathlib.Path(folder) / "mutated.tsattn"
        self.rng = random.Random(seed)
        self.counts = collections.Counter()
        self.answers = collections.Counter()
        self.wrong = []
        self.files = files

    def once(self):
        """Check one mutation of one file."""
        file = self.rng.choice(self.files)
        kind, members = unpack(file.data)
        if self.rng.random() < 0.5:
            self.check("damaged", damaged(file.data, self.rng), members, file)
        else:
            self.check("sealed again", *sealed_again(kind, members, self.rng), file)

    def every_kilobyte(self):
        """Check every file, truncated at every kilobyte."""
        for file in self.files:
            for size in range(0, len(file.data), KILOBYTE):
                self.check("cut off", file.data[:size], None, file)

    def every_member(self, flips=16):
        """Check every file with one flipped bit, `flips` times in each member."""
        for file in self.files:
            members = unpack(file.data)[1]
            with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
                members = {**members, MANIFEST: archive.read(MANIFEST)}
            for part in members.values():
                first, size = file.data.index(part), len(part)
                for _ in range(flips):
                    flipped = bytearray(file.data)
                    flipped[first + self.rng.randrange(size)] ^= 1 << self.rng.randrange(8)
                    self.check("bit flipped in a member", bytes(flipped), None, file)

    def check(self, what, data, members, file):
        """Load a file, use it and count the outcome.

        Args:
            what: Name of the mutation.
            data: Bytes of the file.
            members: Expected members when the file is saved again.
            file: The `File` that was mutated.
        """
        try:
            end = self._end(data, members, file)
        except Exception:
            end = "ANOTHER ERROR"
            traceback.print_exc()
        self.counts[what, end] += 1
        if end in WRONG:
            self.wrong.append((what, end, data))

    def _end(self, data, members, file):
        self.path.write_bytes(data)
        try:
            model = load_forecaster(self.path, core=file.core)
        except ModelFileError:
            return "refused"
        for name, call in CALLS.items():
            if hasattr(model, name.partition("(")[0]):
                self.answers[name, self._answer(call, model, file)] += 1
        model.save(self.path, overwrite=True)
        return outcome(*unpack(self.path.read_bytes()), members)

    def _answer(self, call, model, file):
        """Return the outcome of a call: a result or a documented error. Other errors are raised."""
        try:
            call(model, file)
        except Exception as error:
            if not is_documented(error):
                raise
            return "a documented error"
        return "a result"


def run(folder, files, seconds, seed=0, least=100):
    """Mutate files for some seconds, and with at least `least` random mutations; return the `Fuzzer`."""
    fuzzer, end = Fuzzer(folder, files, seed), time.monotonic() + seconds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a core warns if it receives other shapes
        fuzzer.every_kilobyte()
        fuzzer.every_member()
        done = 0
        while time.monotonic() < end or done < least:
            fuzzer.once()
            done += 1
    return fuzzer


def main():
    parser = make_parser(__doc__, flags=("quick",))
    parser.add_argument("--minutes", type=float, default=10, help="defaults to %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="defaults to %(default)s")
    arguments = parser.parse_args()
    minutes = QUICK if arguments.quick else arguments.minutes
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = run(folder, list(files()), 60 * minutes, arguments.seed)
    rows = [{"mutation": what, "end": end, "files": count} for (what, end), count in sorted(fuzzer.counts.items())]
    for row in rows:
        print("{mutation:24} {end:20} {files}".format(**row))
    for (name, answer), count in sorted(fuzzer.answers.items()):
        print(f"{name:30} {answer:20} {count}")
    if not arguments.quick:
        results.write("fuzz_files", [{**row, "minutes": minutes, "seed": arguments.seed} for row in rows])
    for number, (_, _, data) in enumerate(fuzzer.wrong):
        pathlib.Path(f"wrong_{number}.tsattn").write_bytes(data)
    raise SystemExit(1 if fuzzer.wrong else 0)


if __name__ == "__main__":
    main()
