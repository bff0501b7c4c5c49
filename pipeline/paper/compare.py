"""Lays the paper's own experiment beside the paper: tables, figures, and the page that tells what reproduces."""

from collections.abc import Sequence

from lenet5.data.prepared import load_training_data
from lenet5.paper.figures import load_figures, load_fitted_maps, load_misclassified
from lenet5.paper.published import load_published
from lenet5.params import Compare, Distortions
from lenet5.report.choices import ChoiceLine
from lenet5.report.paper.page import paper_page
from lenet5.report.tables import comparison_csv
from pipeline.files import TRAINING_DATA, write_text, writing_folder
from pipeline.paper.analysis import analyse
from pipeline.paper.drawings import draw, draw_distortions
from pipeline.paper.files import CHOICES, COMPARISON, CURVES, FIGURES, OVERLAP, PAGE, REJECTION
from pipeline.paper.results import read_lines, read_rows
from pipeline.paper.tables import overlap_csv, rejection_csv


def main(seeds: Sequence[int], compare: Compare, distortions: Distortions) -> None:
    """Compare the networks of `seeds` of every row of Fig. 6 with the paper.

    Raises:
        UserError: a result file is missing, damaged or of another test set; nothing is written then.
    """
    published, figures, fits, wrong_1998 = load_published(), load_figures(), load_fitted_maps(), load_misclassified()
    results = read_rows(list(figures.training_sets.points), seeds, CURVES)
    tried = read_lines(CHOICES, ChoiceLine)
    findings = analyse(results, tried, published, figures, fits, wrong_1998, compare, distortions)
    drawn = draw(results, findings, published, figures, wrong_1998)
    drawn["distortions"] = draw_distortions(load_training_data(TRAINING_DATA).images, fits, distortions)

    write_text(COMPARISON, comparison_csv(list(findings.compared.values())))
    write_text(OVERLAP, overlap_csv(findings.against_1998))
    write_text(REJECTION, rejection_csv(findings.rejected))
    write_text(PAGE, paper_page(findings, published, figures, compare.confidence))
    with writing_folder(FIGURES) as folder:
        for name, figure in drawn.items():
            (folder / f"{name}.png").write_bytes(figure)
    for row in findings.compared.values():
        print(f"{row.label}: {row.summary.error_pct:.3f} %, the paper {row.published.error_pct:g} %: {row.verdict}")
