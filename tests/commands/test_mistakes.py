"""Mistakes of the person at the keyboard: one line which names the input and the remedy, and no file."""

import gzip
import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from plmkit.models.archive import pack

Refused = Callable[..., str]

RESIDUES = "MKTAYIAKQRQISFVKSHFSRQ"


def embedding(folder: Path, content: str | bytes) -> list[object]:
    """Return the command line which embeds a file with this content."""
    path = folder / "proteins.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return ["embed", "--proteins", path, "--vectors", folder / "vectors.tsv"]


def learning(folder: Path, content: str, *more: object) -> list[object]:
    """Return the command line which tunes on a file with this content."""
    path = folder / "examples.dat"
    path.write_text(content)
    return ["finetune", "--examples", path, "--bundle", folder / "tuned.zip", "--report", folder / "r.html", *more]


def labelled(count: int, labels: str = "ab", length: int = 9) -> list[str]:
    """Return FASTA records of distinct sequences whose labels take turns."""
    letters = "ACDEFGHIKLMNPQRSTVWY"
    return [
        f">p{n} LABEL={labels[n % len(labels)]}\n{letters[n % 20]}{letters[n // 20]}{'S' * (length - 2)}\n"
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("content", "place", "remedy"),
    [
        ("", "proteins: the file is empty", "give a file with at least one record"),
        ("\n\n  \n", "proteins: the file holds only blank lines", "give a file"),
        ("id\tsequence\na\tMKV\n", "proteins, line 1: expected a FASTA header", "give a FASTA file"),
        ("\n\nMKV\n>a\nMKV\n", "proteins, line 3: expected a FASTA header", "give a FASTA file"),
        (">a\nMKV\n>b\n>c\nMKV\n", "proteins, line 3, b: no residues", ""),
        (">a\nMKV\n>b\n*\n", "proteins, line 3, b: no residues", ""),
        (">a\nMKV\n>\nMKV\n", "proteins, line 3: the header has no name", "write one after '>'"),
        (">a\nMK*V\n", "proteins, line 1, a: '*' at residue 3", "cut the sequence there"),
        (">a\nMK\nV-A\n", "proteins, line 1, a: '-' at residue 4", "take the unaligned sequence"),
        (">a\nMK.V\n", "proteins, line 1, a: '.' at residue 3", "take the unaligned sequence"),
        (">a\nMK1V\n", "proteins, line 1, a: '1' at residue 3", "one-letter code"),
        (">a\nMKßV\n", "proteins, line 1, a: 'ß' at residue 3", "one-letter code"),
        (">a x\nMKV\n>b\nMKV\n>a y\nMAV\n", "proteins, line 5: the name 'a' stands already in line 1", "its own name"),
        (gzip.compress(b">a\nMKV\n" * 9)[:-6], "proteins, after line", "upload or compress it again"),
        (gzip.compress(b""), "proteins: the file is empty", "at least one record"),
        (b"%PDF-1.7\n%\xe2\xe3", "proteins: this is a PDF document", "export it as text"),
        (b"\x89HDF\r\n\x1a\n\x00\x00", "proteins: this is an HDF5 file", "export it as text"),
        (b"PAR1\x15\x04\x15", "proteins: this is a parquet file", "export it as text"),
        (b"PK\x03\x04\x14\x00", "proteins: this is a zip archive", "unpack"),
        (">a\nMKV\n".encode("utf-16"), "proteins, after line 0: not UTF-8 text", "save the file as UTF-8"),
        (">a é\nMKV\n".encode("latin-1"), "proteins, after line 0: not UTF-8 text", "save the file as UTF-8"),
        (b">a\nMKV\n>b\nM\x00V\n", "proteins, line 4: this is not a text file", "give plain text"),
    ],
)
def test_a_file_which_is_no_proteins_is_refused(
    refused: Refused, tmp_path: Path, content: str | bytes, place: str, remedy: str
) -> None:
    message = refused("proteins", *embedding(tmp_path, content))
    assert message.startswith(place)
    assert remedy in message


def test_a_missing_file_and_a_folder_are_refused(refused: Refused, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.tsv"
    assert "no such file" in refused("proteins", "embed", "--proteins", tmp_path / "none.fa", "--vectors", vectors)
    assert "folder" in refused("proteins", "embed", "--proteins", tmp_path, "--vectors", vectors)
    below = embedding(tmp_path, ">a\nMKV\n")[2]
    assert "no such file" in refused("proteins", "embed", "--proteins", f"{below}/x", "--vectors", vectors)


def test_all_mistakes_of_a_file_are_counted_and_the_first_five_told(refused: Refused, tmp_path: Path) -> None:
    message = refused("proteins", *embedding(tmp_path, "".join(f">p{n}\nM*K\n" for n in range(8))))
    assert [f"line {2 * n + 1}, p{n}:" in message for n in range(8)] == [True] * 5 + [False] * 3
    assert message.endswith("and 3 more such problems")


@pytest.mark.parametrize("option", ["--label-column", "--sequence-column", "--identifier-column", "--group-column"])
@pytest.mark.parametrize("name", ["Label", "0", "4"])
def test_a_misnamed_column_is_answered_with_the_names_there_are(
    refused: Refused, tmp_path: Path, option: str, name: str
) -> None:
    table = "id,sequence,label\n" + "".join(f"{n},MK{'AV'[n % 2]},{n % 2}\n" for n in range(20))
    message = refused("examples", *learning(tmp_path, table, option, name))
    assert message == f"examples: there is no column {name!r}; the columns are 'id', 'sequence', 'label'"


def test_a_table_without_the_label_column_is_refused(refused: Refused, tmp_path: Path) -> None:
    message = refused("examples", *learning(tmp_path, "id\tsequence\na\tMKV\n"))
    assert message == "examples: there is no column 'label'; the columns are 'id', 'sequence'"


def test_two_columns_of_one_name_must_be_told_apart_by_number(refused: Refused, tmp_path: Path) -> None:
    message = refused("examples", *learning(tmp_path, "sequence\tlabel\tlabel\nMKV\t1\t0\n"))
    assert message == "examples: 2 columns are named 'label'; give the column's number"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("sequence\tlabel\n", "the table has no rows below its header; give at least one"),
        ("sequence\tlabel\nMKV\t1\nMKA\n", "line 3: 1 cells, but the header has 2"),
        ("sequence\tlabel\nMKV\t1\n\nMKA\t0\t0\n", "line 4: 3 cells, but the header has 2"),
        ("sequence\tlabel\nMKV\t1\nMKA\t\n", "line 3: 'line_3' has an empty label"),
        ("sequence\tlabel\nMKV\t1\nM-A\t0\n", "line 3, line_3: '-' at residue 2"),
        ("sequence\tlabel\nMKV\t1\n\t0\n", "line 3, line_3: no residues"),
        ("id\tsequence\tlabel\na\tMKV\t1\na\tMKA\t0\n", "line 3: the name 'a' stands already in line 2"),
    ],
)
def test_mistakes_in_a_table_are_told_by_line(refused: Refused, tmp_path: Path, table: str, told: str) -> None:
    assert told in refused("examples", *learning(tmp_path, table))


def test_an_open_quotation_mark_in_a_large_table_is_one_line(refused: Refused, tmp_path: Path) -> None:
    table = "id\tsequence\tlabel\n\"5'UTR\tMKV\t1\n" + "x\tMKVMKVMKVMKV\t0\n" * 10_000
    refused("examples", *learning(tmp_path, table))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (">a\nMKV\n>b\nMKA\n", "examples: no header holds LABEL=; write it there or give a table of labels"),
        (">a LABEL=1\nMKV\n>b\nMKA\n", "examples, line 3: no LABEL= in the header of 'b'"),
        ("".join(labelled(20, "a")), "examples: all 20 examples have the label 'a'; classification needs at least two"),
        (
            "".join(f">p{n} LABEL={n / 7:.3f}\n{'MK' * (n + 1)}\n" for n in range(30)),
            "examples: 30 different labels among 30 examples; classification needs few labels",
        ),
        (
            "".join(labelled(20)) + ">again LABEL=b\nAASSSSSSS\n",
            "examples, line 41: the same sequence is labelled 'b' here and 'a' in line 1; keep one",
        ),
        (
            "".join(labelled(20)) + ">c LABEL=c\nWWWWW\n",
            "examples: label 'c' has 1 examples, this validation share needs at least 5 of each label; add examples",
        ),
        (
            "".join(
                f">{'one' if n % 2 else 'other'}%{n}%{n + 3} LABEL={n % 2}\n{'MKW'[n % 3] * (n + 1)}\n"
                for n in range(20)
            ),
            "examples: the 20 examples come from only 2 unrelated groups (same protein or same sequence), too few",
        ),
    ],
)
def test_examples_which_nothing_can_be_learned_from_are_refused(
    refused: Refused, tmp_path: Path, content: str, told: str
) -> None:
    assert refused("examples", *learning(tmp_path, content)).startswith(told)


def test_windows_must_have_one_length(refused: Refused, tmp_path: Path) -> None:
    content = "".join(labelled(20, "01")) + ">long LABEL=1\nMKVMKVMKVMK\n"
    message = refused("examples", *learning(tmp_path, content, "--unit", "window"))
    assert message == (
        "examples, line 41: 'long' has 11 residues, most windows have 9; cut or pad all windows to one length"
    )


def test_windows_must_have_a_middle(refused: Refused, tmp_path: Path) -> None:
    message = refused("examples", *learning(tmp_path, "".join(labelled(20, "01", length=8)), "--unit", "window"))
    assert message == (
        "examples: windows of 8 residues have no middle; give windows of odd length, the site in the middle"
    )


@pytest.mark.parametrize("chosen", [(), ("--negative-label", "c")])
def test_the_label_of_unmodified_sites_must_be_known(refused: Refused, tmp_path: Path, chosen: tuple[str, ...]) -> None:
    message = refused("examples", *learning(tmp_path, "".join(labelled(20, "ab")), "--unit", "window", *chosen))
    assert "'a', 'b'" in message
    assert "--negative-label" in message


@pytest.mark.parametrize(
    ("change", "role", "told"),
    [
        (lambda rows: rows[:-1], "examples", "examples, line 39: 'p19' has no row among the labels"),
        (lambda rows: [*rows, "q\ta"], "labels", "labels, line 22: 'q' is not among the examples; take the row out"),
        (lambda rows: [*rows[:-1], "p19\t"], "labels", "labels, line 21: 'p19' has an empty label"),
        (lambda rows: [*rows, "p0\ta"], "labels", "labels, line 22: 'p0' has a label already; give each name once"),
    ],
)
def test_labels_and_examples_must_match(
    refused: Refused, tmp_path: Path, change: Callable[[list[str]], list[str]], role: str, told: str
) -> None:
    labels = tmp_path / "labels.tsv"
    rows = [f"p{n}\t{'ab'[n % 2]}" for n in range(20)]
    labels.write_text("\n".join(["id\tlabel", *change(rows)]) + "\n")
    assert refused(role, *learning(tmp_path, "".join(labelled(20)), "--labels", labels)).startswith(told)


def test_labels_need_their_column(refused: Refused, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("id\tclass\np0\ta\n")
    message = refused("labels", *learning(tmp_path, "".join(labelled(20)), "--labels", labels))
    assert message == "labels: there is no column 'label'; the columns are 'id', 'class'"


def test_a_table_of_examples_takes_no_second_table(refused: Refused, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("id\tlabel\na\t1\n")
    assert "leave it out" in refused("examples", *learning(tmp_path, "sequence\tlabel\nMKV\t1\n", "--labels", labels))


# ---- outputs ----


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none/vectors.tsv", "output 'vectors.tsv': its folder does not exist; make it first"),
        ("a_folder", "output 'a_folder': this is a folder; give a file"),
        ("a_file/vectors.tsv", "output 'vectors.tsv': its folder does not exist; make it first"),
        ("v" * 300, "output"),
    ],
)
def test_an_output_which_cannot_be_written_is_told_at_once(
    refused: Refused, tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "a_folder").mkdir()
    (tmp_path / "a_file").write_text("")
    # The proteins do not exist either: outputs are looked at first.
    message = refused("output", "embed", "--proteins", tmp_path / "none.fasta", "--vectors", tmp_path / name)
    assert message.startswith(told)


def test_a_folder_without_permission_is_told(refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path, mode: int = 0, exist_ok: bool = True) -> None:
        raise PermissionError(13, "Permission denied")

    command = embedding(tmp_path, ">a\nMKV\n")
    monkeypatch.setattr(Path, "touch", forbidden)
    message = refused("output", *command)
    assert message == "output 'vectors.tsv': it cannot be written (Permission denied); choose another place or name"


@pytest.mark.parametrize("second", ["vectors.tsv", "./vectors.tsv", "sub/../vectors.tsv"])
def test_two_outputs_need_two_paths(refused: Refused, tmp_path: Path, second: str) -> None:
    (tmp_path / "sub").mkdir()
    message = refused("outputs", *embedding(tmp_path, ">a\nMKV\n"), "--record", f"{tmp_path}/{second}")
    assert message == "outputs: two of them have the same path; give each its own"


# ---- options ----


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--wrong", "1"], "--wrong"),
        (["--format", "csv"], "'tabular', 'parquet', 'npz', 'h5'"),
        (["--pooling", "centre"], "'mean', 'cls', 'max'"),
        (["--batch-tokens", "0"], "--batch-tokens must be at least 1, not 0"),
        (["--batch-tokens", "many"], '"many" into int'),
        (["--layer", "-1"], "--layer must be at least 0, not -1"),
        (["--layer", "5"], "--layer 5: plmkit-untrained-tiny has the layers 0 to 4"),
        (["--model"], '"--model" requires an argument'),
    ],
)
def test_wrong_options_are_answered_in_one_line(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    assert told in refused("", *embedding(tmp_path, ">a\nMKV\n"), *options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--epochs", "0"], "--epochs must be at least 1, not 0"),
        (["--patience", "0"], "--patience must be at least 1, not 0"),
        (["--batch-size", "0"], "--batch-size must be at least 1, not 0"),
        (["--rank", "0"], "--rank must be at least 1, not 0"),
        (["--alpha", "-1"], "--alpha must be at least 1, not -1"),
        (["--seed", "-1"], "--seed must be"),
        (["--seed", "4294967296"], "--seed must be"),
        (["--validation-share", "0"], "--validation-share must be between 0 and 0.5, not 0"),
        (["--validation-share", "0.51"], "--validation-share must be between 0 and 0.5, not 0.51"),
        (["--validation-share", "nan"], "--validation-share must be between 0 and 0.5, not nan"),
        (["--adapter-dropout", "0.91"], "--adapter-dropout must be between 0 and 0.9, not 0.91"),
        (["--head-dropout", "-0.1"], "--head-dropout must be between 0 and 0.9, not -0.1"),
        (["--learning-rate", "0"], "--learning-rate must be above 0 and at most 1, not 0.0"),
        (["--learning-rate", "nan"], "--learning-rate must be above 0 and at most 1, not nan"),
        (["--pooling", "centre"], "--pooling centre takes the middle of a window: give --unit window, or another"),
    ],
)
def test_numbers_out_of_range_are_answered_with_their_range(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    assert refused("", *learning(tmp_path, "".join(labelled(20)), *options)).startswith(told)


def test_a_mistyped_option_is_named_before_the_one_it_leaves_out(refused: Refused) -> None:
    assert refused("there is no option --protein ", "embed", "--protein", "x.fasta", "--vectors", "y.tsv")


def test_an_option_given_twice_is_named(refused: Refused) -> None:
    twice = ["--model", "a", "--model", "b"]
    refused("--model is given more than once; give it once", "embed", "--proteins", "x", "--vectors", "y", *twice)


def test_all_missing_options_are_named_together(refused: Refused) -> None:
    assert refused("missing option: --bundle, --proteins, --sites (plm ptm --help lists the options)", "ptm")


def test_a_missing_option_and_an_unknown_command_are_named(refused: Refused) -> None:
    assert "--vectors" in refused("", "embed", "--proteins", "a.fasta")
    assert "embed, finetune, predict, ptm" in refused("", "fold")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--threshold", "1.1"], "--threshold must be between 0 and 1, not 1.1"),
        (["--residues", "S,T"], "--residues takes letters such as STY, not 'S,T'"),
        (["--residues", "B"], "proteins: none holds a candidate residue (B); name others with --residues"),
    ],
)
def test_options_of_a_scan_are_checked(
    refused: Refused, tmp_path: Path, bundle: Path, proteins: Path, options: list[str], told: str
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "sites.tsv"]
    assert refused("", *command, *options) == told


def test_metrics_of_predictions_need_true_labels(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    command = ["predict", "--bundle", bundle, "--predictions", tmp_path / "p.tsv", "--proteins", "none"]
    assert "add --labelled" in refused("--metrics", *command, "--metrics", tmp_path / "m.tsv")


# ---- proteins which do not suit the tuned model ----


def predicting(folder: Path, bundle: Path, content: str, *more: object) -> list[object]:
    path = folder / "proteins.dat"
    path.write_text(content)
    return ["predict", "--bundle", bundle, "--proteins", path, "--predictions", folder / "predictions.tsv", *more]


def test_a_long_protein_is_sent_from_predict_to_ptm(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    message = refused("proteins", *predicting(tmp_path, bundle, f">a\n{'S' * 21}\n>b\n{'S' * 22}\n"))
    assert message == (
        "proteins, line 3: 'b' has 22 residues, the model was tuned on windows of 21; for whole proteins use plm ptm"
    )


def test_a_model_of_whole_proteins_finds_no_sites(
    refused: Refused, tmp_path: Path, tuned_on_proteins: Path, proteins: Path
) -> None:
    sites, tuned = tmp_path / "sites.tsv", tuned_on_proteins / "tuned.zip"
    message = refused("tuned model", "ptm", "--bundle", tuned, "--proteins", proteins, "--sites", sites)
    assert message == (
        "tuned model: it was tuned on whole proteins; sites need one tuned on windows (plm finetune --unit window)"
    )


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("a", "proteins: --labelled needs LABEL= in every header; write it there or leave the option out"),
        ("a LABEL=2", "proteins, line 1: 'a' has the label '2', the model knows 0, 1"),
    ],
)
def test_true_labels_must_be_there_and_known(
    refused: Refused, tmp_path: Path, bundle: Path, header: str, told: str
) -> None:
    assert refused("proteins", *predicting(tmp_path, bundle, f">{header}\n{'S' * 21}\n", "--labelled")) == told


# ---- tuned models ----

WINDOW = f">a\n{'S' * 21}\n"


def zipped(path: Path, members: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"../evil.json": b"{}"}, "the archive holds the unsafe name '../evil.json'"),
        ({"a/../../evil.json": b"{}"}, "the archive holds the unsafe name 'a/../../evil.json'"),
        ({"/tmp/evil.json": b"{}"}, "the archive holds the unsafe name '/tmp/evil.json'"),
        ({"..\\evil.json": b"{}"}, "the archive holds the unsafe name '..\\\\evil.json'"),
        ({"C:evil.json": b"{}"}, "the archive holds the unsafe name 'C:evil.json'"),
        ({link("plmkit.json"): b"/etc/passwd"}, "the archive holds the link 'plmkit.json'; pack the file itself"),
        ({"plmkit.json": b"{}", "head.pkl": b"x"}, "the archive holds 'head.pkl', a format that can run code"),
        ({"adapter_model.BIN": b"x"}, "the archive holds 'adapter_model.BIN', a format that can run code"),
        ({"deep/er/weights.pt": b"x"}, "the archive holds 'deep/er/weights.pt', a format that can run code"),
        ({"plmkit.json": b"{}", "plmkit.json/x.json": b"{}"}, ""),
        ({"other.txt": b"x"}, "plmkit.json, adapter_config.json, adapter_model.safetensors, head.safetensors missing"),
        ({"plmkit.json/x.json": b"{}", "plmkit.json": b"{}"}, ""),
        ({}, "plmkit.json, adapter_config.json, adapter_model.safetensors, head.safetensors missing"),
    ],
)
def test_an_archive_which_is_no_tuned_model_is_refused(
    refused: Refused, tmp_path: Path, members: dict[str | zipfile.ZipInfo, bytes], told: str
) -> None:
    archive = zipped(tmp_path / "b.zip", members)
    assert refused("tuned model", *predicting(tmp_path, archive, WINDOW)).startswith(f"tuned model: {told}")


def encrypted(good: bytes) -> bytes:
    """Set the flag of encryption in the first entry of the directory and in its file."""
    changed = bytearray(good)
    changed[6] |= 1
    changed[good.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def damaged(good: bytes) -> bytes:
    middle = len(good) // 2
    return good[:middle] + bytes(value ^ 255 for value in good[middle : middle + 200]) + good[middle + 200 :]


def with_a_name_that_is_no_text(good: bytes) -> bytes:
    content = io.BytesIO(good)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("é.txt", "")
    return content.getvalue().replace("é".encode(), b"\xc3\xff")


def of_method(number: int) -> Callable[[bytes], bytes]:
    """Say of the first member that it is compressed by another method."""

    def changed(good: bytes) -> bytes:
        content = bytearray(good)
        content[8] = number
        content[good.index(b"PK\x01\x02") + 10] = number
        return bytes(content)

    return changed


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda good: good[:-30], id="truncated"),
        pytest.param(lambda good: good[:3000], id="half"),
        pytest.param(lambda good: b"", id="empty"),
        pytest.param(lambda good: b"no zip at all\n" * 9, id="text"),
        pytest.param(encrypted, id="encrypted"),
        pytest.param(damaged, id="damaged"),
        pytest.param(of_method(12), id="said to be bzip2"),
        pytest.param(of_method(14), id="said to be lzma"),
        pytest.param(of_method(99), id="unknown compression"),
        pytest.param(with_a_name_that_is_no_text, id="name that is no text"),
    ],
)
def test_a_damaged_archive_is_refused(
    refused: Refused, tmp_path: Path, bundle: Path, change: Callable[[bytes], bytes]
) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(change(bundle.read_bytes()))
    refused("tuned model", *predicting(tmp_path, broken, WINDOW))


def test_a_missing_tuned_model_is_named(refused: Refused, tmp_path: Path) -> None:
    assert "no such file" in refused("tuned model", *predicting(tmp_path, tmp_path / "none.zip", WINDOW))
    assert "no such file" in refused("tuned model", *predicting(tmp_path, tmp_path, WINDOW))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema_version": 2}, "tuned model: made by a newer plmkit (schema 2); update plmkit to read it"),
        ({"schema_version": "1"}, "tuned model: its plmkit.json"),
        ({"labels": "01"}, "tuned model: its plmkit.json"),
        ({"labels": ["0"]}, "tuned model: its plmkit.json"),
        ({"labels": [0, 1]}, "tuned model: its plmkit.json"),
        ({"labels": ["0", "1", "2"]}, "tuned model: its head does not fit its labels and base model"),
        ({"task": None}, "tuned model: its plmkit.json"),
        ({"task": {"kind": "regression", "unit": "window", "window_length": 21}}, "tuned model: its plmkit.json"),
        ({"task": {"kind": "classification", "unit": "gene", "window_length": 21}}, "tuned model: its plmkit.json"),
        (
            {"task": {"kind": "classification", "unit": "window", "window_length": None}},
            "tuned model: its plmkit.json",
        ),
        (
            {
                "task": {
                    "kind": "classification",
                    "unit": "window",
                    "window_length": 21,
                    "centre_residues": "STY",
                    "negative_label": "no",
                }
            },
            "tuned model: its plmkit.json",
        ),
        (
            {"task": {"kind": "classification", "unit": "protein", "window_length": None}, "base_model": {}},
            "tuned model: its plmkit.json",
        ),
        ({"base_model": {"name": "other"}}, "tuned model: its plmkit.json"),
        ({"pooling": None}, "tuned model: its plmkit.json"),
        ({"pooling": "median"}, "tuned model: its plmkit.json"),
        (
            {"base_model": {"name": "esm2_t6", "sha256": "ab" * 32}},
            "tuned model: it was tuned on esm2_t6 (weights abababababab), the model given is plmkit-untrained-tiny",
        ),
    ],
)
def test_a_changed_description_is_refused(
    refused: Refused, tmp_path: Path, unpacked: Path, changes: dict[str, object], told: str
) -> None:
    card = json.loads((unpacked / "plmkit.json").read_text())
    (unpacked / "plmkit.json").write_text(json.dumps(card | changes))
    pack(unpacked, tmp_path / "changed.zip")
    assert refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW)).startswith(told)


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"schema_version": 1}'])
def test_an_unreadable_description_is_refused(refused: Refused, tmp_path: Path, unpacked: Path, content: str) -> None:
    (unpacked / "plmkit.json").write_text(content)
    pack(unpacked, tmp_path / "changed.zip")
    assert "plmkit.json" in refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW))


def saved_by_pickle() -> bytes:
    import torch

    handle = io.BytesIO()
    torch.save({"scores.weight": torch.zeros(2, 64)}, handle)
    return handle.getvalue()


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "head.safetensors"])
@pytest.mark.parametrize("change", ["shape", "removed", "added", "truncated", "pickle"])
def test_a_changed_weight_is_refused(refused: Refused, tmp_path: Path, unpacked: Path, name: str, change: str) -> None:
    from safetensors.torch import load_file, save_file

    path = unpacked / name
    weights = load_file(path)
    first = sorted(weights)[0]
    if change == "shape":
        weights[first] = weights[first][..., :-1].contiguous()
    elif change == "removed":
        del weights[first]
    elif change == "added":
        weights[first.replace("weight", "extra").replace("bias", "extra")] = weights[first].clone()
    if change == "truncated":
        path.write_bytes(path.read_bytes()[:-40])
    elif change == "pickle":
        path.write_bytes(saved_by_pickle())
    else:
        save_file(weights, path)
    pack(unpacked, tmp_path / "changed.zip")
    refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW), "--model-name", "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"r": 3},
        {"peft_type": "NONE"},
        {"target_modules": ["nothing"]},
        {"peft_type": "PREFIX_TUNING"},
        {"use_dora": True},
        {"rank_pattern": {"query": 3}},
        {"megatron_config": {}, "megatron_core": "antigravity"},
        {"lora_alpha": "many"},
        {"target_modules": 7},
        [],
    ],
)
def test_a_changed_adapter_description_is_refused(
    refused: Refused, tmp_path: Path, unpacked: Path, changes: dict[str, object] | list[object]
) -> None:
    path = unpacked / "adapter_config.json"
    changed = json.loads(path.read_text()) | changes if isinstance(changes, dict) else changes
    path.write_text(json.dumps(changed))
    pack(unpacked, tmp_path / "changed.zip")
    refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW))
