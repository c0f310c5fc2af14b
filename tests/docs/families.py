"""Write the proteins of the tutorial embedding-map as UniProt would send them.

python -m tests.docs.families SOURCE FOLDER

SOURCE: a folder with FASTA files (plain or .gz, at any depth) whose names are or hold UniProt accessions. The file
FOLDER/families.fasta is what the tutorial's link gives; nothing of it belongs into the repository.
"""

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "embedding-map" / "tutorial.md"


def main(arguments: list[str]) -> int:
    """Write the file; say which proteins are in no file of the source and return 1 if there are any."""
    source, folder = map(Path, arguments)
    wanted = {one.split("|")[1]: one for one in re.findall(r"^> +(sp\|\w+\|\w+),", TUTORIAL.read_text(), re.MULTILINE)}
    found: dict[str, str] = {}
    for path in sorted(path for path in source.rglob("*") if re.search(r"\.fasta(\.gz)?$", path.name)):
        for accession, sequence in records(path):
            if accession in wanted:
                found.setdefault(accession, sequence)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f">{name}\n{found[accession]}\n" for accession, name in wanted.items() if accession in found]
    (folder / "families.fasta").write_text("".join(lines))
    missing = sorted(set(wanted) - set(found))
    sys.stdout.write(f"{len(found)} of {len(wanted)} proteins; missing: {', '.join(missing) or 'none'}\n")
    return 1 if missing else 0


def records(path: Path) -> Iterator[tuple[str, str]]:
    """Yield accession and sequence of each record, without marks of sites."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for record in file.read().split(">")[1:]:
            header, _, sequence = record.partition("\n")
            parts = header.split()[0].split("|")
            yield parts[min(1, len(parts) - 1)], re.sub(r"[^A-Za-z]", "", sequence)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
