"""The options of plm embed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EmbedConfig:
    """Turn proteins into vectors: one for each protein, or one for each residue."""

    proteins: Path
    """FASTA file with the proteins; plain, gzip, bzip2 or xz."""
    structure_states: Path | None = None
    """FASTA of their 3Di states (Foldseek) by name, for SaProt; # where not known, as where pLDDT is below 70."""
    vectors: Path
    """File to write the vectors to. Killed, the same command goes on where it was."""
    format: Literal["tabular", "parquet", "npz", "h5"] = "tabular"
    """tabular, parquet and npz hold one vector per protein, h5 one dataset per protein with a row per residue."""
    pooling: tuple[Literal["mean", "cls", "max"], ...] = ("mean",)
    """How the residues of a protein become one vector (not for h5): mean, start token <cls>, or maximum; repeatable."""
    layer: tuple[int, ...] = ()
    """Layer whose states are taken: 0 the token embedding, 1 the first layer, -1 the last (default); repeatable."""
    window: int | None = None
    """Residues read at once: longer proteins are read in overlapping windows; default: as in the model's training."""
    overlap: int | None = None
    """Residues which neighbouring windows share at least; default: a quarter of a window."""
    stored: Literal["float32", "float16"] = "float32"
    """Precision of the numbers in the file; float16 halves it and keeps three digits."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """What large products are computed in; auto: bfloat16 on a GPU, and for large models on a CPU that has it."""
    model: str = "embedded"
    """The protein language model: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    non_commercial_use: bool = False
    """Confirm that your use is not commercial: needed for models under such a licence, as Ankh."""
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, not results; default: found by itself."""
    interrupted: Literal["keep", "discard"] = "keep"
    """The work of an interrupted run: keep it beside the vectors, for the same command to go on, or discard it."""
    record: Path | None = None
    """File to write the run record to (JSON)."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        for layer in self.layer:
            at_least("--layer", layer, -1)
        at_least("--batch-tokens", self.batch_tokens, 1)
        at_least("--window", self.window, 16)
        at_least("--overlap", self.overlap, 0)
        for option, values in (("--layer", self.layer), ("--pooling", self.pooling)):
            if len(set(values)) < len(values):
                raise UserError(f"{option}: one is given twice; give each once")
        if self.window is not None and self.overlap is not None and 2 * self.overlap >= self.window:
            raise UserError(f"--overlap {self.overlap}: it must be less than half of --window {self.window}")
        if self.format == "h5" and self.pooling != ("mean",):
            raise UserError("--pooling makes one vector of a protein, h5 keeps all residues: give only one of them")

    def without_effect(self) -> set[str]:
        """Return the options which mean nothing beside the others."""
        return {"pooling"} if self.format == "h5" else set()
