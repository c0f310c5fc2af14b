import pytest
from tests.output.made_records import made_record

from plmkit.models.shape import Method
from plmkit.output.model_card import readme


@pytest.mark.parametrize(
    ("method", "library", "code"),
    [
        ("dora", "library_name: peft\n", 'tuned = PeftModel.from_pretrained(base, "folder of the unpacked archive")'),
        ("full", "library_name: transformers\n", 'tuned = EsmModel.from_pretrained("folder of the unpacked archive"'),
        ("head", "", 'weights = load_file("folder of the unpacked archive/head.safetensors")'),
    ],
)
def test_the_card_says_how_stock_libraries_load_the_weights(method: Method, library: str, code: str) -> None:
    text = readme(made_record(method=method), None)
    title = "Head on a frozen" if method == "head" else "Fine-tuned"
    head = (
        f'---\nbase_model: "big"\nlicense: mit\n{library}tags:\n- protein\n- classification\n- {method}\n- plmkit\n---'
    )
    assert text.startswith(f"{head}\n\n# {title}")
    assert code in text
    assert ("PeftModel" in text, "EsmModel" in text) == (method == "dora", method != "head")


def test_tables_are_whole_and_leave_single_labels_out() -> None:
    record = made_record(tests=["test"])
    record["metrics"].append(record["metrics"][0] | {"metric": "f1 of a"})
    lines = readme(record, None).split("\n")
    at = lines.index("### Test set (20 proteins)")
    assert lines[at + 4 : at + 7] == [
        "| method | accuracy | Matthews correlation (MCC) | F1, mean over labels | area under the ROC curve | "
        "average precision | tuned model higher by (F1, mean over labels) |",
        "|---|---|---|---|---|---|---|",
        "| fine-tuned model |" + " 0.75 (0.65 to 0.85) |" * 5 + "  |",
    ]
    assert not any("f1 of a" in line for line in lines)


def test_labels_notes_and_verdict_are_there() -> None:
    record = made_record(names=[f"label {number}" for number in range(45)])
    record["notes"] = ["model: big is not for the clinic"]
    text = readme(record, None)
    assert "\n\nLabels: label 0, label 1, " in text
    assert ", label 39 and 5 more, all in plmkit.json.\n\n## How good is it\n" in text
    assert "\n\n> model: big is not for the clinic\n\n" in text
    assert "\n\nLoRA beats everything.\n" in text


def test_the_command_fits_the_unit_and_names_the_model() -> None:
    assert "--model MODEL --proteins proteins.fasta --pairs pairs.tsv" in readme(made_record("pair"), None)
    assert "It reads windows of 21 residues, the site in the middle.\n" in readme(made_record("window"), None)
    assert "the site in the middle" not in readme(made_record("protein"), None)
    assert "MODEL is the folder or zip archive of big (weights 0123456789ab)." in readme(made_record(), None)
    embedded = made_record()
    embedded["model"]["name"] = "plmkit-tiny-2"
    assert "    plm predict --bundle this.zip --proteins proteins.fasta" in readme(embedded, None)


@pytest.mark.parametrize(
    ("unit", "task", "negative", "is_of_sites"),
    [
        ("window", "classification", "a", True),
        ("residue", "classification", "a", True),
        ("window", "multilabel", None, True),
        ("residue", "multilabel", None, True),
        ("residue", "classification", None, False),
        ("window", "regression", None, False),
        ("protein", "multilabel", None, False),
        ("protein", "classification", "a", False),
    ],
)
def test_what_scans_for_sites_says_so(unit: str, task: str, negative: str | None, is_of_sites: bool) -> None:
    text = readme(made_record(unit, task), negative)
    command = "    plm ptm --bundle this.zip --model MODEL --proteins proteins.fasta --sites sites.tsv\n"
    assert text.count(command) == is_of_sites
    assert ("the site in the middle; plm ptm cuts them itself." in text) == (is_of_sites and unit == "window")
