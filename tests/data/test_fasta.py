import random
from pathlib import Path

from Bio import SeqIO

from plmkit.data.fasta import looks_like_fasta, read_fasta


def test_records_equal_those_of_biopython(tmp_path: Path) -> None:
    generator = random.Random(5)
    path = tmp_path / "p.fasta"
    with path.open("w") as handle:
        for number in range(50):
            residues = "".join(generator.choices("ACDEFGHIKLMNPQRSTVWYXBUZOJ", k=generator.randint(1, 300)))
            lines = [residues[start : start + 60] for start in range(0, len(residues), 60)]
            handle.write(f">sp|P{number:05d}|X_HUMAN some words, number {number}\n" + "\n".join(lines) + "\n")
    with path.open() as handle:
        expected = [(record.id, record.description, str(record.seq)) for record in SeqIO.parse(handle, "fasta")]
    found = [(record.name, record.header, record.sequence) for record in read_fasta(path, "proteins").records]
    assert found == expected


def test_names_are_kept_exactly(tmp_path: Path) -> None:
    (tmp_path / "p").write_text(">sp|P1|A_B/1-7;x\twords\nM\n>é%20'\"\nM\n>..\nM\n")
    proteins = read_fasta(tmp_path / "p", "proteins")
    assert proteins.names == ["sp|P1|A_B/1-7;x", "é%20'\"", ".."]
    assert [record.line for record in proteins.records] == [1, 3, 5]


def test_a_table_is_told_from_fasta_by_its_first_line_with_text(tmp_path: Path) -> None:
    (tmp_path / "fasta").write_text("\n \n>a\nM\n")
    (tmp_path / "table").write_text("\nid\tsequence\n>a\tM\n")
    assert looks_like_fasta(tmp_path / "fasta", "examples")
    assert not looks_like_fasta(tmp_path / "table", "examples")
