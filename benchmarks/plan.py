"""How much is measured: for medians, in 45 minutes on two quiet cores; or little, to see that all of it runs."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRATCH = ROOT / ".cache" / "bench"
"""Copies of the project to work on, and what the contestants say on stderr."""


@dataclass(frozen=True)
class Plan:
    """Sizes and repeats of one run, and where its report goes."""

    report: Path
    repeats: int
    patterns: int
    """Of a whole epoch."""
    fewer_patterns: int
    """Of the epochs at another batch size or with distortions."""
    test_patterns: int
    growth_patterns: tuple[int, ...]
    growth_trials: tuple[int, ...]
    study_patterns: int
    """Of the small jobs behind the growth of a study."""
    trials: int
    round_size: int
    stock_trials: int
    """How many of them the stock recipe runs."""
    free_trials: int
    """Of the study whose jobs cost nothing."""
    profiled_steps: int
    whole: bool
    """Whether `search` and `dvc repro` run with the params of the project, or with small ones."""


FULL = Plan(
    report=Path("reports/bench"),
    repeats=3,
    patterns=60_000,
    fewer_patterns=20_000,
    test_patterns=10_000,
    growth_patterns=(10_000, 20_000, 40_000, 60_000),
    growth_trials=(8, 16, 24),
    study_patterns=5_000,
    trials=24,
    round_size=8,
    stock_trials=2,
    free_trials=2_000,
    profiled_steps=100,
    whole=True,
)
QUICK = Plan(
    report=Path(".cache/bench/quick"),
    repeats=2,
    patterns=1_000,
    fewer_patterns=500,
    test_patterns=1_000,
    growth_patterns=(500, 1_000, 1_500),
    growth_trials=(2, 4, 6),
    study_patterns=300,
    trials=4,
    round_size=2,
    stock_trials=1,
    free_trials=40,
    profiled_steps=10,
    whole=False,
)
