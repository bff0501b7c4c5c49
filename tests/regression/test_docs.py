"""The gate for another project, as docs/ci.md has it, works."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.valid_params import ROOT

(CODE,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), flags=re.DOTALL)
KEPT = {"exact": {"data": {"digest": "a"}, "training": {"loss": "0.5"}}, "structure": {"network": {"weights": "10"}}}
RESEEDINGS = {"row": np.array([[2.9, 3.1], [3.0, 3.2], [2.8, 3.0], [3.0, 3.0]])}


@pytest.fixture
def gate() -> Callable[..., int]:
    names: dict[str, Any] = {}
    exec(CODE, names)
    found: Callable[..., int] = names["gate"]
    return found


def test_it_is_no_longer_than_promised() -> None:
    assert len([line for line in CODE.splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize(
    ("changed", "error_pct", "said", "code"),
    [
        ({}, 3.0, "unchanged", 0),
        ({"exact": {"data": {"digest": "a"}, "training": {"loss": "0.6"}}}, 3.0, "changed training", 1),
        ({"exact": {"data": {"digest": "b"}, "training": {"loss": "0.6"}}}, 9.0, "worse data", 1),
        ({"structure": {"network": {"weights": "11"}}}, 3.0, "changed network", 1),
    ],
)
def test_it_gives_a_verdict_and_a_place(
    gate: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, Any],
    error_pct: float,
    said: str,
    code: int,
) -> None:
    now = KEPT | changed | {"errors_pct": {"row": np.array([error_pct, error_pct])}}
    assert gate(KEPT, now, RESEEDINGS) == code
    assert capsys.readouterr().out.strip() == said
