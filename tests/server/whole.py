"""Read files to their end, by the libraries that users open them with: python -m tests.server.whole TYPE=FILE ...

Runs in the tools environment. Writes a line for each file: nothing, or what is wrong with it.
"""

import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path


def read_table(path: Path) -> None:
    """Read a table: all rows as long as the first."""
    rows = path.read_text().splitlines()
    columns = {row.count("\t") for row in rows if not row.startswith("##")}
    if len(columns) != 1:
        raise ValueError(f"rows have {sorted(column + 1 for column in columns)} columns")


def read_zip(path: Path) -> None:
    """Unpack an archive and compare the checksums."""
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"{damaged} is damaged")


def read_hdf5(path: Path) -> None:
    """Read all numbers of an HDF5 file."""
    import h5py

    with h5py.File(path) as file:
        file.visititems(lambda _, item: item[...] if isinstance(item, h5py.Dataset) else None)


def read_parquet(path: Path) -> None:
    """Read a parquet table."""
    from pyarrow import parquet

    parquet.read_table(path)


def read_picture(path: Path) -> None:
    """Decode a picture."""
    from PIL import Image

    Image.open(path).load()


def read_page(path: Path) -> None:
    """Look for the end of an HTML page or an SVG picture."""
    if not path.read_text().rstrip().endswith(("</html>", "</svg>")):
        raise ValueError("the end is missing")


def read_text(path: Path) -> None:
    """Look for a last line that is complete."""
    if not path.read_text().endswith("\n"):
        raise ValueError("the last line is not complete")


READERS: Mapping[str, Callable[[Path], object]] = {
    "tabular": read_table,
    "gff3": read_text,
    "fasta": read_text,
    "bed": read_text,
    "bedgraph": read_text,
    "zip": read_zip,
    "npz": read_zip,
    "h5": read_hdf5,
    "parquet": read_parquet,
    "png": read_picture,
    "svg": read_page,
    "html": read_page,
    "json": lambda path: json.loads(path.read_text()),
}


def fault(kind: str, path: Path) -> str:
    """Return what is wrong with a file; nothing if it is whole."""
    if not path.stat().st_size:
        return "empty"
    try:
        READERS[kind](path)
    except Exception as error:  # whatever a damaged file makes a library say
        return f"{type(error).__name__}: {error}".replace("\n", " ")
    return ""


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        kind, _, name = argument.partition("=")
        sys.stdout.write(fault(kind, Path(name)) + "\n")
