"""The repository's params.yaml, and any other valid one."""

import string
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

from lenet5.hyperparameters import HYPERPARAMETER, PAPER_SIZES

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "params.yaml").read_text()
CONTENT: dict[str, Any] = YAML(typ="safe").load(TEXT)

NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
LIMITS = {
    "learning_rate": (1e-6, 10.0), "momentum": (0.0, 0.99), "weight_decay": (1e-9, 1.0), "j": (1e-3, 1000.0),
    "energy_scale": (1e-3, 10.0),
}  # fmt: skip
MOST = {"batch_size": 60_000, "c1_maps": 64, "c3_maps": 256, "c5_units": 2048}


def pairs(low: float, high: float) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(low, high), min_size=2, max_size=2).map(sorted)


@st.composite
def dimensions(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Some valid dimension of the search space."""
    choices: list[Any]
    if name in MOST:
        choices = draw(st.lists(st.integers(1, MOST[name]), min_size=1, max_size=4))
        low, high = min(choices), max(choices)
        numbers = {"type": "int", "low": low, "high": high, "log": draw(st.booleans())}
    else:
        choices = draw(pairs(*LIMITS[name]))
        numbers = {"type": "float", "low": choices[0], "high": choices[1], "log": choices[0] > 0}
    return numbers if draw(st.booleans()) else {"type": "categorical", "choices": choices}


def searched_names() -> st.SearchStrategy[list[str]]:
    """All hyperparameters but for some of the sizes; F6 must stay as it is if a row has the RBF head."""
    sizes = [name for name in PAPER_SIZES if name != "f6_units"]
    needed = [name for name in HYPERPARAMETER if name not in PAPER_SIZES]
    return st.lists(st.sampled_from(sizes), unique=True).map(lambda some: needed + some)


SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def rows_of_the_table(draw: st.DrawFn) -> dict[str, Any]:
    """One row of train.rows."""
    network = draw(st.sampled_from(["lenet5", "lenet5-modern"]))
    head = draw(st.sampled_from(["rbf", "softmax"] if network == "lenet5" else ["softmax"]))
    return {"network": network, "head": head, "distortions": draw(st.booleans()), "paper": draw(NAMES)}


@st.composite
def searches(draw: st.DrawFn, rows: list[str]) -> dict[str, Any]:
    """The block `search`, for one of `rows`."""
    round_size = draw(st.integers(1, 50))
    return {
        "row": draw(st.sampled_from(rows)),
        "seed": draw(SEEDS),
        "trials": round_size * draw(st.integers(1, 5)),
        "round_size": round_size,
        "rungs": sorted(draw(st.sets(st.integers(1, 50), min_size=1, max_size=5))),
        "keep": draw(st.floats(0.01, 1)),
        "startup_trials": draw(st.integers(1, 100)),
        "space": {name: draw(dimensions(name)) for name in draw(searched_names())},
    }


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """Some valid params file, as plain YAML content."""
    rows = draw(st.dictionaries(NAMES, rows_of_the_table(), min_size=1, max_size=4))
    seeds = draw(st.lists(SEEDS, min_size=1, max_size=5, unique=True))
    return CONTENT | {
        "numerics": draw(st.sampled_from(["portable", "native"])),
        "prepare": {"validation_size": draw(st.integers(10, 50_000)), "seed": draw(SEEDS)},
        "distortions": {
            "original": draw(st.floats(0, 1)),
            "scale": draw(pairs(0.1, 10)),
            "scale_centre_row": draw(st.floats(0, 31)),
            "squeeze": draw(pairs(0.1, 10)),
            "shear": draw(pairs(-1, 1)),
            "shift": draw(pairs(-10, 10)),
        },
        "search": draw(searches(sorted(rows))),
        "train": {"epochs": draw(st.integers(1, 1000)), "seeds": seeds, "rows": rows},
    }
