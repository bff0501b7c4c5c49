"""Lays the experiment of 1998 beside the paper: tables, figures, and the page that tells what reproduces."""

from collections.abc import Mapping, Sequence

from lenet5.data.prepared import load_training_data
from lenet5.errors import UserError
from lenet5.paper.fidelity import load_fidelity
from lenet5.paper.whole import load_paper
from lenet5.params import Compare, Distortions, Params
from lenet5.report.paper.fidelity import fidelity_page
from lenet5.report.paper.page import paper_page
from lenet5.report.tables import comparison_csv
from lenet5.sdlm.params import PaperParams
from lenet5.settings import Settings
from pipeline.files import TRAINING_DATA, write_text, writing_folder
from pipeline.paper.analysis import DISTORTED, PLAIN, analyse
from pipeline.paper.drawings import draw, draw_distortions
from pipeline.paper.files import COMPARISON, FIDELITY, FIGURES, OVERLAP, PAGE, REJECTION
from pipeline.paper.results import read_choices, read_rows
from pipeline.paper.tables import overlap_csv, rejection_csv


def main(params: Params, paper: PaperParams, _settings: Settings) -> None:
    """Compare all rows of the 1998 experiment; raises as `lay_beside` does."""
    rows = {name: row.paper for name, row in paper.train.rows.items()}
    lay_beside(rows, paper.train.seeds, paper.compare, params.distortions)


def lay_beside(rows: Mapping[str, str], seeds: Sequence[int], compare: Compare, distortions: Distortions) -> None:
    """Compare the networks of every row and seed with the paper.

    Args:
        rows: for each row, the key of the published result that it is judged by.

    Raises:
        UserError: a row is missing or names no published result, or a result file is missing, damaged or of another
            test set; nothing is written then.
    """
    publication = load_paper()
    for row in (PLAIN, DISTORTED):
        if row not in rows:
            raise UserError(f"train.rows: {row} is missing; the figures of the paper need it")
    for row, key in rows.items():
        publication.error_of(key, f"train.rows.{row}.paper")
    results = read_rows(list(rows), seeds)
    findings = analyse(results, rows, read_choices(), publication, compare, distortions)
    drawn = draw(results, findings, publication)
    images = load_training_data(TRAINING_DATA).images
    drawn["distortions"] = draw_distortions(images, publication.fitted_maps, distortions)

    write_text(COMPARISON, comparison_csv(list(findings.compared.values())))
    write_text(OVERLAP, overlap_csv(findings.against_1998))
    write_text(REJECTION, rejection_csv(findings.rejected))
    write_text(PAGE, paper_page(findings, publication, compare.confidence))
    write_text(FIDELITY, fidelity_page(load_fidelity(), findings.tried.conventions))
    with writing_folder(FIGURES) as folder:
        for name, figure in drawn.items():
            (folder / f"{name}.png").write_bytes(figure)
    for compared in findings.compared.values():
        ours, published = compared.summary.error_pct, compared.published.error_pct
        print(f"{compared.label}: {ours:.3f} %, the paper {published:g} %: {compared.verdict}")
