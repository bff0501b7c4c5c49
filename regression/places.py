"""Where the gate keeps things."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRATCH = ROOT / ".cache" / "regression"
"""Where the small pipeline runs, and what it said."""
PROFILE = Path(__file__).with_name("profile.yaml")
BASELINE = Path(__file__).with_name("baseline")
REPORTS = ROOT / "reports" / "regression"
