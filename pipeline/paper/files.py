"""Where the paper's own experiment keeps things, from the root of the repository."""

from pathlib import Path

REPORTS = Path("reports/paper")
PREDICTIONS = REPORTS / "predictions"
CURVES = REPORTS / "curves.csv"
CHOICES = REPORTS / "choices.csv"
COMPARISON = REPORTS / "comparison.csv"
OVERLAP = REPORTS / "overlap.csv"
REJECTION = REPORTS / "rejection.csv"
FIDELITY = REPORTS / "fidelity.md"
PAGE = REPORTS / "README.md"
FIGURES = REPORTS / "figures"
