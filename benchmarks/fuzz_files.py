"""Mutated model files: each is refused with `ModelFileError` when it is loaded, or is just what it says, and of use.

Two ways of mutating: the bytes of a file, as damage would; and its members, sealed again with sizes and sha256 that
are right, as someone would who means harm. What loads of the latter must be what the file says: saved again it has the
same members. And what users call of it must give a result, or an error of tsattn's own that says why not.

    python benchmarks/fuzz_files.py --minutes 10
"""

import argparse
import collections
import dataclasses
import io
import json
import pathlib
import random
import runpy
import tempfile
import time
import traceback
import warnings
import zipfile

import results
from own_errors import is_ours

from tsattn import ModelFileError, load_forecaster
from tsattn.persistence.container import ARRAYS, MANIFEST, PARAMS, STATE, pack, unpack

TESTS = pathlib.Path(__file__).parent.parent / "tests"
FILES = sorted((TESTS / "files").glob("*.tsattn"))
ODD = [None, True, -1, 0, 1, 2**31, 10**30, 0.5, 1e308, "", "x", "object", "../x", [], {}, [[]], {"float": "nan"}]
KILOBYTE = 1024
LONGER = 8  # steps, more than the files were made to forecast, and no more than their covariates know


@dataclasses.dataclass
class File:
    """A file that was kept, and what it was made with."""

    name: str
    data: bytes
    core: object  # None unless it takes one
    y: object
    covariates: object
    static: object
    later: object  # what came next

    def history(self):
        """What a forecast from a history gets."""
        return {"y": self.y, "covariates": self.covariates, "static": self.static}


def files():
    """The kept files, as tests/files/make.py made them."""
    models = runpy.run_path(str(TESTS / "files" / "make.py"))["MODELS"]
    core = runpy.run_path(str(TESTS / "forecaster_table.py"))["GatedCore"]
    for path in FILES:
        name = path.stem.split("_", 2)[2]
        y, covariates, static = [*models[name][1](), None, None][:3]
        own = core if name == "core" else None
        later = load_forecaster(path, core=own).predict()
        yield File(name, path.read_bytes(), own, y, covariates, static, later)


# What users call of a forecaster that they have loaded, with the data that its file was made with.
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
    """Bytes as damage leaves them: flipped bits, parts lost, doubled, moved or filled with others."""
    data, way = bytearray(data), rng.randrange(6)
    first = rng.randrange(len(data))
    last = min(len(data), first + rng.choice([1, 4, 64, KILOBYTE]))
    if way == 0:
        for _ in range(rng.choice([1, 1, 1, 2, 8])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif way == 1:
        del data[first:]
    elif way == 2:
        del data[first:last]
    elif way == 3:
        data[first:first] = data[first:last]
    elif way == 4:
        data[first:last] = rng.randbytes(last - first)
    else:
        part = data[first:last]
        del data[first:last]
        place = rng.randrange(len(data))
        data[place:place] = part
    return bytes(data)


def sealed_again(kind, members, rng):
    """A file whose manifest is right, but of other members: JSON with other values, arrays with other bytes."""
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
    """Changes one of the values within plain ones, drops it, or adds another."""
    nodes, places = [plain], []
    while nodes:
        node = nodes.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        places += [(node, key) for key in keys]
        nodes += [node[key] for key in keys if isinstance(node[key], dict | list)]
    node, key = rng.choice(places)
    other, place = rng.choice(places)
    way = rng.randrange(4)
    if way == 0:
        del node[key]
    elif way == 1 and isinstance(node, dict):
        node[rng.choice(["x", "offset", "numpy", "estimator"])] = rng.choice(ODD)
    elif way == 2:
        node[key] = json.loads(json.dumps(other[place]))
    else:
        node[key] = rng.choice(ODD)


class Fuzzer:
    """Counts what becomes of mutated files, and keeps those that went wrong.

    Args:
        folder: For the files.
        files: What is mutated, each a `File`.
        seed: Of the mutations.
    """

    def __init__(self, folder, files, seed=0):
        self.path = pathlib.Path(folder) / "mutated.tsattn"
        self.rng = random.Random(seed)
        self.counts = collections.Counter()
        self.answers = collections.Counter()
        self.wrong = []
        self.files = files

    def once(self):
        """One mutation of one file."""
        file = self.rng.choice(self.files)
        kind, members = unpack(file.data)
        if self.rng.random() < 0.5:
            self.check("damaged", damaged(file.data, self.rng), members, file)
        else:
            self.check("sealed again", *sealed_again(kind, members, self.rng), file)

    def every_kilobyte(self):
        """Every file cut off at every kilobyte."""
        for file in self.files:
            for size in range(0, len(file.data), KILOBYTE):
                self.check("cut off", file.data[:size], None, file)

    def every_member(self, flips=16):
        """So many flipped bits in every member of every file."""
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
        """Loads a file and uses it, and counts how that ended; what it holds must be these members."""
        try:
            end = self._end(data, members, file)
        except Exception:
            end = "ANOTHER ERROR"
            traceback.print_exc()
        self.counts[what, end] += 1
        if end.isupper() or "DIFFERENT" in end:
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
        return "accepted, the same" if unpack(self.path.read_bytes())[1] == members else "ACCEPTED, DIFFERENT"

    def _answer(self, call, model, file):
        """How a call ended: with a result, or with an error of ours. Others are raised."""
        try:
            call(model, file)
        except Exception as problem:
            if not is_ours(problem):
                raise
            return "an error of ours"
        return "a result"


def run(folder, files, seconds, seed=0, least=100):
    """Mutates for so many seconds, and at random at least so many times; returns the `Fuzzer`."""
    fuzzer, end = Fuzzer(folder, files, seed), time.monotonic() + seconds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a core that is handed other shapes warns
        fuzzer.every_kilobyte()
        fuzzer.every_member()
        done = 0
        while time.monotonic() < end or done < least:
            fuzzer.once()
            done += 1
    return fuzzer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = run(folder, list(files()), 60 * arguments.minutes, arguments.seed)
    rows = [{"mutation": what, "end": end, "files": count} for (what, end), count in sorted(fuzzer.counts.items())]
    for row in rows:
        print("{mutation:24} {end:20} {files}".format(**row))
    for (name, answer), count in sorted(fuzzer.answers.items()):
        print(f"{name:30} {answer:20} {count}")
    results.write("fuzz_files", [{**row, "minutes": arguments.minutes, "seed": arguments.seed} for row in rows])
    for number, (_, _, data) in enumerate(fuzzer.wrong):
        pathlib.Path(f"wrong_{number}.tsattn").write_bytes(data)
    raise SystemExit(1 if fuzzer.wrong else 0)


if __name__ == "__main__":
    main()
