"""All that the paper printed and drew, together."""

import math
from dataclasses import dataclass
from functools import cache

from lenet5.errors import UserError
from lenet5.paper.figures import (
    FittedMaps,
    MisclassifiedIn1998,
    PaperFigures,
    load_figures,
    load_fitted_maps,
    load_misclassified,
)
from lenet5.paper.published import Published, PublishedResult, load_published


@dataclass(frozen=True)
class Paper:
    """The numbers of the text and of Figs. 5 and 9, those of the other figures, and the patterns of Figs. 7 and 8."""

    published: Published
    figures: PaperFigures
    fitted_maps: FittedMaps
    misclassified: MisclassifiedIn1998

    def error_of(self, key: str, origin: str) -> tuple[PublishedResult, float]:
        """The error rate named `key`, a bar of Fig. 9 or else a point of Fig. 6, and its uncertainty in percent.

        Args:
            origin: the name of the setting that asks for it, for the message.

        Raises:
            UserError: there is no such rate; the line names those there are.
        """
        uncertainty, sets = self.published.uncertainty.pct, self.figures.training_sets
        if key in self.published.results:
            return self.published.results[key], uncertainty
        if key not in sets.points:
            known = ", ".join(dict.fromkeys([*self.published.results, *sets.points]))
            raise UserError(f"{origin}: no published result is called {key!r}; there are {known}")
        point = sets.points[key]
        label, source = f"LeNet-5, {point.label} patterns", f"{sets.source}, digitised"
        result = PublishedResult(label=label, error_pct=point.test_error_pct, source=source)
        return result, math.hypot(uncertainty, sets.reading_error_pct)


@cache
def load_paper() -> Paper:
    """Read and validate all data files of this package but that of the fidelity page.

    Raises:
        UserError: one of them is not valid; the line names it and the first bad key.
    """
    return Paper(load_published(), load_figures(), load_fitted_maps(), load_misclassified())
