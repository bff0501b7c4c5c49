"""Small pieces of Markdown."""

import textwrap
from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a head that ends in a colon stands over numbers, and its column to the right."""
    marks = ["--:" if head.endswith(":") else "---" for head in heads]
    names = [head.removesuffix(":") for head in heads]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (names, marks, *rows))


def probability(p_value: float) -> str:
    """A p value with two digits, or how small it is."""
    return "< 0.0001" if p_value < 1e-4 else f"{p_value:.2g}"


def listed(items: Iterable[object]) -> str:
    """`1, 2 and 3`."""
    *before, last = (str(item) for item in items)
    return f"{', '.join(before)} and {last}" if before else last


def wrapped(text: str, width: int = 120) -> str:
    """`text` with its paragraphs filled to `width`; tables, headings and pictures stay as they are."""
    return "\n\n".join(fill(block, width) for block in text.split("\n\n"))


def fill(block: str, width: int) -> str:
    """One block between empty lines; lines of a table at its head stay, and so does a newline at its end."""
    lines = block.split("\n")
    first = next((number for number, line in enumerate(lines) if not line.startswith(("|", "#", "!"))), len(lines))
    text = " ".join(lines[first:]).strip()
    end = [""] if text and block.endswith("\n") else []
    filled = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*lines[:first], *filled, *end]) if text else block
