"""The figures of the paper's experiment as PNG."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lenet5.data.distortions import distort, draw_maps
from lenet5.overlap import shared_errors
from lenet5.paper.figures import FittedMaps, MisclassifiedIn1998, PaperFigures
from lenet5.paper.whole import Paper
from lenet5.params import Distortions
from lenet5.report.bars import Bars, bars
from lenet5.report.choices import choices
from lenet5.report.distorted import distorted_patterns
from lenet5.report.errors import misclassified_gallery
from lenet5.report.paper.findings import Findings
from lenet5.report.passes import PassErrors, errors_by_pass
from lenet5.report.rates import first_pass_rates
from lenet5.report.rejected import rejections
from lenet5.report.set_sizes import SizeErrors, errors_by_size
from lenet5.report.shared_errors import shared_error_matrix
from lenet5.report.style import png_bytes
from pipeline.paper.analysis import DISTORTED, PLAIN, Results, rejection_curves

SEED = 1998
"""Of the distortions that are shown."""


def draw(results: Results, findings: Findings, publication: Paper) -> dict[str, bytes]:
    """All figures but that of the distortions, by the names of their files."""
    pairs, figures, wrong_1998 = (PLAIN, DISTORTED), publication.figures, publication.misclassified
    plain = results[PLAIN]
    networks = [PassErrors(*curves) for curves in zip(plain.test_curves, plain.train_curves, strict=True)]
    drawn = {
        "passes": errors_by_pass({PLAIN: networks}, publication.published.training_curves),
        "set-sizes": errors_by_size(sizes(results, findings, figures), figures.training_sets),
        "shared-errors": shared_error_matrix(*shared(results, wrong_1998)),
        "rejection": rejections(
            rejection_bars(findings, figures),
            {row: list(rejection_curves(results[row]).values()) for row in pairs},
            figures.rejection.remaining_error_pct,
        ),
        "costs": bars(cost_bars(findings, figures)),
        "choices": choices(findings.tried),
        "rates": first_pass_rates(findings.tried.rates, figures.first_pass_rates),
    }
    return {name: png_bytes(figure) for name, figure in drawn.items()} | {"errors": errors(results, wrong_1998)}


def sizes(results: Results, findings: Findings, figures: PaperFigures) -> list[SizeErrors]:
    """The points of Fig. 6."""
    return [
        SizeErrors(
            point,
            findings.compared[row].summary.errors_pct,
            results[row].train_curves[:, -1].tolist(),
            findings.compared[row].summary.ci_low_pct,
            findings.compared[row].summary.ci_high_pct,
        )
        for row, point in figures.training_sets.points.items()
        if row in results
    ]


def shared(results: Results, wrong_1998: MisclassifiedIn1998) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Names of the networks, that of 1998 first, and how many errors each pair shares."""
    names = ["1998 (Fig. 8)"]
    correct = [wrong_1998.correct(results[PLAIN].correct.shape[1])]
    for row in (DISTORTED, PLAIN):
        names += [f"{row}, {seed}" for seed in results[row].predictions]
        correct += list(results[row].correct)
    return names, shared_errors(np.stack(correct))


def rejection_bars(findings: Findings, figures: PaperFigures) -> Bars:
    """Fig. 10."""
    ours = {
        f"LeNet-5 here: {row}": [each.rejected_pct for each in networks.values()]
        for row, networks in findings.rejected.items()
    }
    target = figures.rejection.remaining_error_pct
    unit = f"test patterns rejected for {target:g} % error on the rest [%]"
    return Bars(figures.rejection.source, unit, figures.rejection.bars, ours, lambda value: f"{value:.2g}")


def cost_bars(findings: Findings, figures: PaperFigures) -> list[Bars]:
    """Figs. 11 and 12."""
    costs, counted = figures.costs, findings.counted
    multiply_adds = {name: cost.multiply_adds for name, cost in costs.thousands.items()}
    variables = {name: cost.variables for name, cost in costs.thousands.items()}
    ours = {
        "here: multiplications": [counted.multiply_adds / 1000],
        "here: connections": [counted.connections / 1000],
        "here: both and variables": [(counted.connections + counted.trainable) / 1000],
    }
    stored = {"here: trained": [counted.trainable / 1000], "here: codes": [counted.fixed / 1000]}
    return [
        Bars(costs.source_multiply_adds, "multiply-adds, thousands", multiply_adds, ours, written, logarithmic=True),
        Bars(costs.source_variables, "variables, thousands", variables, stored, written, logarithmic=True),
    ]


def written(thousands: float) -> str:
    return f"{thousands:,.0f}" if thousands >= 10 else f"{thousands:.2g}"


def errors(results: Results, wrong_1998: MisclassifiedIn1998) -> bytes:
    """Fig. 8: what the first network with distortions gets wrong; framed are those of 1998."""
    wrong, seed = results[DISTORTED].misclassified, next(iter(results[DISTORTED].predictions))
    again = np.isin(wrong.index, wrong_1998.index)
    framed = (again, f"the {int(again.sum())} wrong in 1998 too")
    title = f"{DISTORTED}, seed {seed}"
    return png_bytes(misclassified_gallery(title, wrong.images, wrong.label, wrong.predicted, framed))


def draw_distortions(images: Tensor, fits: FittedMaps, ranges: Distortions) -> bytes:
    """Fig. 7: the patterns that it was made of, those of the figure redrawn from the fits, and others drawn here.

    Args:
        images: all training patterns [n, 32, 32].
    """
    originals = images[torch.from_numpy(fits.training_index)]
    fitted = distort(originals, torch.from_numpy(fits.maps).float())
    maps = draw_maps(ranges.model_copy(update={"original": 0.0}), SEED, 1, len(originals))
    each_digit = originals.view(10, -1, 32, 32)[:, :1]
    blocks = {"": each_digit, "Fig. 7, redrawn from the fits": fitted, "drawn here": distort(originals, maps)}
    return png_bytes(distorted_patterns({title: as_rows(block) for title, block in blocks.items()}))


def as_rows(patterns: Tensor) -> npt.NDArray[np.float32]:
    """Patterns as [10 digits, columns, 32, 32]."""
    rows: npt.NDArray[np.float32] = patterns.reshape(10, -1, 32, 32).numpy()
    return rows
