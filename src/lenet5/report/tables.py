"""The comparison with the paper as CSV, and as Markdown made from that CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lenet5.paper.published import Citation, PublishedResult
from lenet5.params import HeadName

if TYPE_CHECKING:  # it loads scipy, which takes longer than naming a row should
    from lenet5.statistics import RowSummary, Verdict

COLUMNS = ("row", "paper_error_pct", "paper_source", "error_pct", "ci_low", "ci_high", "seeds", "verdict")


@dataclass(frozen=True)
class ComparedRow:
    """One row of the results table beside the paper's number."""

    label: str
    published: PublishedResult
    summary: "RowSummary"
    verdict: "Verdict"


def row_label(row: str, head: HeadName) -> str:
    """How tables and figures call a row: the head of the paper goes without saying, a softmax head is named."""
    return row if head == "rbf" else f"{row} ({head} head)"


def comparison_csv(rows: Sequence[ComparedRow]) -> str:
    """The comparison as CSV: rates and interval in percent, ours to three decimals, the paper's as printed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        ours = (row.summary.error_pct, row.summary.ci_low_pct, row.summary.ci_high_pct)
        published = (f"{row.published.error_pct:g}", row.published.source)
        writer.writerow((row.label, *published, *(f"{value:.3f}" for value in ours), row.summary.seeds, row.verdict))
    return text.getvalue()


def comparison_table(comparison: str) -> str:
    """The text of comparison.csv as a Markdown table, for a person: interval in one column, units in the heads."""
    lines = [
        "| row | paper [%] | source | here [%] | interval [%] | seeds | verdict |",
        "|---|--:|---|--:|:-:|--:|---|",
    ]
    for row in csv.DictReader(io.StringIO(comparison)):
        interval = f"{row['ci_low']} to {row['ci_high']}"
        cells = (row["row"], row["paper_error_pct"], row["paper_source"], row["error_pct"], interval, row["seeds"])
        lines.append(f"| {' | '.join(cells)} | **{row['verdict']}** |")
    return "\n".join(lines) + "\n"


def comparison_page(comparison: str, citation: Citation, confidence: float, margin_pct: float, rule: str) -> str:
    """The table with what is needed to read it; `rule` is the link to the rule behind the verdicts."""
    paper = (
        f"{', '.join(citation.authors)}: *{citation.title}*, {citation.journal} {citation.volume}({citation.number}), "
        f"{citation.pages}, {citation.year}, doi:{citation.doi}"
    )
    return f"""# Comparison with the paper

{comparison_table(comparison)}
Error rates on the MNIST test set, mean over the seeds, with a {100 * confidence:g} % interval that counts both the
seeds and the test set. The verdict sets the difference from the paper against that and against the paper's own
uncertainty; "reproduced" means shown to differ by less than {margin_pct:g} percentage points. The rule is in
[{rule.removeprefix("../")}]({rule}).

The paper: {paper}.
"""
