"""The comparison as CSV and as Markdown."""

import csv
import io

from lenet5.paper.published import PublishedResult, load_published
from lenet5.report.tables import ComparedRow, comparison_csv, comparison_page, comparison_table, row_label
from lenet5.statistics import RowSummary

SUMMARY = RowSummary(2 / 3, (0.6, 0.7, 0.7), 0.0577, 0.05, 20.0, 0.56, 0.774999)
ROWS = [
    ComparedRow("lenet5", load_published().result("lenet5"), SUMMARY, "better"),
    ComparedRow("b", PublishedResult(label="B", error_pct=12.0, source='Fig. 9, "B"'), SUMMARY, "inconclusive"),
]


def test_csv_has_the_promised_columns_and_three_decimals() -> None:
    first, second = csv.DictReader(io.StringIO(comparison_csv(ROWS)))
    assert first == {
        "row": "lenet5",
        "paper_error_pct": "0.95",
        "paper_source": "Fig. 9, p. 12; section III.B",
        "error_pct": "0.667",
        "ci_low": "0.560",
        "ci_high": "0.775",
        "seeds": "3",
        "verdict": "better",
    }
    assert (second["paper_error_pct"], second["paper_source"]) == ("12", 'Fig. 9, "B"')
    assert "\r" not in comparison_csv(ROWS)


def test_a_softmax_head_is_named_and_the_papers_is_not() -> None:
    assert row_label("lenet5", "rbf") == "lenet5"
    assert row_label("lenet5", "softmax") == "lenet5 (softmax head)"


def test_markdown_table_is_made_from_the_csv() -> None:
    lines = comparison_table(comparison_csv(ROWS)).splitlines()
    assert len(lines) == 4
    assert lines[2] == "| lenet5 | 0.95 | Fig. 9, p. 12; section III.B | 0.667 | 0.560 to 0.775 | 3 | **better** |"
    assert {line.count("|") for line in lines} == {8}


def test_page_says_how_to_read_the_table_and_which_paper_is_meant() -> None:
    page = comparison_page(comparison_csv(ROWS), load_published().citation, 0.9, 0.3, "../docs/verdicts.md")
    assert comparison_table(comparison_csv(ROWS)) in page
    for part in ("a 90 % interval", "0.3 percentage points", "[docs/verdicts.md](../docs/verdicts.md)", "86(11)"):
        assert part in page
