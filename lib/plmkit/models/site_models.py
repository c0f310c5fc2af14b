"""What tuned models say of modification sites: which modifications, and on which residues. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plmkit.errors import UserError
from plmkit.models.bundle import CARD_FILE, ROLE, Bundle

_SHOWN_RESIDUES = 15


@dataclass(frozen=True)
class Modification:
    """One of the labels of a model; column: its place among them.

    learned: the residues on which it was learned, "" where an older model does not tell; residues: the candidates.
    """

    name: str
    column: int
    learned: str
    residues: str


@dataclass(frozen=True)
class SiteModels:
    """Tuned models of one task, whose mean is predicted, and the modifications that they are asked about.

    numbers: of the models among all that were given, from 0.
    """

    numbers: tuple[int, ...]
    bundles: tuple[Bundle, ...]
    modifications: tuple[Modification, ...]

    @property
    def window_length(self) -> int:
        """Residues of the windows that are shown: those which the (first) model reads, or of whole proteins 15."""
        length = self.bundles[0].card["task"]["window_length"]
        return _SHOWN_RESIDUES if length is None else int(length)

    @property
    def reads_windows(self) -> bool:
        """Whether the models see nothing of a protein but windows."""
        return self.bundles[0].task.unit == "window"

    @property
    def residues(self) -> str:
        """The candidates of all its modifications."""
        return "".join(sorted(set("".join(modification.residues for modification in self.modifications))))


def site_models(
    bundles: Sequence[Bundle], only: Sequence[str] = (), residues: Mapping[str | None, str] | None = None
) -> list[SiteModels]:
    """Return the models by task, with their modifications; raises UserError.

    only: names of modifications, () for all. residues: the candidates wanted, by modification; None: of all others.
    """
    groups = _groups(bundles)
    names = [modification.name for group in groups for modification in group.modifications]
    for option, wanted in (("--modification", only), ("--residues", [n for n in residues or {} if n is not None])):
        if unknown := [name for name in wanted if name not in names]:
            raise UserError(f"{option}: no tuned model has {unknown[0]!r}; they have {', '.join(names[:10])}")
    chosen = [replace(group, modifications=_chosen(group, only, residues or {})) for group in groups]
    return [group for group in chosen if group.modifications]


def modifications_of(bundle: Bundle, role: str) -> tuple[Modification, ...]:
    """Return the modifications that a model knows; raises UserError for one that is not of sites."""
    task, said = bundle.task, bundle.card["task"]
    if task.unit not in ("window", "residue"):
        units = {"protein": "whole proteins", "pair": "pairs of proteins"}
        raise UserError(
            f"{role}: it was tuned on {units[task.unit]}; sites need one tuned on windows or residues "
            "(plm finetune --unit window or residue)"
        )
    if task.kind == "regression":
        raise UserError(
            f"{role}: it predicts measured numbers ({', '.join(task.labels[:5])}); sites need one of labels"
        )
    negative = said["negative_label"]
    if task.kind == "classification" and negative is None:
        raise UserError(
            f"{role}: it does not tell which of its labels {', '.join(task.labels[:5])} means 'not modified'; "
            "tune it again with --negative-label"
        )
    learned = said.get("candidate_residues") or {}
    if not isinstance(learned, dict) or not all(isinstance(letters, str) for letters in learned.values()):
        raise UserError(f"{ROLE}: its {CARD_FILE} cannot be read (candidate_residues); the archive was changed")
    centres = said["centre_residues"] or ""
    return tuple(
        Modification(label, column, learned.get(label, centres), "")
        for column, label in enumerate(task.labels)
        if task.kind == "multilabel" or label != negative
    )


def _groups(bundles: Sequence[Bundle]) -> list[SiteModels]:
    """Put models of one task together; refuse models that say different things under one name."""
    groups: list[SiteModels] = []
    for number, bundle in enumerate(bundles):
        role = ROLE if len(bundles) == 1 else f"{ROLE} {number + 1}"
        if any(bundle.card == other.card for other in bundles[:number]):
            raise UserError(f"{role}: it is given twice, which adds nothing; give each model once")
        modifications = modifications_of(bundle, role)
        like = [place for place, group in enumerate(groups) if _are_alike(group, bundle, modifications)]
        if like:
            group = groups[like[0]]
            groups[like[0]] = replace(group, numbers=(*group.numbers, number), bundles=(*group.bundles, bundle))
            continue
        for group in groups:
            names = {modification.name for modification in group.modifications}
            if both := [modification.name for modification in modifications if modification.name in names]:
                raise UserError(
                    f"{role}: {both[0]!r} is a modification of tuned model {group.numbers[0] + 1} too, which has other "
                    "labels, units or residues; scan with each alone, or tune one of them with another name for it"
                )
        groups.append(SiteModels((number,), (bundle,), modifications))
    return groups


def _are_alike(group: SiteModels, bundle: Bundle, modifications: tuple[Modification, ...]) -> bool:
    said, first = bundle.card["task"], group.bundles[0].card["task"]
    return (
        bundle.task == group.bundles[0].task
        and modifications == group.modifications
        and said["window_length"] == first["window_length"]
        and said["negative_label"] == first["negative_label"]
    )


def _chosen(group: SiteModels, only: Sequence[str], residues: Mapping[str | None, str]) -> tuple[Modification, ...]:
    chosen = []
    for modification in group.modifications:
        if only and modification.name not in only:
            continue
        asked = residues.get(modification.name) or residues.get(None) or modification.learned
        if not asked:
            raise UserError(
                f"{ROLE}: it does not tell on which residues {modification.name!r} was learned; name them with "
                f"--residues, as in {modification.name}=STY, or tune it again"
            )
        chosen.append(replace(modification, residues="".join(sorted(set(asked)))))
    return tuple(chosen)
