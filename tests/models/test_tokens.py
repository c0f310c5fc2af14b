import string

from transformers import EsmTokenizer

from plmkit.models.families import ESM2
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.models.tokens import Tokenizer

TOKENIZER = Tokenizer(ESM2.golden_ids, 0, 2, "X", 1022)

# vocab.txt of facebook/esm2_t6_8M_UR50D, written down by hand
PUBLISHED = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]


def test_ids_are_the_published_ones() -> None:
    vocabulary = (EMBEDDED_FOLDER / "vocab.txt").read_text().split()
    assert vocabulary == PUBLISHED
    assert {letter: PUBLISHED.index(letter) for letter in ESM2.golden_ids} == ESM2.golden_ids
    assert ESM2.start_id == PUBLISHED.index("<cls>")
    assert (ESM2.padding_id, ESM2.end_id, ESM2.mask_id) == tuple(map(PUBLISHED.index, ("<pad>", "<eos>", "<mask>")))


def test_ids_equal_those_of_the_unmodified_tokenizer(sequences: list[str]) -> None:
    own = EsmTokenizer.from_pretrained(EMBEDDED_FOLDER)
    for sequence in [*ESM2.golden_ids, *sequences]:
        assert TOKENIZER.encode(sequence).tolist() == own(sequence)["input_ids"]


def test_unknown_letters_become_x_each_by_itself() -> None:
    assert TOKENIZER.encode("MJJKJ").tolist() == TOKENIZER.encode("MXXKX").tolist()
    assert TOKENIZER.replaced(["MJJKJ", "J", "MKX"]) == {"J": 4}
    assert [letter for letter in string.ascii_uppercase if letter not in ESM2.golden_ids] == ["J"]


def test_only_proteins_beyond_what_is_read_at_once_are_noted() -> None:
    notes = TOKENIZER.notes(["M" * 1022, "M" * 1023, "M" * 1024], "proteins")
    assert [note.split(" which")[0] for note in notes] == ["proteins: 2 longer than the 1022 residues"]


def test_another_letter_is_read_beside_all_others() -> None:
    hiding = TOKENIZER.with_letter("?", 32)
    assert hiding.encode("M?K").tolist() == [0, ESM2.golden_ids["M"], 32, ESM2.golden_ids["K"], 2]
    assert hiding.encode("MJK").tolist() == TOKENIZER.encode("MXK").tolist()
    assert TOKENIZER.encode("M?K").tolist() == TOKENIZER.encode("MXK").tolist()
