"""Mutated model files: none that differs from what was written may load, and nothing but `ModelFileError` be raised.

Two ways of mutating: the bytes of a file, as damage would; and its members, sealed again with sizes and sha256 that
are right, as someone would who means harm. What loads of the latter must be what the file says: saved again it has the
same members. And it must forecast, or say with a `ValueError` why not.

    python benchmarks/fuzz_files.py --minutes 10
"""

import argparse
import collections
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
from contextlib import suppress

import results

from tsattn import ModelFileError, load_forecaster
from tsattn.persistence.container import ARRAYS, MANIFEST, PARAMS, STATE, pack, unpack

TESTS = pathlib.Path(__file__).parent.parent / "tests"
FILES = sorted((TESTS / "files").glob("*.tsattn"))
ODD = [None, True, -1, 0, 1, 2**31, 10**30, 0.5, 1e308, "", "x", "object", "../x", [], {}, [[]], {"float": "nan"}]
KILOBYTE = 1024


def core_of(path):
    """What the core of the file was made with."""
    return runpy.run_path(str(TESTS / "forecaster_table.py"))["GatedCore"] if "core" in path.stem else None


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
        seed: Of the mutations.
    """

    def __init__(self, folder, seed=0):
        self.path = pathlib.Path(folder) / "mutated.tsattn"
        self.rng = random.Random(seed)
        self.counts = collections.Counter()
        self.wrong = []
        self.files = [(path.read_bytes(), core_of(path)) for path in FILES]

    def once(self):
        """One mutation of one file."""
        data, core = self.rng.choice(self.files)
        kind, members = unpack(data)
        if self.rng.random() < 0.5:
            self.check("damaged", damaged(data, self.rng), members, core)
        else:
            self.check("sealed again", *sealed_again(kind, members, self.rng), core)

    def every_kilobyte(self):
        """Every file cut off at every kilobyte."""
        for data, core in self.files:
            for size in range(0, len(data), KILOBYTE):
                self.check("cut off", data[:size], None, core)

    def every_member(self, flips=16):
        """So many flipped bits in every member of every file."""
        for data, core in self.files:
            members = unpack(data)[1]
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {**members, MANIFEST: archive.read(MANIFEST)}
            for part in members.values():
                first, size = data.index(part), len(part)
                for _ in range(flips):
                    flipped = bytearray(data)
                    flipped[first + self.rng.randrange(size)] ^= 1 << self.rng.randrange(8)
                    self.check("bit flipped in a member", bytes(flipped), None, core)

    def check(self, what, data, members, core):
        """Loads a file, and counts how that ended; what it holds must be these members."""
        self.path.write_bytes(data)
        try:
            model = load_forecaster(self.path, core=core)
            with suppress(ValueError):  # of covariates that are needed, or a forecast that is not finite
                model.predict()
            model.save(self.path, overwrite=True)
            end = "accepted, the same" if unpack(self.path.read_bytes())[1] == members else "ACCEPTED, DIFFERENT"
        except ModelFileError:
            end = "refused"
        except Exception:
            end = "ANOTHER ERROR"
            traceback.print_exc()
        self.counts[what, end] += 1
        if end.isupper() or "DIFFERENT" in end:
            self.wrong.append((what, end, data))


def run(folder, seconds, seed=0, least=100):
    """Mutates for so many seconds, and at random at least so many times; returns the `Fuzzer`."""
    fuzzer, end = Fuzzer(folder, seed), time.monotonic() + seconds
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
        fuzzer = run(folder, 60 * arguments.minutes, arguments.seed)
    rows = [{"mutation": what, "end": end, "files": count} for (what, end), count in sorted(fuzzer.counts.items())]
    for row in rows:
        print("{mutation:24} {end:20} {files}".format(**row))
    results.write("fuzz_files", [{**row, "minutes": arguments.minutes, "seed": arguments.seed} for row in rows])
    for number, (_, _, data) in enumerate(fuzzer.wrong):
        pathlib.Path(f"wrong_{number}.tsattn").write_bytes(data)
    raise SystemExit(1 if fuzzer.wrong else 0)


if __name__ == "__main__":
    main()
