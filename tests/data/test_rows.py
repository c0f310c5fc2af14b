from plmkit.data.rows import rows_of


def test_each_distinct_sequence_is_one_row_in_the_order_of_first_use() -> None:
    rows = rows_of([("MKV",), ("GGG",), ("MKV",)])
    assert rows.sequences == ("MKV", "GGG")
    assert rows.chains.tolist() == [[0], [1], [0]]
    assert len(rows) == 3


def test_the_two_chains_of_a_pair_may_be_one_row() -> None:
    rows = rows_of([("A", "B"), ("B", "C"), ("C", "C")])
    assert rows.sequences == ("A", "B", "C")
    assert rows.chains.tolist() == [[0, 1], [1, 2], [2, 2]]
