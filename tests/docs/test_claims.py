"""What docs/claims.md names is there: each sentence in the README, each test, each trial."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+) \|$", CLAIMS, re.MULTILINE)


def test_each_claim_is_one_of_the_readme() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    claims = [claim for claim, _ in ROWS if not claim.startswith(("claim", "page", "[", "each row", "the card"))]
    assert len(claims) > 20
    assert [claim for claim in claims if claim not in readme] == []


def test_each_test_and_trial_is_there() -> None:
    missing = []
    for _, shown in ROWS:
        for file, name in re.findall(r"(tests/[\w/]+\.py|tests/docs)(?:::(\w+))?", shown):
            path = ROOT / file
            if not path.exists() or (name and f"def {name}(" not in path.read_text(encoding="utf-8")):
                missing.append(f"{file}::{name}")
        for module in re.findall(r"(?:trial|-m) ((?:tests|bench)\.[\w.]+)", shown):
            path = ROOT / module.replace(".", "/")
            if not path.is_dir() and not path.with_suffix(".py").is_file():
                missing.append(module)
    assert missing == []


def test_each_page_for_administrators_says_what_shows_its_figures() -> None:
    pages = {path.name for path in (ROOT / "docs" / "admin").glob("*.md")} - {"README.md"}
    assert pages == set(re.findall(r"admin/(\w+\.md)\)", CLAIMS))
