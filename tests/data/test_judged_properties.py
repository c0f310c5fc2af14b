"""Other columns are looked up in every table."""

from pathlib import Path

import pytest
from tests.data.test_judged import asked

from plmkit.data.judged import TruthAsked, read_judgeable
from plmkit.errors import UserError


def test_an_unknown_group_column_is_answered_with_the_columns(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="--group-column family: there is no such column; the columns are 'id', 'label'"
    ):
        read_judgeable([asked(tmp_path, "id\tlabel\tscore\na\t0\t1\nb\t1\t2\n")], TruthAsked(), group="family")
