import pytest

from plmkit.errors import UserError
from plmkit.learning.calling import Question, choose_thresholds
from plmkit.learning.thresholds import RULES, Threshold
from plmkit.learning.trust import Trust


def trust(**values: float) -> Trust:
    found = {rule: Threshold(rule, value, 0.5, 0.01, 0.4, 0.3) for rule, value in values.items()}
    return Trust(thresholds={"p": found})


def test_a_number_is_taken_for_all() -> None:
    call = choose_thresholds("0.3", [Question("p", (Trust(),)), Question("q", (Trust(),))])
    assert (call.thresholds, call.rule, call.notes) == ((0.3, 0.3), None, ())


def test_a_rule_takes_the_threshold_that_each_model_keeps() -> None:
    questions = [Question("p", (trust(mcc=0.4, fpr_1=0.7),)), Question("p", (trust(mcc=0.2, fpr_1=0.6),))]
    call = choose_thresholds("fpr_1", questions)
    assert (call.thresholds, call.rule) == ((0.7, 0.6), "fpr_1")


def test_without_a_choice_it_is_the_one_of_mcc_and_said() -> None:
    call = choose_thresholds(None, [Question("p", (trust(mcc=0.4),))])
    assert (call.thresholds, call.rule) == ((0.4,), "mcc")
    assert call.notes == ("threshold: by the rule mcc on the validation examples: p 0.400",)


def test_without_a_choice_one_model_without_thresholds_makes_it_one_half_and_that_is_said() -> None:
    call = choose_thresholds(None, [Question("p", (trust(mcc=0.4),)), Question("q", (Trust(),))])
    assert (call.thresholds, call.rule) == ((0.5, 0.5), None)
    assert "0.5, as the tuned model of 'q' keeps none by the rule mcc" in call.notes[0]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_a_model_does_not_keep_is_refused(rule: str) -> None:
    with pytest.raises(UserError, match=f"--threshold {rule}: the tuned model of 'p' keeps no such threshold"):
        choose_thresholds(rule, [Question("p", (Trust(),))])


def test_of_several_models_it_is_the_mean() -> None:
    call = choose_thresholds("mcc", [Question("p", (trust(mcc=0.4), trust(mcc=0.2)))])
    assert call.thresholds[0] == pytest.approx(0.3)


def test_a_threshold_moves_with_the_prevalence_as_probabilities_do() -> None:
    call = choose_thresholds("fpr_5", [Question("p", (trust(fpr_5=0.5),), ((0.5, 0.5), (0.9, 0.1)))])
    assert call.thresholds[0] == pytest.approx(0.1)  # by Bayes: odds 1 times 0.1 / 0.9


def test_a_precision_does_not_move() -> None:
    with pytest.raises(UserError, match="--threshold precision_50: it holds for the prevalence of the tuning alone"):
        choose_thresholds("precision_50", [Question("p", (trust(precision_50=0.5),), ((0.5, 0.5), (0.9, 0.1)))])
