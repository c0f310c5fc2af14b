"""plm ptm: models tuned on sites, and whole proteins, to scored modification sites."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plmkit.config import PtmConfig
from plmkit.data.candidates import Candidates, find_candidates
from plmkit.data.chains import Chains
from plmkit.data.fasta import Proteins, read_fasta
from plmkit.data.structure_states import with_structure_states
from plmkit.errors import UserError
from plmkit.models.bundle import open_bundle
from plmkit.models.site_models import SiteModels, site_models
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.progress import Progress
from plmkit.output.staging import Staging, staged

if TYPE_CHECKING:
    from plmkit.data.scored_sites import ScoredSites
    from plmkit.learning.calling import Call
    from plmkit.learning.trust import Trust

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Scan:
    """What is asked of models of one task. moved: shares of their labels that are stood for, and those wanted."""

    models: SiteModels
    candidates: Candidates
    trusts: tuple[Trust, ...]
    moved: tuple[tuple[float, ...], tuple[float, ...]] | None


def run(config: PtmConfig) -> None:
    """Score every candidate residue of every protein."""
    outputs = [
        config.sites,
        config.gff,
        config.bed,
        config.marked,
        config.summary,
        config.figure,
        config.logo,
        config.enrichment,
        config.record,
    ]
    inputs = [*config.bundle, config.proteins, config.structure_states, Path(config.model)]
    with staged(outputs, inputs) as staging, ExitStack() as stack:
        bundles = [stack.enter_context(open_bundle(path)) for path in config.bundle]
        models = site_models(bundles, config.modification, config.residues_asked)
        proteins = with_structure_states(read_fasta(config.proteins, "proteins"), config.structure_states, "proteins")
        chains = _joined(proteins, models)
        scans = _scans(config, models, chains)
        call = _call(config, scans)
        with open_model(config.model, config.model_name) as files:
            files.check_licence(config.non_commercial_use)
            for bundle in bundles:
                bundle.check_base(files)
            _scan(config, scans, call, proteins, chains, files, staging)


def _joined(proteins: Proteins, models: Sequence[SiteModels]) -> Chains:
    """Join the proteins so that all windows can be cut from them."""
    from plmkit.learning.motifs import FLANK

    return Chains.of(proteins.sequences, max(FLANK, *(model.window_length // 2 for model in models)))


def _scans(config: PtmConfig, models: Sequence[SiteModels], chains: Chains) -> list[_Scan]:
    """Find the candidates; refuse proteins that hold none, and a prevalence that no model can be moved to."""
    from plmkit.learning.trust import trust_of

    if config.sequons and not any("N" in model.residues for model in models):
        raise UserError("--sequons: N is no candidate of these modifications; leave it out")
    scans = []
    for model in models:
        trusts = tuple(trust_of(bundle) for bundle in model.bundles)
        candidates = find_candidates(chains, model.residues, config.sequons)
        scans.append(_Scan(model, candidates, trusts, _moved(config, model, trusts, alone=len(models) == 1)))
    _refuse_unknown_labels(config, models)
    if not any(len(scan.candidates) for scan in scans):
        residues = "".join(sorted(set("".join(model.residues for model in models))))
        raise UserError(f"proteins: none holds a candidate residue ({residues}); name others with --residues")
    return scans


def _moved(
    config: PtmConfig, models: SiteModels, trusts: Sequence[Trust], alone: bool
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return from and to which shares of its labels the probabilities of these models are moved; None: not at all."""
    from plmkit.learning.prevalence import wanted_shares
    from plmkit.learning.trust import prevalence_of

    bundle = models.bundles[0]
    given = [text for text in config.prevalence if alone or text.rpartition("=")[0] in bundle.task.labels]
    if not given:
        return None
    before = prevalence_of(trusts)
    wanted = wanted_shares(bundle.task, bundle.positive, before, given)
    return None if before is None else (before, wanted)


def _refuse_unknown_labels(config: PtmConfig, models: Sequence[SiteModels]) -> None:
    names = [modification.name for model in models for modification in model.modifications]
    for text in config.prevalence if len(models) > 1 else ():
        if (label := text.rpartition("=")[0]) not in names:
            raise UserError(f"--prevalence {text}: {label!r} is none of the modifications {', '.join(names[:10])}")


def _call(config: PtmConfig, scans: Sequence[_Scan]) -> Call:
    from plmkit.learning.calling import Question, choose_thresholds

    questions = []
    for scan in scans:
        task, positive = scan.models.bundles[0].task, scan.models.bundles[0].positive
        shares = None
        if scan.moved is not None and task.is_binary:
            before, wanted = scan.moved
            shares = (before[1 - positive], before[positive]), (wanted[1 - positive], wanted[positive])
        questions += [Question(found.name, scan.trusts, shares) for found in scan.models.modifications]
    return choose_thresholds(config.threshold, questions)


def _scan(
    config: PtmConfig,
    scans: Sequence[_Scan],
    call: Call,
    proteins: Proteins,
    chains: Chains,
    files: ModelFiles,
    staging: Staging,
) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.scanning import scan, steps
    from plmkit.learning.site_scores import far_notes, scored_sites, site_notes
    from plmkit.learning.trust import calibrated_by
    from plmkit.models.device import choose_device, describe_device
    from plmkit.models.effort import Effort
    from plmkit.models.tokens import load_tokenizer
    from plmkit.output.run_record import input_entry, run_record, write_record

    device, with_states = choose_device(), proteins.count_with_states(files.reads_states)
    notes = files.notes(with_states == len(proteins)) + proteins.notes("proteins", files.reads_states)
    bundles = [bundle for asked in scans for bundle in asked.models.bundles]
    notes += dict.fromkeys(note for b in bundles for note in b.states_notes(with_states, len(proteins), "proteins"))
    states = Chains.of(proteins.states, chains.flank) if with_states else None
    notes += load_tokenizer(files).unknown_notes(proteins.sequences, "proteins")
    effort = Effort(device)
    scored: list[ScoredSites] = []
    lengths = [step for s in scans for step in steps(s.models, chains, s.candidates) * len(s.trusts)]
    units = sorted({"windows" if asked.models.reads_windows else "proteins" for asked in scans})
    with Progress(lengths, " and ".join(units)) as progress:
        for asked in scans:
            models, trusts, candidates = asked.models, asked.trusts, asked.candidates
            said = scan(
                files, models, trusts, chains, candidates, device, config.batch_tokens, progress.advance, states
            )
            notes += far_notes(models, trusts, candidates, said, len(scans) == 1)
            thresholds = call.thresholds[len(scored) : len(scored) + len(models.modifications)]
            scored += scored_sites(models, trusts, chains, candidates, said, thresholds, asked.moved)
    notes += [*site_notes(proteins, [asked.models for asked in scans], scored), *call.notes]
    notes += _write(config, proteins, chains, scored, staging)
    for note in notes:
        log.warning("note: %s", note)
    counts = _counts(proteins, scored, call) | {
        "calibration": calibrated_by([trust for asked in scans for trust in asked.trusts]),
        "motifs": bool(config.logo or config.enrichment),
    }
    counts |= {"with_states": with_states} if files.reads_states else {}
    if config.record:
        inputs = [input_entry("tuned model", path, 1) for path in config.bundle]
        inputs.append(input_entry("proteins", config.proteins, len(proteins)))
        if config.structure_states:
            inputs.append(input_entry("structure states", config.structure_states, len(proteins)))
        record = run_record("ptm", config, files, inputs, describe_device(device), counts, notes=notes)
        write_record(record, staging[config.record])
    effort.tell(sum(map(len, proteins.sequences)), "residues")
    found, called = counts["candidates"], counts["modified"]
    log.info("%d candidate residues in %d proteins, %d called modified", found, len(proteins), called)


def _write(
    config: PtmConfig, proteins: Proteins, chains: Chains, scored: Sequence[ScoredSites], staging: Staging
) -> list[str]:
    """Write every output that was asked for but the record; return what must be known of them."""
    from plmkit.data.scored_sites import site_rows
    from plmkit.output.site_figures import draw_sites
    from plmkit.output.site_tables import write_summary
    from plmkit.output.site_tracks import write_bed, write_marked
    from plmkit.output.sites import write_gff, write_sites

    records, called = proteins.records, [sites.only_modified() for sites in scored]
    write_sites(staging[config.sites], site_rows(records, chains, called if config.only_modified else scored))
    if config.gff:
        write_gff(staging[config.gff], records, site_rows(records, chains, called))
    if config.bed:
        write_bed(staging[config.bed], site_rows(records, chains, called))
    if config.marked:
        write_marked(staging[config.marked], records, called)
    if config.summary:
        write_summary(staging[config.summary], records, scored)
    if config.figure:
        draw_sites(staging[config.figure], records, scored)
    notes = _write_motifs(config, chains, scored, staging)
    if config.marked and len(scored) > 1:
        notes.append(
            "marked: # stands for any of the modifications; for a file of one alone choose it with --modification"
        )
    return notes


def _write_motifs(config: PtmConfig, chains: Chains, scored: Sequence[ScoredSites], staging: Staging) -> list[str]:
    from plmkit.learning.motifs import FEWEST, motif_of
    from plmkit.output.motif_figures import draw_logos
    from plmkit.output.site_tables import write_enrichment

    if not (config.logo or config.enrichment):
        return []
    motifs = [motif_of(sites, chains) for sites in scored]
    if config.logo:
        draw_logos(staging[config.logo], motifs)
    if config.enrichment:
        write_enrichment(staging[config.enrichment], motifs)
    return [
        f"logo: {motif.modification}: {motif.called} candidates called and {motif.others} others, too few to compare "
        f"(at least {FEWEST} of each)"
        for motif in motifs
        if not motif.is_tested
    ]


def _counts(proteins: Proteins, scored: Sequence[ScoredSites], call: Call) -> dict[str, Any]:
    each = [
        {
            "name": sites.modification,
            "candidates": len(sites),
            "modified": int(sites.is_modified.sum()),
            "threshold": sites.threshold,
        }
        for sites in scored
    ]
    return {
        "proteins": len(proteins),
        "candidates": sum(len(sites) for sites in scored),
        "modified": sum(int(sites.is_modified.sum()) for sites in scored),
        "modifications": each,
        "rule": call.rule,
    }
