from plmkit.output.metric_names import readable


def test_a_metric_of_a_label_is_readable_whatever_the_label_is_called() -> None:
    assert readable("auroc of part of speech") == "area under the ROC curve of part of speech"
    assert readable("something else") == "something else"
