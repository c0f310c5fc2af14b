import string

from transformers import EsmTokenizer

from plmkit.models.families import ESM2
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.models.tokens import Tokenizer

# vocab.txt of facebook/esm2_t6_8M_UR50D, written down by hand
PUBLISHED = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]


def test_ids_are_the_published_ones() -> None:
    vocabulary = (EMBEDDED_FOLDER / "vocab.txt").read_text().split()
    assert vocabulary == PUBLISHED
    assert {letter: PUBLISHED.index(letter) for letter in ESM2.golden_ids} == ESM2.golden_ids
    assert [PUBLISHED[number] for number in (ESM2.start_id, ESM2.padding_id, ESM2.end_id)] == [
        "<cls>",
        "<pad>",
        "<eos>",
    ]


def test_ids_equal_those_of_the_unmodified_tokenizer(sequences: list[str]) -> None:
    tokenizer, own = Tokenizer(ESM2, 1022), EsmTokenizer.from_pretrained(EMBEDDED_FOLDER)
    for sequence in [*ESM2.golden_ids, *sequences]:
        assert tokenizer.encode(sequence).tolist() == own(sequence)["input_ids"]


def test_unknown_letters_become_x_each_by_itself() -> None:
    tokenizer = Tokenizer(ESM2, 1022)
    assert tokenizer.encode("MJJKJ").tolist() == tokenizer.encode("MXXKX").tolist()
    assert tokenizer.replaced(["MJJKJ", "J", "MKX"]) == {"J": 4}
    assert [letter for letter in string.ascii_uppercase if letter not in ESM2.golden_ids] == ["J"]


def test_only_proteins_beyond_the_training_length_are_noted() -> None:
    notes = Tokenizer(ESM2, 1022).notes(["M" * 1022, "M" * 1023, "M" * 1024], "proteins")
    assert [note.split(" which")[0] for note in notes] == ["proteins: 2 longer than the 1022 residues"]
