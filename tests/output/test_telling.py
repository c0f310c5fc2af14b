from plmkit.output.telling import Telling, opened

MODEL = {"name": "big", "family": "esm2", "sha256": "a", "citation": "10.1/esm", "revision": "abc"}
RECORD = {"plmkit": "1.0", "libraries": {"torch": "2", "peft": "3"}, "model": MODEL}


def test_a_model_is_described_once() -> None:
    telling = Telling()
    assert telling.model(RECORD) == "the protein language model big, revision abc (ESM-2 family, doi:10.1/esm)"
    assert telling.model(RECORD) == "big"
    other = {"model": MODEL | {"sha256": "b", "revision": None, "is_trained": False}}
    assert telling.model(other) == "the network big, with random weights and not trained (ESM-2 family, doi:10.1/esm),"


def test_each_version_is_told_once_and_again_when_it_changes() -> None:
    telling = Telling()
    assert telling.software(RECORD, "torch") == "plmkit 1.0 (torch 2)"
    assert telling.software(RECORD, "torch", "peft") == "plmkit (peft 3)"
    assert telling.software(RECORD, "torch") == "plmkit"
    assert telling.software(RECORD | {"plmkit": "1.1"}, "torch") == "plmkit 1.1"
    assert telling.program("MMseqs2", None) == "MMseqs2"


def test_names_keep_their_letters_where_a_sentence_begins() -> None:
    assert opened("the tuned model") == "The tuned model"
    assert opened("esm2") == "esm2"
    assert opened("theta") == "theta"
