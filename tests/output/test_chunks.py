from pathlib import Path

import pytest

from plmkit.data.chunking import Chunk
from plmkit.errors import UserError
from plmkit.output.chunks import write_chunks

LINES = ["", ">a some words", "MKV", "", "L*", ">b", "mkvx", ">c"]
CHUNKS = [Chunk("chunk_001", 1, 5, 7), Chunk("chunk_002", 2, 4, 8)]


def test_each_record_goes_to_its_chunk_line_by_line(tmp_path: Path) -> None:
    write_chunks(tmp_path / "chunks", LINES, CHUNKS, "proteins")
    written = {path.name: path.read_text() for path in (tmp_path / "chunks").iterdir()}
    assert written == {"chunk_001.fasta": ">a some words\nMKV\n\nL*\n", "chunk_002.fasta": ">b\nmkvx\n>c\n"}


@pytest.mark.parametrize("lines", [[*LINES, ">d", "M"], LINES[:-1], LINES[:5], []])
def test_a_file_that_changed_since_it_was_counted_is_refused(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(UserError, match="proteins: the file was changed while it was read; start again"):
        write_chunks(tmp_path / "chunks", lines, CHUNKS, "proteins")
