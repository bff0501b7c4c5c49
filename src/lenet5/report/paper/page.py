"""Figure by figure what of the experiment of 1998 reproduces, by how much, and how surely."""

from lenet5.paper.whole import Paper
from lenet5.report.markdown import wrapped
from lenet5.report.paper.costs import costs_section, rejection_section
from lenet5.report.paper.errors import errors_section
from lenet5.report.paper.findings import Findings
from lenet5.report.paper.open_points import open_points_section
from lenet5.report.paper.summary import in_short, verdict
from lenet5.report.paper.training import distortions_section, passes_section, sizes_section

INTRODUCTION = """# The experiment of 1998, figure by figure

LeNet-5 trained as the paper trained it: one pattern per update, stochastic diagonal Levenberg-Marquardt, the
published learning rates, RBF output. {networks} networks, {seeds} for each row. The test set was opened when all were
trained: for the curves and figures that the paper itself shows, and nothing was chosen by it. What the paper leaves
open was chosen on validation patterns ([below](#what-the-paper-leaves-open)). [fidelity.md](fidelity.md) lays every
stated fact of the experiment beside the code.

The paper's numbers in italics were read off its drawings. Intervals are {confidence:g} % ones; how a row is judged is
told in [docs/verdicts.md](../../docs/verdicts.md).
"""


def paper_page(findings: Findings, paper: Paper, confidence: float) -> str:
    """The whole page as Markdown."""
    published, figures = paper.published, paper.figures
    summaries = [row.summary for row in findings.compared.values()]
    networks, seeds = sum(each.seeds for each in summaries), summaries[0].seeds
    sections = (
        INTRODUCTION.format(networks=networks, seeds=seeds, confidence=100 * confidence),
        f"## In short\n\n{verdict(findings, published)}\n\n{in_short(findings, figures)}",
        passes_section(findings, published),
        sizes_section(findings, figures),
        distortions_section(findings, figures),
        errors_section(findings, figures),
        rejection_section(findings, figures),
        costs_section(findings, figures),
        open_points_section(findings, figures),
    )
    return wrapped("\n".join(sections))
