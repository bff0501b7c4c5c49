"""The sections on Figs. 10 to 12: rejection, multiply-adds, variables."""

from lenet5.paper.figures import PaperFigures
from lenet5.report.markdown import table
from lenet5.report.paper.findings import Findings


def rejection_section(findings: Findings, figures: PaperFigures) -> str:
    """Fig. 10: how many patterns must go."""
    lines = [
        (
            row,
            str(seed),
            f"{each.error_pct:.2f}",
            f"{each.rejected_pct:.2f}",
            f"{each.remaining_error_pct:.3f}",
            f"{each.threshold:.3g}",
        )
        for row, networks in findings.rejected.items()
        for seed, each in networks.items()
    ]
    heads = ("row", "seed:", "error [%]:", "rejected [%]:", "error on the rest [%]:", "threshold:")
    return f"""## Fig. 10: rejection

![The bars of Fig. 10 with ours, and our error on the rest by the share rejected](figures/rejection.png)

A pattern is rejected if the penalties of the two likeliest classes differ by less than a threshold; the figure tells
how many must go until {figures.rejection.remaining_error_pct:g} % of the rest are wrong. The paper has no bar for
LeNet-5. The threshold is found on the test patterns themselves, here as (by all that it says) there.

{table(heads, lines)}
[rejection.csv](rejection.csv) is this table.
"""


def costs_section(findings: Findings, figures: PaperFigures) -> str:
    """Figs. 11 and 12: counted from the layers."""
    counted, paper = findings.counted, figures.costs.thousands[figures.costs.network]
    stated = figures.network
    section = stated.source.split(",")[0]
    lines = [
        ("multiplications by a weight", f"{counted.multiply_adds:,}", "not stated"),
        ("connections, as section II.B counts", f"{counted.connections:,}", f"{stated.connections:,} ({section})"),
        ("variables that are trained", f"{counted.trainable:,}", f"{stated.trainable:,} ({section})"),
        ("Fig. 12's bar for LeNet-5", "", f"{paper.variables:g},000"),
        ("connections and trained variables", f"{counted.connections + counted.trainable:,}", "not stated"),
        ("Fig. 11's bar for LeNet-5", "", f"{paper.multiply_adds:g},000"),
        ("components of the output codes, fixed", f"{counted.fixed:,}", "not counted"),
    ]
    return f"""## Figs. 11 and 12: what recognition costs

![The bars of Figs. 11 and 12 with ours](figures/costs.png)

Counted from the layers of the network that is trained here. Fig. 11's bar is neither its multiplications nor its
connections, but to the thousand the sum of connections and variables; whether it came about so is not known.

{table(("what", "counted:", "the paper:"), lines)}"""
