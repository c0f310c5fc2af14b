import pytest

from plmkit.data.sites_evidence import is_experimental


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ("ECO:0000269|PubMed:2342104", True),
        ("ECO:0007744|PubMed:18669648", True),
        ("ECO:0000244|PDB:5TAR", True),
        ("ECO:0000250|UniProtKB:P04247, ECO:0000269|Ref.6", True),
        ("ECO:0000250|UniProtKB:P04247", False),
        ("ECO:0000255|PROSITE-ProRule:PRU00498", False),
        ("ECO:0000305", False),
        ("ECO:00002690", False),
        ("", False),
    ],
)
def test_one_experiment_among_the_codes_is_enough(evidence: str, expected: bool) -> None:
    assert is_experimental(evidence) is expected
