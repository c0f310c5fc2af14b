from plmkit.cli import COMMANDS
from plmkit.output.steps import STEPS

WITHOUT_RECORD = {"install", "summarise"}


def test_every_command_that_writes_a_record_can_be_told() -> None:
    assert STEPS.keys() == COMMANDS.keys() - WITHOUT_RECORD
