"""plm sites: annotated modification sites and proteins to a table of examples, divided and checked."""

from __future__ import annotations

from dataclasses import replace

from plmkit.config import SitesConfig
from plmkit.config.sites import candidates_given
from plmkit.data import mmseqs
from plmkit.data.chains import Chains, Letters
from plmkit.data.dataset import Examples, Indices
from plmkit.data.families import COVERAGE_OF_WINDOWS, families
from plmkit.data.leaks import THRESHOLD
from plmkit.data.relatives import IDENTITY
from plmkit.data.site_annotations import Annotated, SiteColumns, SiteOptions, read_annotations
from plmkit.data.site_candidates import CandidateRules, CandidateStates, candidate_states
from plmkit.data.site_examples import Made, check_learnable, left_out_notes, unmarked_is
from plmkit.data.site_kinds import Choice, choose_kind
from plmkit.data.site_overlaps import overlaps
from plmkit.data.site_splitting import (
    NOWHERE,
    Parted,
    as_told,
    divide_by_lot,
    divide_sites,
    given_parts,
    parted_by,
)
from plmkit.data.site_windows import GivenWindows, are_windows, read_windows, settled
from plmkit.data.splitting import divide_by_groups, plan_of
from plmkit.data.splitting_check import check
from plmkit.errors import UserError
from plmkit.output.staging import staged

_OF_ANNOTATIONS = ("format", "only", "evidence", "by_enzyme", "residues", "sequons", "unmarked", "negatives_from")


def run(config: SitesConfig) -> None:
    """Read sites, find candidates and negatives, divide, look across the border, and write."""
    outputs = [config.examples, config.mismatches, config.summary, config.figure, config.report, config.record]
    with staged(outputs, [config.proteins, config.sites]) as staging:
        version = None if config.split in ("none", "random") else mmseqs.version()  # asked before anything takes time
        if config.sites is None and config.format == "auto" and are_windows(config.proteins):
            made = _of_windows(config)
        else:
            made = _of_annotations(config, _annotated(config))

        # figures are loaded here, after every mistake of the user was answered
        from plmkit.output.prepared_sites import write_results

        write_results(config, staging, made, version)


def _annotated(config: SitesConfig) -> Annotated:
    columns = SiteColumns(
        protein=config.protein_column,
        position=config.position_column,
        residue=config.residue_column,
        modification=config.modification_column,
        label=config.label_column,
        split=config.split_column,
    )
    options = SiteOptions(
        unmarked="unknown" if config.unmarked == "unknown" else "negative",
        name=config.name,
        only=config.only,
        evidence=config.evidence,
        by_enzyme=config.by_enzyme,
        most_mismatches=config.most_mismatches,
        columns=columns,
    )
    return read_annotations(config.proteins, config.sites, config.format, options)


def _of_annotations(config: SitesConfig, annotated: Annotated) -> Made:
    """Make examples of whole proteins."""
    rules = CandidateRules(candidates_given(config.residues), config.sequons, config.unmarked, config.negatives_from)
    proteins, length = annotated.proteins, config.window_length
    candidates = candidate_states(annotated, rules)
    choice = choose_kind(config.kind, candidates, proteins, length, _divides_proteins(config, annotated))
    windows, notes = None, [*annotated.notes, *candidates.notes, *left_out_notes(candidates, proteins)]
    if choice.kind == "windows":
        chains = Chains.of(proteins.sequences, length // 2)
        windows = chains.windows(chains.places(candidates.proteins, candidates.positions), length)
        candidates, contradicted = settled(candidates, windows)
        if contradicted:
            notes.append(
                f"sites: {contradicted:,} residues are not modified where the same window is modified elsewhere; "
                "they are left out"
            )
    check_learnable(candidates)
    parted = _divided_sites(config, annotated, candidates, windows)
    made = Made(
        choice=choice,
        candidates=candidates,
        parted=parted,
        names=tuple(proteins.names),
        proteins=proteins,
        windows=windows,
        unmarked=unmarked_is(config.unmarked, annotated),
        annotations=annotated.annotations,
        rejected=annotated.rejected,
        notes=(*notes, *parted.notes),
    )
    return _checked(made)


def _divided_sites(
    config: SitesConfig, annotated: Annotated, candidates: CandidateStates, windows: Letters | None
) -> Parted:
    plan = plan_of(config.test_share, config.validation_share, 0)
    if config.split == "random" and windows is not None:
        return divide_by_lot(candidates, windows, plan, config.seed)
    if _divides_proteins(config, annotated):
        if windows is None:
            raise UserError(
                "sites: sites of one protein are in several parts, which a whole protein cannot be; give "
                "--kind windows, or another --split"
            )
        return as_told(candidates, annotated)
    return divide_sites(candidates, annotated.proteins, annotated.parts, config.split, plan, config.seed)


def _divides_proteins(config: SitesConfig, annotated: Annotated) -> bool:
    """Say whether sites of one protein go to several parts."""
    several = any(len(set(of.values())) > 1 for of in annotated.site_parts)
    return config.split == "random" or (config.split == "given" and several)


def _of_windows(config: SitesConfig) -> Made:
    """Make examples of windows that the user cut."""
    _check_options_of_windows(config)
    given = read_windows(config.proteins, config.name)
    parted = _divided_windows(config, given)
    made = Made(
        choice=Choice("windows", "Windows, since the input is windows."),
        candidates=given.candidates,
        parted=parted,
        names=given.proteins,
        windows=given.windows,
        window_names=tuple(item.name for item in given.examples.items),
        unmarked="told",
        annotations=len(given.examples),
        notes=(*given.examples.notes(), *parted.notes),
    )
    return _checked(made)


def _check_options_of_windows(config: SitesConfig) -> None:
    usual = {field: SitesConfig.__dataclass_fields__[field].default for field in _OF_ANNOTATIONS}
    if strange := next((name for name in _OF_ANNOTATIONS if getattr(config, name) != usual[name]), None):
        option = "--" + strange.replace("_", "-")
        raise UserError(f"proteins: these are windows with LABEL=, and {option} is for whole proteins; leave it out")
    if config.kind == "proteins":
        raise UserError("proteins: these are windows with LABEL=; leave out --kind proteins, or give whole proteins")


def _divided_windows(config: SitesConfig, given: GivenWindows) -> Parted:
    examples, plan = given.examples, plan_of(config.test_share, config.validation_share, 0)
    if config.split == "random":
        return divide_by_lot(given.candidates, given.windows, plan, config.seed)
    if config.split == "proteins" and not examples.proteins_are_known:
        raise UserError("proteins: --split proteins needs the proteins of windows; name them protein%start%site")
    if config.split == "none":
        division = None
    elif config.split == "given":
        division = given_parts(examples)
    else:
        relatives = _families_of_windows(examples) if config.split == "clusters" else None
        division = divide_by_groups(replace(examples, clusters=relatives), plan, config.seed)
    return parted_by(given.candidates, examples, division)


def _families_of_windows(examples: Examples) -> Indices:
    return families(examples.sequences, IDENTITY, COVERAGE_OF_WINDOWS, THRESHOLD).of


def _checked(made: Made) -> Made:
    """Look across the border between the parts."""
    parted, found = made.parted, made
    if parted.proteins is not None and parted.division is not None:
        found = replace(found, checked=tuple(check(parted.proteins, parted.division)))
    if made.windows is not None and parted.names:
        inside = parted.of_site != NOWHERE
        sites = made.candidates.take(inside)
        compared = overlaps(sites, made.windows[inside], parted.of_site[inside], parted.names)
        found = replace(found, overlaps=tuple(compared))
    return found
