"""Whether a publication is still what was published: its files held against its manifest.

The manifest names every other file by its SHA-256 and carries a digest of itself.
"""

import hashlib
from pathlib import Path
from typing import Any

from warehouse.durable import json_bytes, sha256_of_file
from warehouse.layout import Layout
from warehouse.publications import DATABASE, MANIFEST, VERSION, read_manifest

FILES, OWN_DIGEST = "files", "manifest_sha256"
# 0.1 s: below this every byte is read even on a night without news.
SMALL_BYTES = 64_000_000
FIRST_SCHEMA_WITH_FILES = (1, 4)


def sealed(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with the digests of all files of its folder and of itself."""
    named = {**manifest, FILES: {name: sha256_of_file(folder / name) for name in _names(folder)}}
    return {**named, OWN_DIGEST: _digest(named)}


def damage_of(folder: Path, *, every_byte: bool = True) -> tuple[str, ...]:
    """What of a publication is not as it was published; nothing when it is whole.

    Args:
        folder: a version folder, or a link to one.
        every_byte: read every file. Otherwise, in a large publication, files that were not
            written after their manifest are taken for what they were.
    """
    folder = folder.resolve()
    manifest = read_manifest(folder)
    if manifest is None:
        return (f"{MANIFEST} is missing or cannot be read",)
    told = _manifest_damage(folder, manifest)
    if told:
        return told
    named = manifest.get(FILES)
    if named is None:
        return _missing(folder, _files_of_old(manifest))
    extra = [name for name in _names(folder) if name not in named]
    return (
        *_missing(folder, named),
        *(f"{name} is not in the manifest" for name in extra),
        *_changed(folder, named, every_byte=every_byte),
    )


def damage_of_chosen(layout: Layout, version: str | None) -> str | None:
    """What is wrong with a version, or with the current one when None, in a sentence; None when it
    is whole or not there.
    """
    if version is not None and not VERSION.fullmatch(version):
        return None
    folder = layout.publications / version if version else layout.current
    is_there = folder.is_symlink() or folder.exists()
    damage = damage_of(folder, every_byte=False) if is_there else ()
    return f"{folder.resolve().name}: {'; '.join(damage)}." if damage else None


def _manifest_damage(folder: Path, manifest: dict[str, Any]) -> tuple[str, ...]:
    is_version = VERSION.fullmatch(folder.name)
    if is_version and manifest["version"] != folder.name:
        return (f"{MANIFEST} is that of {manifest['version']}",)
    is_old = _schema(manifest) < FIRST_SCHEMA_WITH_FILES and FILES not in manifest
    own = {key: value for key, value in manifest.items() if key != OWN_DIGEST}
    is_own = manifest.get(OWN_DIGEST) == _digest(own)
    is_as_written = (folder / MANIFEST).read_bytes() == json_bytes(manifest)
    if is_old or (is_own and is_as_written and isinstance(manifest.get(FILES), dict)):
        return ()
    return (f"{MANIFEST} was changed",)


def _schema(manifest: dict[str, Any]) -> tuple[int, ...]:
    words = str(manifest.get("schema_version", "")).split(".")
    return tuple(int(word) for word in words) if all(map(str.isdigit, words)) else (0,)


def _digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json_bytes(manifest)).hexdigest()


def _files_of_old(manifest: dict[str, Any]) -> list[str]:
    """What a publication must at least hold whose manifest does not name its files yet."""
    return [DATABASE, *(f"parquet/{table}.parquet" for table in manifest.get("tables", {}))]


def _names(folder: Path) -> list[str]:
    """Every file but the manifest, by its name inside the folder; links count as files."""
    found = (p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())
    names = sorted(path.relative_to(folder).as_posix() for path in found)
    return [name for name in names if name != MANIFEST]


def _missing(folder: Path, names: Any) -> tuple[str, ...]:
    return tuple(f"{name} is missing" for name in sorted(names) if not (folder / name).is_file())


def _changed(folder: Path, named: dict[str, str], *, every_byte: bool) -> tuple[str, ...]:
    there = {name: path for name in named if (path := folder / name).is_file()}
    is_small = sum(path.stat().st_size for path in there.values()) <= SMALL_BYTES
    sealed_at = (folder / MANIFEST).stat().st_mtime_ns
    doubtful = [
        name
        for name, path in there.items()
        if every_byte or is_small or path.stat().st_mtime_ns > sealed_at
    ]
    return tuple(f"{name} was changed" for name in doubtful if not _is(there[name], named[name]))


def _is(path: Path, sha256: str) -> bool:
    """A file that cannot be read is not what it was."""
    try:
        return sha256_of_file(path) == sha256
    except OSError:
        return False
