"""Where the stages of the 1998 experiment keep things."""

from pathlib import Path

REPORTS = Path("reports/paper")
CHOICES = REPORTS / "choices.csv"
RATES = REPORTS / "rates.csv"
CHOSEN = REPORTS / "chosen.yaml"
MODELS = Path("models-1998")
PREDICTIONS = REPORTS / "predictions"
CURVES = REPORTS / "curves.csv"
METRICS = REPORTS / "metrics.json"
COMPARISON = REPORTS / "comparison.csv"
OVERLAP = REPORTS / "overlap.csv"
REJECTION = REPORTS / "rejection.csv"
FIDELITY = REPORTS / "fidelity.md"
PAGE = REPORTS / "README.md"
FIGURES = REPORTS / "figures"
