"""Proof that a publication follows from its inputs: everything is read and built once more.

From the landed bytes to the accepted rows with the reader of today, where that is the reader of
then; from the accepted rows to the published tables with the SQL and the registers of then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from ingestion.casting import cast
from ingestion.declaration import Source, load_sources
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.protocols import protocol_for
from orchestration.fingerprint import code_fingerprint, reading_fingerprint
from orchestration.publication_changes import TABLE, tell_changes
from orchestration.rebuilding import Workshop
from orchestration.registers import spellings_for
from warehouse import accepted, landing
from warehouse.content import content_of
from warehouse.damage import damage_of
from warehouse.draft import Draft
from warehouse.inputs import Inputs, InputsError, read_inputs
from warehouse.layout import Layout
from warehouse.publications import absence, chosen
from warehouse.submissions import SOURCE_ID

EQUAL, DIFFERS, SKIPPED = "equal", "differs", "not compared"


@dataclass(frozen=True)
class Finding:
    """One thing that was compared: ``equal``, ``differs`` or ``not compared``, and why."""

    subject: str
    result: str
    told: str = ""


class NoPublicationError(LookupError):
    """There is no such publication."""


def verify(layout: Layout, workshop: Workshop, version: str | None) -> dict[str, Any]:
    """Read and build a publication once more and compare.

    Args:
        layout: the state root.
        workshop: where it is built.
        version: a publication; the current one when None.

    Returns:
        ``version``, ``is_proven`` and one finding per thing compared.

    Raises:
        NoPublicationError: there is no such publication.
    """
    found = chosen(layout, version)
    if found is None:
        raise NoPublicationError(absence(layout, version))
    folder, manifest = found
    findings = [_files(damage_of(folder)), *_read_again(layout, manifest)]
    try:
        inputs = read_inputs(layout, manifest["version"])
        findings += _submissions(layout, inputs)
        findings += _built_again(layout, workshop, manifest, inputs)
    except InputsError as error:
        findings.append(Finding("tables", DIFFERS, str(error)))
    is_same = manifest["code_fingerprint"] == code_fingerprint()
    told = "" if is_same else "The program has changed since; its SQL and registers were kept."
    findings.append(Finding("program", EQUAL if is_same else SKIPPED, told))
    return {
        "version": manifest["version"],
        "published_at": manifest["published_at"],
        "is_proven": all(finding.result != DIFFERS for finding in findings),
        "findings": [vars(finding) for finding in findings],
    }


def _files(damage: tuple[str, ...]) -> Finding:
    return Finding("files", DIFFERS if damage else EQUAL, "; ".join(damage))


def _read_again(layout: Layout, manifest: dict[str, Any]) -> Iterator[Finding]:
    """The landed bytes of each source, and the rows they give."""
    sources = {source.id: source for source in load_sources()}
    for source_id, named in manifest["releases"].items():
        release = _release(layout, source_id, named)
        subject = f"source {source_id}"
        if release is None:
            yield Finding(subject, DIFFERS, "its accepted release is gone")
            continue
        yield _read_release(layout, sources.get(source_id), release)


def _read_release(layout: Layout, source: Source | None, release: accepted.Release) -> Finding:
    """Whether the landed bytes are what they were and give the rows that were accepted."""
    subject = f"source {release.source_id}"
    is_read_alike = source is not None and reading_fingerprint(source) == release.declaration_hash
    try:
        for landed, content, kept in _pieces(layout, release):
            if source is None or not is_read_alike:
                continue
            if not accepted.as_accepted(_rows_of(source, landed, content)).equals(kept):
                told = f"the landed bytes {landed.release_id[:12]} give other rows than accepted"
                return Finding(subject, DIFFERS, told)
    except (landing.LandingError, OSError, ValueError) as error:
        return Finding(subject, DIFFERS, str(error))
    if not is_read_alike:
        return Finding(subject, SKIPPED, "landed bytes unchanged; read in another way today")
    return Finding(subject, EQUAL)


def _pieces(
    layout: Layout, release: accepted.Release
) -> Iterator[tuple[landing.Landed, bytes, pd.DataFrame]]:
    """Landed bytes and accepted rows of a release, window by window."""
    if not release.windows:
        yield (
            *landing.read_landed(layout, release.source_id, release.release_id),
            accepted.read_frame(layout, release),
        )
    for _name, window in sorted(release.windows.items()):
        yield (
            *landing.read_landed(layout, release.source_id, window.release_id),
            accepted.read_window(layout, release.source_id, window),
        )


def _release(layout: Layout, source_id: str, named: dict[str, Any]) -> accepted.Release | None:
    kept = accepted.releases(layout, source_id)
    wanted = (named["release_id"], named["recorded_at"])
    return next((r for r in kept if (r.release_id, r.recorded_at) == wanted), None)


def _rows_of(source: Source, landed: landing.Landed, content: bytes) -> pd.DataFrame:
    """The rows that bytes give today, as they would be accepted."""
    protocol = protocol_for(source)
    text = protocol.parse(source, content, landed.request)
    conventions, names = protocol.conventions(source), spellings_for(source)
    return cast(text, source, conventions, KNOWN_MUNICIPALITIES, names).frame


def _submissions(layout: Layout, inputs: Inputs) -> Iterator[Finding]:
    """Every submission's bytes, against the digest that it is known by."""
    for row in inputs.control["submission"].to_pylist():
        subject = f"submission {row['submission_id']}"
        files = list((layout.landing / SOURCE_ID).glob(f"{row['file_sha256']}*"))
        content = [
            path for path in files if landing.release_id_of(path.read_bytes()) == row["file_sha256"]
        ]
        told = "" if content else "the file that was handed in is gone or changed"
        yield Finding(subject, EQUAL if content else DIFFERS, told)


def _built_again(
    layout: Layout, workshop: Workshop, manifest: dict[str, Any], inputs: Inputs
) -> Iterator[Finding]:
    """Every published table, built once more."""
    draft, base = workshop.again(inputs), manifest.get("compared_with")
    is_gone = base is not None and chosen(layout, base) is None
    if base and not is_gone:
        tell_changes(workshop, base, inputs, draft)
    yield from _compared(draft, manifest["tables"], (TABLE,) if is_gone else ())


def _compared(
    draft: Draft, tables: dict[str, dict[str, Any]], skipped: tuple[str, ...]
) -> Iterator[Finding]:
    with duckdb.connect(str(draft.file), read_only=True) as connection:
        for name, published in sorted(tables.items()):
            if name in skipped:
                told = "the publication it was compared with is gone"
                yield Finding(f"table {name}", SKIPPED, told)
                continue
            again = content_of(connection, name)
            is_same = again.content_hash == published["content_hash"]
            told = "" if is_same else f"{again.rows:,} rows now, {published['rows']:,} published"
            yield Finding(f"table {name}", EQUAL if is_same else DIFFERS, told)
