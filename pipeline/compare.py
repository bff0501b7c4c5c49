"""Lays the results beside the paper: comparison.csv and .md with a verdict for each row, the figures, and the page."""

import numpy as np
import numpy.typing as npt

from lenet5.paper.published import Published, load_published
from lenet5.params import Params, Train
from lenet5.report.curves import training_curves
from lenet5.report.errors import confusion_matrices, misclassified_gallery
from lenet5.report.style import png_bytes
from lenet5.report.tables import ComparedRow, comparison_csv, comparison_page, row_label
from lenet5.settings import Settings
from lenet5.statistics import confusion_counts, judge, summarise
from pipeline.files import (
    COMPARISON_CSV,
    COMPARISON_MD,
    FIGURES,
    MODELS,
    PAGE,
    PREDICTIONS,
    write_text,
    writing_folder,
)
from pipeline.results import (
    RowResults,
    read_history,
    read_misclassified,
    read_predictions,
    refuse_other_labels,
    seed_files,
)
from pipeline.study_figures import draw_study

RULE = "../docs/verdicts.md"


def main(params: Params, settings: Settings) -> None:
    """Compare every row of `params.train` with the paper's number that it names.

    Raises:
        UserError: a row names no published result, or a result file is missing, stray or damaged.
    """
    published = load_published()
    for row, setting in params.train.rows.items():
        published.result(setting.paper, f"train.rows.{row}.paper")
    results = read_results(params.train)
    rows = [compare_row(row, results[row], params, published) for row in params.train.rows]
    figures = draw_figures(params.train, results, published) | draw_study()

    # Late: it loads torch, which a refusal need not wait for.
    from pipeline.page import page_of

    table = comparison_csv(rows)
    labels = {row: compared.label for row, compared in zip(params.train.rows, rows, strict=True)}
    page = page_of(params, results, labels, published, table, figures)
    write_text(COMPARISON_CSV, table)
    confidence, margin_pct = params.compare.confidence, params.compare.equivalence_margin_pct
    write_text(COMPARISON_MD, comparison_page(table, published.citation, confidence, margin_pct, RULE))
    with writing_folder(FIGURES) as folder:
        for name, figure in figures.items():
            (folder / f"{name}.png").write_bytes(figure)
    write_text(PAGE, page)
    for compared in rows:
        ours, paper = compared.summary.error_pct, compared.published.error_pct
        print(f"{compared.label}: {ours:.3f} %, the paper {paper:g} %: {compared.verdict}")


def read_results(train: Train) -> dict[str, RowResults]:
    """Read the results of every listed row.

    Raises:
        UserError: a file is missing, stray or damaged, or two files of predictions are not of the same test set.
    """
    predictions = {
        row: {seed: read_predictions(path) for seed, path in files.items()}
        for row, files in seed_files(PREDICTIONS, train).items()
    }
    histories = {
        row: {seed: read_history(path) for seed, path in files.items()}
        for row, files in seed_files(MODELS, train).items()
    }
    refuse_other_labels(PREDICTIONS, predictions)
    first = train.seeds[0]
    return {
        row: RowResults(
            predictions[row],
            histories[row],
            read_misclassified(PREDICTIONS / row / "errors.safetensors", predictions[row][first]),
        )
        for row in train.rows
    }


def compare_row(row: str, results: RowResults, params: Params, published: Published) -> ComparedRow:
    """Summarise a row over its seeds and judge it against the published result that it names."""
    setting = params.train.rows[row]
    result = published.result(setting.paper)
    correct = np.stack([found.predicted == found.label for found in results.predictions.values()])
    summary = summarise(correct, params.compare.confidence)
    verdict = judge(
        summary,
        result.error_pct,
        published.uncertainty.pct,
        params.compare.confidence,
        params.compare.equivalence_margin_pct,
    )
    return ComparedRow(row_label(row, setting.head), result, summary, verdict)


def draw_figures(train: Train, results: dict[str, RowResults], published: Published) -> dict[str, bytes]:
    """The figures of the rows as PNG, by the names of their files."""
    labels = {row: row_label(row, setting.head) for row, setting in train.rows.items()}
    curves = {
        labels[row]: [history.train_error_pct for history in result.histories.values()]
        for row, result in results.items()
    }
    confusions = {labels[row]: confusion_over_seeds(result) for row, result in results.items()}
    network = published.result(published.training_curves.result).label
    figures = {
        "curves": training_curves(curves, published.training_curves, network),
        "confusion": confusion_matrices(confusions, len(train.seeds)),
    }
    for row, result in results.items():
        wrong = result.misclassified
        title = f"{labels[row]}, seed {train.seeds[0]}"
        figures[f"errors-{row}"] = misclassified_gallery(title, wrong.images, wrong.label, wrong.predicted)
    return {name: png_bytes(figure) for name, figure in figures.items()}


def confusion_over_seeds(results: RowResults) -> npt.NDArray[np.int64]:
    """The confusion matrix [true, predicted] of all the row's networks together."""
    found = results.predictions.values()
    return confusion_counts(
        np.concatenate([predictions.label for predictions in found]),
        np.concatenate([predictions.predicted for predictions in found]),
    )
