import pytest

from plmkit.errors import OutOfMemoryError
from plmkit.learning.memory import Budget

SHORT = RuntimeError("DefaultCPUAllocator: can't allocate memory")


def fitting(most: int, asked: list[int]) -> object:
    def compute(tokens: int) -> float:
        asked.append(tokens)
        if tokens > most:
            raise SHORT
        return 1.0

    return compute


def test_the_budget_is_halved_for_good() -> None:
    asked: list[int] = []
    budget = Budget(1000)
    for _ in range(2):
        assert budget.spend(fitting(300, asked), lambda: None, 10, 2000, "a thing") == 1.0  # type: ignore[arg-type]
    assert asked == [1000, 500, 250, 250]


def test_one_thing_larger_than_the_budget_is_tried_whole() -> None:
    asked: list[int] = []
    assert Budget(5).spend(fitting(300, asked), lambda: None, 40, 80, "a thing") == 1.0  # type: ignore[arg-type]
    assert asked == [40]


def test_the_last_resort_comes_before_the_end_and_once() -> None:
    asked: list[int] = []
    resorts = [True, False]
    budget = Budget(100, lambda: resorts.pop(0))
    with pytest.raises(OutOfMemoryError, match="not enough memory to train on 48 residues; leave it out"):
        budget.spend(fitting(20, asked), lambda: None, 50, 90, "48 residues")  # type: ignore[arg-type]
    assert asked == [100, 50, 50]


def test_what_is_less_than_the_budget_is_halved_from_its_own_size() -> None:
    asked: list[int] = []
    Budget(100_000).spend(fitting(30, asked), lambda: None, 10, 100, "a thing")  # type: ignore[arg-type]
    assert asked == [100_000, 50, 25]


def test_another_error_is_no_lack_of_memory() -> None:
    def compute(tokens: int) -> float:
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        Budget(10).spend(compute, lambda: None, 1, 99, "a thing")


def test_what_was_done_is_forgotten_before_each_new_attempt() -> None:
    forgotten: list[bool] = []
    Budget(100).spend(fitting(30, []), lambda: forgotten.append(True), 1, 200, "a thing")  # type: ignore[arg-type]
    assert len(forgotten) == 2
