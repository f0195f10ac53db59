from quantum_advantage.core.notebook import html_table


def test_names_and_values_are_escaped():
    assert html_table({"a<b": "<script>"}) == (
        "<table><tr><th>a&lt;b</th><td>&lt;script&gt;</td></tr></table>"
    )


def test_numbers_keep_six_digits_and_several_values_share_a_cell():
    table = html_table({"copies": 1 / 3, "bound": None, "qubits": (1, "x"), "met": True})
    cells = [part.partition("</td>")[0] for part in table.split("<td>")[1:]]
    assert cells == ["0.333333", "", "1<br>x", "True"]
