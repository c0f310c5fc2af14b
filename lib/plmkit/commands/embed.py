"""plm embed: proteins to vectors."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plmkit import __version__
from plmkit.config import EmbedConfig
from plmkit.data.fasta import Proteins, read_fasta
from plmkit.data.opening import sha256_of
from plmkit.data.packs import usual_overlap
from plmkit.data.structure_states import with_structure_states
from plmkit.errors import UserError
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.progress import Progress
from plmkit.output.residues import ResidueLayout, ResidueStore
from plmkit.output.run_record import input_entry, run_record, settings, write_record
from plmkit.output.staging import Staging, staged
from plmkit.output.unfinished import Unfinished
from plmkit.output.vectors import ONLY, Layout, VectorStore

if TYPE_CHECKING:
    from plmkit.models.encoding import Encoded, Encoder

log = logging.getLogger(__name__)

_NAMED = 5


@dataclass(frozen=True)
class _Plan:
    """What the options mean for this model."""

    layers: tuple[int, ...]
    window: int
    overlap: int


def run(config: EmbedConfig) -> None:
    """Write the vectors of all proteins."""
    with staged(
        [config.vectors, config.record], inputs=[config.proteins, config.structure_states, Path(config.model)]
    ) as staging:
        proteins = with_structure_states(read_fasta(config.proteins, "proteins"), config.structure_states, "proteins")
        with open_model(config.model, config.model_name) as files:
            files.check_licence(config.non_commercial_use)
            unfinished = _embed(config, _plan(config, files), proteins, files, staging)
    unfinished.remove()
    log.info("%d proteins embedded by %s", len(proteins), files.name)


def _plan(config: EmbedConfig, files: ModelFiles) -> _Plan:
    last = files.layers
    for layer in config.layer:
        if layer > last:
            raise UserError(f"--layer {layer}: {files.name} has the layers 0 to {last}")
    layers = tuple(last if layer == -1 else layer for layer in config.layer) or (last,)
    if len(set(layers)) < len(layers):
        raise UserError(f"--layer: -1 is the last one, {last}; give it once")
    files.check_pooling(config.pooling)
    window = config.window or files.window
    if files.longest is not None and window > files.longest:
        raise UserError(f"--window {window}: {files.name} reads no more than {files.longest} residues at once")
    overlap = usual_overlap(window) if config.overlap is None else config.overlap
    if 2 * overlap >= window:
        raise UserError(f"--overlap {overlap}: it must be less than half of the window of {window} residues")
    return _Plan(layers, window, overlap)


def _identity(config: EmbedConfig, files: ModelFiles, device: str, precision: str) -> dict[str, Any]:
    """Return what the numbers of a run depend on."""
    inputs = {
        "proteins": sha256_of(config.proteins),
        "model": files.sha256,
        "model settings": files.describe()["settings"],
    }
    if config.structure_states:
        inputs["structure states"] = sha256_of(config.structure_states)
    return {"plmkit": __version__, "device": device} | inputs | settings(config) | {"precision": precision}


@contextmanager
def _kept_if_of_use(unfinished: Unfinished, wanted: bool) -> Iterator[None]:
    """Keep the work of an interrupted run if it is wanted, unless the same command can only fail again."""
    try:
        yield
    except BaseException as error:
        if not wanted or isinstance(error, UserError):
            unfinished.remove()
        raise


def _embed(config: EmbedConfig, plan: _Plan, proteins: Proteins, files: ModelFiles, staging: Staging) -> Unfinished:
    """Write the outputs; return the work on the vectors, to be removed when they are in their place."""
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.models.backbone import load_backbone
    from plmkit.models.device import choose_device, choose_precision, describe_device
    from plmkit.models.effort import Effort
    from plmkit.models.readers import fast_reader

    device = choose_device()
    effort = Effort(device)
    backbone = load_backbone(files, device)
    weights = sum(weight.numel() for weight in backbone.network.parameters())
    precision = choose_precision(device, config.precision, weights)
    reader, computed_in = fast_reader(backbone, precision), str(precision).removeprefix("torch.")
    unfinished = Unfinished(config.vectors, _identity(config, files, describe_device(device), computed_in))
    with_states = proteins.count_with_states(files.reads_states)
    notes = files.notes(with_states == len(proteins)) + proteins.notes("proteins", files.reads_states)
    notes += reader.tokenizer.unknown_notes(proteins.sequences, "proteins") + _window_notes(proteins, plan)
    for note in notes:
        log.warning("note: %s", note)
    with _kept_if_of_use(unfinished, config.interrupted == "keep"):
        read = proteins.read(files.reads_states)
        _write_vectors(config, plan, proteins, read, reader, unfinished, staging[config.vectors])
    if config.record:
        lengths = [len(sequence) for sequence in proteins.sequences]
        counts = {
            "proteins": len(proteins),
            "residues": sum(lengths),
            "width": reader.width,
            "layers": list(plan.layers),
            "windowed": sum(length > plan.window for length in lengths),
            "window": plan.window,
            "overlap": plan.overlap,
            "precision": computed_in,
        }
        counts |= {"with_states": with_states} if files.reads_states else {}
        inputs = [input_entry("proteins", config.proteins, len(proteins))]
        if config.structure_states:
            inputs.append(input_entry("structure states", config.structure_states, len(proteins)))
        record = run_record("embed", config, files, inputs, describe_device(device), counts, notes=notes)
        write_record(record, staging[config.record])
    effort.tell(sum(map(len, proteins.sequences)), "residues")
    return unfinished


def _write_vectors(
    config: EmbedConfig,
    plan: _Plan,
    proteins: Proteins,
    read: Sequence[str],
    reader: Encoder,
    unfinished: Unfinished,
    path: Path,
) -> None:
    """Write the vectors; read: what the model reads of each protein."""
    from plmkit.models.encoding import Reading, encoded_in_blocks

    reading = Reading(plan.window, plan.overlap, config.batch_tokens, plan.layers)
    lengths = [len(sequence) for sequence in proteins.sequences]
    store = _store(config, plan, reader.width, proteins, unfinished)
    with store, Progress(lengths, done=store.done) as progress:
        if store.done:
            log.info("going on after %d of %d proteins", store.done, len(proteins))
        for _, encoded in encoded_in_blocks(reader, read, reading, store.done):
            if isinstance(store, ResidueStore):
                store.add(encoded.residues())
            else:
                store.add(_vectors(config, encoded))
            progress.advance(len(encoded.lengths))
        store.write(path)


def _store(
    config: EmbedConfig, plan: _Plan, width: int, proteins: Proteins, unfinished: Unfinished
) -> VectorStore | ResidueStore:
    dtype = np.dtype(config.stored)
    if config.format == "h5":
        lengths = [len(sequence) for sequence in proteins.sequences]
        return ResidueStore(unfinished, ResidueLayout(plan.layers, width, dtype), proteins.names, lengths)
    names = tuple(f"{how}_layer{layer}" for how in config.pooling for layer in plan.layers)
    layout = Layout(names if len(names) > 1 else (ONLY,), width, dtype)
    return VectorStore(unfinished, layout, proteins.names, config.format)


def _vectors(config: EmbedConfig, encoded: Encoded) -> NDArray[np.float32]:
    """Return all vectors (P, vectors, D) of a block."""
    vectors = [encoded.pooled(how, place) for how in config.pooling for place in range(len(encoded.states))]
    return np.stack([vector.numpy(force=True) for vector in vectors], axis=1)


def _window_notes(proteins: Proteins, plan: _Plan) -> list[str]:
    longer = [record.name for record in proteins.records if len(record.sequence) > plan.window]
    if not longer:
        return []
    named = ", ".join(longer[:_NAMED]) + (f" and {len(longer) - _NAMED} more" if len(longer) > _NAMED else "")
    return [
        f"proteins: {len(longer)} longer than {plan.window} residues, read in windows which share {plan.overlap} or "
        f"more residues, merged where they overlap: {named}"
    ]
