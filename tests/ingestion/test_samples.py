"""Every sample that was recorded with a source is still read by its declaration."""

from pathlib import Path

from ingestion.declaration import load_sources
from tests.ingestion.samples import read_sample

SAMPLES = Path(__file__).parents[1] / "samples"


def test_every_sample_belongs_to_a_source_that_reads_it() -> None:
    sources = {source.id: source for source in load_sources()}
    for path in sorted(SAMPLES.glob("*.json")):
        assert path.stem in sources, f"{path.name} belongs to no declared source"
        assert len(read_sample(path, sources[path.stem]).frame), path.name
