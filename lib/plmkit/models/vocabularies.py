"""Ask the tokenizer that a checkpoint brings with it for the ids of residues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import tokenizers
from transformers import BertTokenizer, EsmcTokenizer, EsmTokenizer

from plmkit.data.states import UNKNOWN_STATE, apart
from plmkit.errors import UserError
from plmkit.models.families import SAPROT, Family
from plmkit.models.pieces import pieces_of


def own_ids(family: Family, folder: Path, letters: Sequence[str]) -> list[int]:
    """Return the ids which a checkpoint's own tokenizer gives a sequence, with what it puts around it."""
    if family.model_type == "t5":
        return _t5_ids(folder, letters, family.prefix)
    if family.model_type == "esmc":
        return list(_esmc_tokenizer(folder)("".join(letters))["input_ids"])
    if family.model_type == "bert":
        bert = BertTokenizer.from_pretrained(folder, do_lower_case=False, local_files_only=True)
        return list(bert(" ".join(letters))["input_ids"])
    words = list(map(_as_saprot_writes, letters)) if family is SAPROT else letters
    return list(EsmTokenizer.from_pretrained(folder, local_files_only=True)("".join(words))["input_ids"])


def _as_saprot_writes(letter: str) -> str:
    """Return a residue and its state in two characters, # for what is not known."""
    residue, state = apart(letter)
    return (UNKNOWN_STATE if residue == SAPROT.unknown else residue) + state


def _esmc_tokenizer(folder: Path) -> EsmcTokenizer:
    """Return the tokenizer of ESM C, whose vocabulary is part of transformers; a folder need not hold one."""
    if not (folder / "tokenizer.json").is_file():
        return EsmcTokenizer()
    found: EsmcTokenizer = EsmcTokenizer.from_pretrained(folder, local_files_only=True)
    return found


def _t5_ids(folder: Path, letters: Sequence[str], prefix: str) -> list[int]:
    """Return ids by tokenizer.json or spiece.model, each residue a word of its own.

    (transformers 5 builds the tokenizer of a T5 anew and ignores how tokenizer.json divides words: Ankh's residues
    would each be preceded by an unknown token.)
    """
    if (folder / "tokenizer.json").is_file():
        fast = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        ids = list(fast.encode(list(letters), is_pretokenized=True).ids)
        known = fast.get_vocab()
    else:
        known = pieces_of(folder / "spiece.model")
        ids = [*(known.get(f"▁{letter}", known["<unk>"]) for letter in letters), known["</s>"]]
    if not prefix:
        return ids
    return [(known | _added_tokens(folder))[prefix], *ids]


def _added_tokens(folder: Path) -> dict[str, int]:
    """Return the tokens that were added to a vocabulary, by name."""
    found: dict[str, int] = {}
    if (path := folder / "added_tokens.json").is_file():
        found |= json.loads(path.read_text(encoding="utf-8"))
    if (path := folder / "tokenizer_config.json").is_file():
        added = json.loads(path.read_text(encoding="utf-8")).get("added_tokens_decoder", {})
        found |= {token["content"]: int(number) for number, token in added.items()}
    return found


def residue_ids(family: Family, folder: Path) -> tuple[int | None, dict[str, int]]:
    """Return the id of the start token, if there is one, and of each letter (of states too), as the contract says.

    Raises UserError unless each letter has one known token of its own and the golden ids are as they should be.
    """
    try:
        own = own_ids(family, folder, letters := family.tokens)
        unknown = set(own_ids(family, folder, "1")) - {family.start_id, family.end_id}
    except Exception as error:  # the libraries raise nothing narrower for a damaged file
        raise UserError(f"model: its tokenizer cannot be read ({_reason(error)}); download the model again") from None
    start, ids, end = own[: family.has_start], own[family.has_start : -1], own[-1]
    found = dict(zip(letters, ids, strict=False))
    is_whole = len(ids) == len(letters) == len(set(ids)) and end == family.end_id
    is_golden = all(found.get(letter) == number for letter, number in family.golden_ids.items())
    if not is_whole or not is_golden or (family.start_id is not None and start != [family.start_id]):
        raise UserError(
            f"model: its tokenizer does not give the token ids of {family.title}; its vocabulary is damaged or belongs "
            "to another model"
        )
    if family.prefix:
        unknown -= {start[0]}
    if unknown & set(ids):
        raise UserError(f"model: its tokenizer does not know every amino acid; it is no {family.title}")
    return (start[0] if start else None), found


def _reason(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
