"""The CSV files of the comparison with 1998, network by network."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from lenet5.against_1998 import Against1998
from lenet5.report.paper.findings import Rejected

OVERLAP_COLUMNS = (
    "row", "seed", "errors", "shared", "same_answer", "expected_by_chance", "chance_p_value", "only_ours", "only_1998",
    "mcnemar_p_value",
)  # fmt: skip
REJECTION_COLUMNS = ("row", "seed", "error_pct", "rejected_pct", "threshold", "remaining_error_pct")


def overlap_csv(rows: Mapping[str, Mapping[int, Against1998]]) -> str:
    """What each network shares with that of 1998."""
    return csv_text(
        OVERLAP_COLUMNS,
        (
            (
                *(row, seed, pair.errors, pair.shared, pair.same_answer, f"{pair.expected_by_chance:.3f}"),
                *(f"{pair.chance_p_value:.3g}", pair.only_ours, pair.only_1998, f"{pair.mcnemar_p_value:.4f}"),
            )
            for row, networks in rows.items()
            for seed, pair in networks.items()
        ),
    )


def rejection_csv(rows: Mapping[str, Mapping[int, Rejected]]) -> str:
    """What each network must reject."""
    return csv_text(
        REJECTION_COLUMNS,
        (
            (
                *(row, seed, f"{each.error_pct:.2f}", f"{each.rejected_pct:.2f}"),
                *(f"{each.threshold:.6g}", f"{each.remaining_error_pct:.4f}"),
            )
            for row, networks in rows.items()
            for seed, each in networks.items()
        ),
    )


def csv_text(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A header and the lines below it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue()
