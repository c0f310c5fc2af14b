"""plm ptm: a model tuned on windows and whole proteins to scored modification sites."""

from __future__ import annotations

import logging
from pathlib import Path

from plmkit.config import PtmConfig
from plmkit.data.fasta import Proteins, read_fasta
from plmkit.data.windows import Site, candidate_sites
from plmkit.errors import UserError
from plmkit.models.bundle import Bundle, open_bundle
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.progress import Progress
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)


def run(config: PtmConfig) -> None:
    """Score every candidate residue of every protein."""
    outputs, inputs = [config.sites, config.gff, config.record], [config.bundle, config.proteins, Path(config.model)]
    with staged(outputs, inputs) as staging, open_bundle(config.bundle) as bundle:
        length = bundle.window_length
        proteins = read_fasta(config.proteins, "proteins")
        residues = (config.residues or bundle.card["task"]["centre_residues"]).upper()
        candidates = list(candidate_sites(proteins.sequences, residues, length))
        if not candidates:
            raise UserError(f"proteins: none holds a candidate residue ({residues}); name others with --residues")
        with open_model(config.model, config.model_name) as files:
            bundle.check_base(files)
            _score(config, bundle, proteins, candidates, residues, files, staging)


def _notes(bundle: Bundle, residues: str) -> list[str]:
    trained = bundle.card["task"]["centre_residues"]
    strange = "".join(residue for residue in residues if residue not in trained)
    if not strange:
        return []
    return [f"residues: the model never saw a window centred on {strange} (only on {trained}); distrust those scores"]


def _score(
    config: PtmConfig,
    bundle: Bundle,
    proteins: Proteins,
    candidates: list[Site],
    residues: str,
    files: ModelFiles,
    staging: Staging,
) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.asking import ask
    from plmkit.learning.trust import trust_notes, trust_of
    from plmkit.models.device import choose_device, describe_device
    from plmkit.models.tokens import load_tokenizer
    from plmkit.output.run_record import input_entry, run_record, write_record
    from plmkit.output.sites import scored_sites, write_gff, write_sites

    trust = trust_of(bundle)
    device = choose_device()
    unknown = load_tokenizer(files).unknown_notes(proteins.sequences, "proteins")
    notes = files.notes() + proteins.notes("proteins") + unknown + _notes(bundle, residues)
    windows = [(site.window,) for site in candidates]
    with Progress([len(window) for (window,) in windows], "windows") as progress:
        answers = ask(files, [(bundle, trust)], windows, device, config.batch_tokens, progress.advance)
    probabilities = answers.values
    notes += trust_notes([trust], answers.farther, "candidate residues")
    for note in notes:
        log.warning("note: %s", note)
    negative = bundle.card["task"]["negative_label"]
    sites = scored_sites(proteins, candidates, probabilities, bundle.task.labels, negative, config.threshold)
    write_sites(staging[config.sites], sites)
    if config.gff:
        write_gff(staging[config.gff], proteins.records, sites)
    modified = sum(site.is_modified for site in sites)
    if config.record:
        inputs = [
            input_entry("tuned model", config.bundle, 1),
            input_entry("proteins", config.proteins, len(proteins)),
        ]
        counts = {"proteins": len(proteins), "candidates": len(sites), "modified": modified}
        record = run_record("ptm", config, files, inputs, describe_device(device), counts, notes=notes)
        write_record(record, staging[config.record])
    log.info("%d candidate residues in %d proteins, %d called modified", len(sites), len(proteins), modified)
