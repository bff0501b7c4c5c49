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
    kind = draw(st.sampled_from(["choices", "steps", "range"]))
    whole = name in MOST
    values: st.SearchStrategy[Any] = st.integers(1, MOST[name]) if whole else st.floats(*LIMITS[name])
    if kind == "choices":
        return {"type": "categorical", "choices": draw(st.lists(values, min_size=1, max_size=4, unique=True))}
    numbers: dict[str, Any] = {"type": "int" if whole else "float"}
    if kind == "steps" and whole:
        step = draw(st.integers(1, 5))
        low = draw(st.integers(1, MOST[name] // 2))
        return numbers | {"low": low, "high": low + step * draw(st.integers(0, 5)), "step": step}
    low, high = sorted(draw(st.lists(values, min_size=2, max_size=2)))
    if kind == "steps":
        return numbers | {"low": 0.25, "high": 0.75, "step": draw(st.sampled_from([0.05, 0.1, 0.25, 0.5]))}
    return numbers | {"low": low, "high": high, "log": draw(st.booleans()) if low > 0 else False}


def some_values(dimension: dict[str, Any]) -> list[Any]:
    """Values that the dimension has."""
    return list(dimension.get("choices", [dimension.get("low"), dimension.get("high")]))


@st.composite
def spaces(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """A dimension for each name; some are searched only when one before them has a certain value."""
    space: dict[str, Any] = {}
    for name in names:
        space[name] = draw(dimensions(name))
        if len(space) > 1 and draw(st.integers(0, 3)) == 0:
            other = draw(st.sampled_from([each for each in space if each != name]))
            wanted = draw(st.lists(st.sampled_from(some_values(space[other])), min_size=1, max_size=2))
            condition = wanted if draw(st.booleans()) else wanted[0]
            space[name] |= {"when": {other: condition}, "default": draw(st.sampled_from(some_values(space[name])))}
    return dict(draw(st.permutations(list(space.items()))))


def points(space: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Points to try first: of dimensions that are always searched."""
    free = {name: st.sampled_from(some_values(each)) for name, each in space.items() if "when" not in each}
    return st.fixed_dictionaries({}, optional=free).filter(bool)


@st.composite
def searched_and_fixed(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """The space and the fixed values; F6 must stay as it is if a row has the RBF head."""
    sizes = draw(st.lists(st.sampled_from([name for name in PAPER_SIZES if name != "f6_units"]), unique=True))
    needed = draw(st.permutations([name for name in HYPERPARAMETER if name not in PAPER_SIZES]))
    count = draw(st.integers(1, len(needed)))
    space = draw(spaces([*needed[:count], *sizes]))
    fixed = {name: some_values(draw(dimensions(name)))[0] for name in needed[count:]}
    return space, fixed


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
    space, fixed = draw(searched_and_fixed())
    return {
        "row": draw(st.sampled_from(rows)),
        "seed": draw(SEEDS),
        "trials": round_size * draw(st.integers(1, 5)),
        "round_size": round_size,
        "rungs": sorted(draw(st.sets(st.integers(1, 50), min_size=1, max_size=5))),
        "keep": draw(st.floats(0.01, 1)),
        "startup_trials": draw(st.integers(1, 100)),
        "objectives": draw(st.sampled_from([["val_error_pct"], ["val_error_pct", "multiply_adds"]])),
        "sampler": draw(st.sampled_from(["tpe", "random", "qmc", "gp"])),
        "pruner": draw(st.sampled_from(["halving", "median", "none"])),
        "space": space,
        "fixed": fixed,
        "enqueue": draw(st.lists(points(space), max_size=1))
        if any("when" not in space[name] for name in space)
        else [],
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
