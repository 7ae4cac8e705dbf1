from sim.metrics.html import page_table, sentence, short_number


def test_a_table_has_the_keys_as_header_and_escapes_what_it_holds() -> None:
    table = page_table([{"a<b": 1234.5, "c": "x & y"}, {"a<b": None, "c": 0.12345}])
    assert "<th>a&lt;b</th><th>c</th>" in table
    assert "<td>1,234</td>" in table
    assert "x &amp; y" in table
    assert "<td>0.123</td>" in table


def test_nothing_gives_nothing() -> None:
    assert page_table([]) == ""
    assert sentence("") == ""


def test_numbers_are_short() -> None:
    assert [short_number(value) for value in (7, 12345, 0.000123456, 98.76)] == ["7", "12,345", "0.000123", "98.8"]
