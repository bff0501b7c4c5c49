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
