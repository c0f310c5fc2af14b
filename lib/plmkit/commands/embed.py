"""plm embed: proteins to vectors."""

from __future__ import annotations

import logging
from pathlib import Path

from plmkit.config import EmbedConfig
from plmkit.data.fasta import Proteins, read_fasta
from plmkit.errors import UserError
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)


def run(config: EmbedConfig) -> None:
    """Write the vectors of all proteins."""
    with staged([config.vectors, config.record], inputs=[config.proteins, Path(config.model)]) as staging:
        proteins = read_fasta(config.proteins, "proteins")
        with open_model(config.model, config.model_name) as files:
            _check_layer(config.layer, files)
            _embed(config, proteins, files, staging)
    log.info("%d proteins embedded by %s", len(proteins), files.name)


def _check_layer(layer: int | None, files: ModelFiles) -> None:
    if layer is not None and layer > (last := files.config["num_hidden_layers"]):
        raise UserError(f"--layer {layer}: {files.name} has the layers 0 to {last}")


def _embed(config: EmbedConfig, proteins: Proteins, files: ModelFiles, staging: Staging) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.models.backbone import load_backbone
    from plmkit.models.device import choose_device, describe_device
    from plmkit.models.encoding import protein_vectors, residue_states
    from plmkit.output.run_record import input_entry, run_record, write_record
    from plmkit.output.vectors import write_residue_states, write_vectors

    device = choose_device()
    backbone = load_backbone(files, device)
    notes = files.notes() + proteins.notes("proteins") + backbone.tokenizer.notes(proteins.sequences, "proteins")
    for note in notes:
        log.warning("note: %s", note)
    sequences, names, budget = proteins.sequences, proteins.names, config.batch_tokens
    if config.format == "h5":
        states = residue_states(backbone, sequences, config.layer, budget)
        write_residue_states(staging[config.vectors], ((names[index], rows) for index, rows in states))
    else:
        vectors = protein_vectors(backbone, sequences, config.layer, config.pooling, budget)
        write_vectors(staging[config.vectors], names, vectors, config.format)
    if config.record:
        counts = {"proteins": len(proteins), "residues": sum(map(len, sequences)), "width": backbone.width}
        inputs = [input_entry("proteins", config.proteins, len(proteins))]
        record = run_record("embed", config, files, inputs, describe_device(device), counts, notes=notes)
        write_record(record, staging[config.record])
