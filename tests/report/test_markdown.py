"""Small pieces of Markdown."""

from hypothesis import given
from hypothesis import strategies as st

from lenet5.report.markdown import listed, probability, table, wrapped


def test_a_head_with_a_colon_stands_over_numbers() -> None:
    assert table(("what", "how many:"), [("errors", "82")]) == "| what | how many |\n| --- | --: |\n| errors | 82 |\n"


def test_small_probabilities_are_told_as_small() -> None:
    assert [probability(p) for p in (1.0, 0.5721, 0.0244, 3e-9)] == ["1", "0.57", "0.024", "< 0.0001"]


def test_a_list_has_an_and_before_its_last() -> None:
    assert [listed([1]), listed([1, 2]), listed("abc")] == ["1", "1 and 2", "a, b and c"]


@given(st.lists(st.text("ab ", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=30))
def test_wrapping_keeps_words_and_what_is_no_paragraph(words: list[str]) -> None:
    paragraph = "\n".join(" ".join(words).split())
    text = f"# {'head ' * 30}\n\n{paragraph}\n\n| {'cell ' * 30} |\n| b |\nafter\nit\n"
    found = wrapped(text)
    assert found.split() == text.split()
    assert max(map(len, found.split("\n\n")[1].split("\n"))) <= 120
    assert found.startswith(f"# {'head ' * 30}\n\n")
    assert found.endswith("| b |\nafter it\n")
