"""The zip around a model: four members, not compressed, and a manifest with the size and the sha256 of the others."""

import hashlib
import io
import stat
import zipfile

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.plain import plain_of, text_of

FORMAT = 1
MANIFEST, PARAMS, STATE, ARRAYS = MEMBERS = ("manifest.json", "params.json", "state.json", "arrays.safetensors")
LARGEST = {MANIFEST: 2**16, PARAMS: 2**24, STATE: 2**28, ARRAYS: 3 * 2**29}  # bytes, together below what a zip holds
MODE = stat.S_IFREG | 0o644
LOCAL, CENTRAL, END = 30, 46, 22  # bytes that a zip adds: before each member, in its list, and behind that
WHEN = (1980, 1, 1, 0, 0, 0)
BROKEN = (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OverflowError, OSError, RuntimeError)


def pack(kind, versions, members):
    """The bytes of a file.

    Args:
        kind: What the model is.
        versions: Dict of the versions of libraries, for people to read.
        members: Dict of the bytes of all members but the manifest.

    Raises:
        ModelFileError: a member is too large.
    """
    about = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in members.items()}
    manifest = {"format": FORMAT, "kind": kind, "versions": versions, "members": about}
    members = {MANIFEST: text_of(manifest), **members}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in MEMBERS:
            _refuse_large(name, len(members[name]))
            info = zipfile.ZipInfo(name, WHEN)
            info.create_system, info.external_attr = 3, MODE << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()


def unpack(data):
    """The kind, and the members but the manifest, of the bytes of a file, all as they were written.

    Raises:
        ModelFileError: the bytes are anything else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            manifest = _manifest(archive, infos)
            _refuse_other_members(infos, len(data))
            members = {name: archive.read(name) for name in MEMBERS[1:]}
    except ModelFileError:
        raise
    except BROKEN as problem:
        raise ModelFileError(f"It is damaged, or no zip as tsattn writes it: {problem}.") from problem
    about = {name: {"bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()} for name, part in members.items()}
    for name in about:
        if not _same(manifest["members"][name], about[name]):
            raise ModelFileError(f"Its member {name} is not what its manifest says: the file was changed or damaged.")
    return manifest["kind"], members


def _manifest(archive, infos):
    """The manifest. That of a later format is refused for what it is, whatever else there may be in such a file."""
    found = [info for info in infos if info.filename == MANIFEST]
    if len(found) != 1:
        raise ModelFileError(f"It has {len(found)} members {MANIFEST}, but a model has one.")
    _refuse_compressed(found[0])
    _refuse_large(MANIFEST, found[0].file_size)
    manifest = plain_of(archive.read(found[0]), MANIFEST)
    known = manifest.get("format") if isinstance(manifest, dict) else None
    if type(known) is not int or known < 1:
        raise ModelFileError(f"Its {MANIFEST} names no format, but {known!r}.")
    if known > FORMAT:
        raise ModelFileError(
            f"It has the format {known}, of a later version of tsattn; this one reads formats up to {FORMAT}. "
            "Update tsattn: pip install -U tsattn"
        )
    wanted = {"kind": str, "versions": dict, "members": dict}
    fits = set(manifest) == {"format", *wanted} and all(type(manifest[name]) is kind for name, kind in wanted.items())
    fits = fits and all(type(version) is str for version in manifest["versions"].values())
    if not fits or set(manifest["members"]) != set(MEMBERS[1:]):
        raise ModelFileError(f"Its {MANIFEST} is not one of a model.")
    return manifest


def _same(plain, other):
    """Whether two dicts are the same as text: 1, 1.0 and True are equal, but not the same."""
    return text_of(plain) == text_of(other)


def _refuse_other_members(infos, size):
    """A ModelFileError unless there are our members and nothing else, in the list or anywhere between them."""
    names = tuple(info.filename for info in infos)
    if names != MEMBERS:
        raise ModelFileError(f"It has the members {', '.join(map(repr, names[:8]))}, but a model has {MEMBERS}.")
    for info in infos:
        _refuse_compressed(info)
        _refuse_large(info.filename, info.file_size)
        if info.external_attr >> 16 != MODE:
            raise ModelFileError(f"Its member {info.filename} is no plain file.")
    ours = sum(LOCAL + CENTRAL + 2 * len(info.filename) + info.file_size for info in infos) + END
    if size != ours:
        raise ModelFileError(f"It has {size} bytes, but its members account for {ours}.")


def _refuse_compressed(info):
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size or info.flag_bits:
        raise ModelFileError(f"Its member {info.filename} is compressed or encrypted, which those of a model are not.")


def _refuse_large(name, size):
    if size > LARGEST[name]:
        raise ModelFileError(f"Its member {name} has {size} bytes, but at most {LARGEST[name]} are read.")
