"""The zip file of a model: four uncompressed members, one of them a manifest with sizes and sha256 of the others."""

import hashlib
import io
import stat
import zipfile

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.strict_json import decode_json, encode_json

FORMAT = 1
MANIFEST, PARAMS, STATE, ARRAYS = MEMBERS = ("manifest.json", "params.json", "state.json", "arrays.safetensors")
LARGEST = {MANIFEST: 2**16, PARAMS: 2**24, STATE: 2**28, ARRAYS: 3 * 2**29}  # bytes; the sum fits into a zip file
MODE = stat.S_IFREG | 0o644
# Bytes that a zip file adds: before each member, in its list of members, and after the list.
LOCAL, CENTRAL, END = 30, 46, 22
WHEN = (1980, 1, 1, 0, 0, 0)
ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OverflowError, OSError, RuntimeError)


def pack(kind, versions, members):
    """Pack a model file.

    Args:
        kind: Name of the forecaster class.
        versions: Dict of library versions, for information only.
        members: Dict of the bytes of all members except the manifest.

    Returns:
        The bytes of the file.

    Raises:
        ModelFileError: If a member is too large.
    """
    manifest = {"format": FORMAT, "kind": kind, "versions": versions, "members": _digests(members)}
    members = {MANIFEST: encode_json(manifest), **members}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in MEMBERS:
            _check_size(name, len(members[name]))
            info = zipfile.ZipInfo(name, WHEN)
            info.create_system, info.external_attr = 3, MODE << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()


def unpack(data):
    """Unpack a model file.

    Args:
        data: The bytes of the file.

    Returns:
        `(kind, members)`: the name of the forecaster class, and a dict of the bytes of all members except the
        manifest.

    Raises:
        ModelFileError: If the bytes are not exactly as `pack` writes them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            manifest = _read_manifest(archive, infos)
            _check_members(infos, len(data))
            members = {name: archive.read(name) for name in MEMBERS[1:]}
    except ModelFileError:
        raise
    except ZIP_ERRORS as error:
        raise ModelFileError(f"It is damaged or is not a zip file written by tsattn: {error}.") from error
    for name, digest in _digests(members).items():
        # Compared as text, because 1, 1.0 and True are equal.
        if encode_json(manifest["members"][name]) != encode_json(digest):
            raise ModelFileError(f"Its member {name} does not match the manifest: the file was changed or damaged.")
    return manifest["kind"], members


def _digests(members):
    return {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in members.items()}


def _read_manifest(archive, infos):
    """Read the manifest. A later format is reported as such, regardless of the other contents of the file."""
    found = [info for info in infos if info.filename == MANIFEST]
    if len(found) != 1:
        raise ModelFileError(f"It has {len(found)} members {MANIFEST}, but exactly one is expected.")
    _check_stored(found[0])
    _check_size(MANIFEST, found[0].file_size)
    manifest = decode_json(archive.read(found[0]), MANIFEST)
    version = manifest.get("format") if isinstance(manifest, dict) else None
    if type(version) is not int or version < 1:
        raise ModelFileError(f"Its {MANIFEST} has the format {version!r}, but a positive integer is expected.")
    if version > FORMAT:
        raise ModelFileError(
            f"It has format {version}, written by a later version of tsattn; this version reads formats up to "
            f"{FORMAT}. Update tsattn: pip install -U tsattn"
        )
    types = {"kind": str, "versions": dict, "members": dict}
    is_valid = set(manifest) == {"format", *types} and all(type(manifest[name]) is kind for name, kind in types.items())
    is_valid = is_valid and all(type(version) is str for version in manifest["versions"].values())
    if not is_valid or set(manifest["members"]) != set(MEMBERS[1:]):
        raise ModelFileError(f"Its {MANIFEST} is not the manifest of a model.")
    return manifest


def _check_members(infos, size):
    """Check that a file contains only the expected members, and no other data in the list or between the members."""
    names = tuple(info.filename for info in infos)
    if names != MEMBERS:
        raise ModelFileError(f"It has the members {', '.join(map(repr, names[:8]))}, but {MEMBERS} are expected.")
    for info in infos:
        _check_stored(info)
        _check_size(info.filename, info.file_size)
        if info.external_attr >> 16 != MODE:
            raise ModelFileError(f"Its member {info.filename} is not a regular file.")
    expected = sum(LOCAL + CENTRAL + 2 * len(info.filename) + info.file_size for info in infos) + END
    if size != expected:
        raise ModelFileError(f"It has {size} bytes, but its members account for {expected}.")


def _check_stored(info):
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size or info.flag_bits:
        raise ModelFileError(f"Its member {info.filename} is compressed or encrypted, which is not allowed.")


def _check_size(name, size):
    if size > LARGEST[name]:
        raise ModelFileError(f"Its member {name} has {size} bytes, but at most {LARGEST[name]} are allowed.")
