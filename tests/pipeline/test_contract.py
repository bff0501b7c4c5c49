"""Each dvc.yaml lists for a stage exactly what it runs on: no module, key or file is missing, none is there in vain."""

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest
from ruamel.yaml import YAML

from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Distortions, Range
from lenet5.training.job import TrainingJob
from pipeline import files
from pipeline.__main__ import STAGES as OF_THE_MAIN_PIPELINE
from pipeline.paper import files as paper_files
from pipeline.paper.__main__ import STAGES as OF_THE_PAPER
from tests.pipeline.stage import ROOT

FILES = {"pipeline": "dvc.yaml", "pipeline.paper": "pipeline/paper/dvc.yaml"}
RUNNABLE = {"pipeline": OF_THE_MAIN_PIPELINE, "pipeline.paper": OF_THE_PAPER}
STAGES: dict[str, dict[str, Any]] = {
    f"{package}.{stage}": entry
    for package, file in FILES.items()
    for stage, entry in YAML(typ="safe").load(ROOT / file)["stages"].items()
}
"""Of both pipelines, by their modules."""
PAPER_PARAMS = "pipeline/paper/params.yaml"

# What these say may change without any result changing: that is what they are for.
NO_INFLUENCE = {
    "lenet5.settings",  # the environment: where and how fast, never what
    "lenet5.errors",  # the type of a message
    "pipeline.__main__",  # starts a stage; the arithmetic that it sets is numerics.py's
    "pipeline.paper.__main__",  # the same
    "pipeline.command",  # the same
    "pipeline.progress",  # what a person sees meanwhile
    "pipeline.study_view",  # the same
    "pipeline.live",  # what MLflow shows meanwhile
    "pipeline.live_table",  # the same
    "pipeline.live_study",  # the same
}
# The sign that MLflow has been filled: neither DVC nor git carries it to another checkout.
OF_THIS_CHECKOUT = {".cache/tracked.json", ".cache/tracked-1998.json"}
# Suffixes of files that are part of the program without being Python.
BESIDE_CODE = {".yaml", ".json", ".csv", ".j2", ".css", ".js"}
# Paths of pipeline/files.py that a stage uses by calling a function there.
PATHS_OF_FUNCTIONS = {"read_best": files.BEST}
NAMES_OF_FILES = {"pipeline.files": files, "pipeline.paper.files": paper_files}
NOT_OF_THE_STAGE = {
    # It tells the test set's digest, which dvc.lock has.
    "pipeline.track": {str(files.TEST_DATA)},
    "pipeline.paper.track": {str(files.TEST_DATA)},
}
"""Paths that a module of a stage names, but for another purpose than to read or write them."""


@cache
def imports() -> grimp.ImportGraph:
    """Who imports whom in the project, imports inside functions included; NO_INFLUENCE is taken out."""
    graph = grimp.build_graph("lenet5", "pipeline", exclude_type_checking_imports=True, cache_dir=None)
    for module in NO_INFLUENCE:
        graph.remove_module(module)
    return graph


def modules_behind(*roots: str) -> set[str]:
    """All that run when `roots` run, and they themselves; packages are left out, for they hold no code."""
    found = set(roots).union(*(imports().find_upstream_modules(root) for root in roots))
    return {module for module in found if source(module).name != "__init__.py"}


def source(module: str) -> Path:
    """The file of a module, from the root of the repository."""
    path = Path("src" if module.startswith("lenet5") else "", *module.split("."))
    return path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py")


def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / source(module)).read_text())


def entries(stage: str, *kinds: str) -> dict[str, dict[str, Any]]:
    """The paths that a stage lists under `kinds`, with their options."""
    listed = [entry for kind in kinds for entry in STAGES[stage].get(kind, [])]
    pairs = [(entry, {}) if isinstance(entry, str) else next(iter(entry.items())) for entry in listed]
    paths = dict(pairs)
    assert len(paths) == len(listed), f"{stage} lists something twice"
    return paths


def outs(stage: str) -> dict[str, dict[str, Any]]:
    return entries(stage, "outs", "metrics", "plots")


def is_code(path: str) -> bool:
    """Whether a dependency is part of the program rather than of its data."""
    return path.startswith(("src/", "pipeline/"))


def test_every_stage_is_there_and_runs_itself() -> None:
    assert list(STAGES) == [f"{package}.{stage}" for package, stages in RUNNABLE.items() for stage in stages]
    for module, entry in STAGES.items():
        package, _, stage = module.rpartition(".")
        assert entry["cmd"] == f"python -m {package} {stage}"
        # All paths are from the root of the repository.
        assert (Path(FILES[package]).parent / entry.get("wdir", ".")).resolve() == Path(".").resolve()


@pytest.mark.parametrize("stage", STAGES)
def test_code_listed_is_the_code_that_runs(stage: str) -> None:
    modules = modules_behind(stage)
    if "numerics" in params_of(stage):
        modules.add("lenet5.numerics")
    expected = {str(source(module)) for module in modules} | {file for module in modules for file in data_of(module)}
    assert {path for path in entries(stage, "deps") if is_code(path)} == expected


def data_of(module: str) -> set[str]:
    """Files beside a module that it names: `published.yaml`, the page's template."""
    texts = {node.value for node in ast.walk(tree(module)) if isinstance(node, ast.Constant)}
    names = {text for text in texts if isinstance(text, str) and Path(text).suffix in BESIDE_CODE}
    beside = {str(source(module).parent / name) for name in names}
    return {path for path in beside if (ROOT / path).is_file()}


def test_packages_hold_no_code() -> None:
    for folder in ("src", "pipeline"):
        for path in (ROOT / folder).rglob("__init__.py"):
            body = ast.parse(path.read_text()).body
            assert [type(node) for node in body] == [ast.Expr], f"{path}: more than a docstring"


def params_of(stage: str) -> set[str]:
    """The keys of params.yaml that a stage lists, and those of the paper's with the name of its file."""
    listed = STAGES[stage]["params"]
    others = [entry for entry in listed if isinstance(entry, dict)]
    assert [list(entry) for entry in others] in ([], [[PAPER_PARAMS]])
    of_the_paper = {f"{PAPER_PARAMS}:{key}" for entry in others for key in entry[PAPER_PARAMS]}
    return {entry for entry in listed if isinstance(entry, str)} | of_the_paper


@pytest.mark.parametrize("stage", STAGES)
def test_params_listed_are_those_that_the_stage_reads(stage: str) -> None:
    modules = [module for module in modules_behind(stage) if module.startswith("pipeline")]
    used = {key for module in modules for key in keys_read(tree(module), "params")}
    used |= {f"{PAPER_PARAMS}:{key}" for module in modules for key in keys_read(tree(module), "paper")}
    listed = params_of(stage)
    covered = {next((key for key in listed if f"{use}.".startswith(f"{key}.")), f"{use} is not listed") for use in used}
    # Set before the stage's own code runs.
    assert covered | ({"numerics"} & listed) == listed


def keys_read(node: ast.AST, block: str) -> set[str]:
    """`train.rows` for `params.train.rows` or `sources.params.train.rows`, if `block` is `params`; the longest chain of
    names counts."""
    names: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        names.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        names.insert(0, inner.id)
        key = ".".join(names[names.index(block) + 1 :]) if block in names else ""
        return {key} - {""}
    return {key for child in ast.iter_child_nodes(inner) for key in keys_read(child, block)}


@pytest.mark.parametrize("stage", STAGES)
def test_data_listed_is_what_the_stage_names(stage: str) -> None:
    named = {
        PATHS_OF_FUNCTIONS.get(alias.name, getattr(NAMES_OF_FILES[node.module or ""], alias.name))
        for module in modules_behind(stage)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ImportFrom) and node.module in NAMES_OF_FILES
        for alias in node.names
    }
    wanted = {str(path) for path in named - {files.JOB_CACHE} if isinstance(path, Path)}
    wanted -= NOT_OF_THE_STAGE.get(stage, set())
    listed = {path for path in entries(stage, "deps") if not is_code(path)} | set(outs(stage)) - OF_THIS_CHECKOUT
    assert {path if path in wanted else str(Path(path).parent) for path in listed} == wanted


def test_only_evaluate_depends_on_the_test_set() -> None:
    test_set = str(files.TEST_DATA)
    opened_by = [stage for stage in STAGES if test_set in entries(stage, "deps")]
    assert opened_by == ["pipeline.evaluate", "pipeline.paper.evaluate"]
    # Nor on a folder that holds it, nor on the raw files but for the stage that makes the tensors of them.
    parents = {str(parent) for parent in files.TEST_DATA.parents}
    assert [stage for stage in STAGES if parents & entries(stage, "deps").keys()] == []
    raw = [stage for stage in STAGES if any(path.startswith(str(files.RAW)) for path in entries(stage, "deps"))]
    assert raw == ["pipeline.prepare"]


def test_git_ignores_what_dvc_keeps_and_nothing_else() -> None:
    kept_by_dvc = {path: options.get("cache", True) for stage in STAGES for path, options in outs(stage).items()}
    # A slash at the end says that it is a folder, which git does not know of one that is not there.
    paths = "".join(f"{path}\n" if Path(path).suffix else f"{path}/\n" for path in kept_by_dvc)
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    answer = subprocess.run(command, input=paths, cwd=ROOT, capture_output=True, text=True).stdout
    ignored = {line.rstrip("/") for line in answer.splitlines()}
    assert ignored == {path for path, cached in kept_by_dvc.items() if cached} | OF_THIS_CHECKOUT


def test_job_cache_knows_all_the_code_of_a_job() -> None:
    package = ROOT / "src" / "lenet5"
    covered = {str(path.relative_to(ROOT)) for pattern in TrainingJob.CODE for path in package.glob(pattern)}
    modules = modules_behind("lenet5.training.module", "lenet5.training.cache")
    # These only give the values, which stand in the job's fingerprint: next test.
    values = {"lenet5.params", "lenet5.dimensions", "lenet5.hyperparameters", "lenet5.blocks"}
    expected = {str(source(module)) for module in modules - values}
    assert {path for path in covered if not path.endswith("__init__.py")} == expected


def test_params_of_a_job_are_nothing_but_values() -> None:
    for block in (Hyperparameters, Distortions, Range):
        functions = {name for name, member in vars(block).items() if callable(member) or hasattr(member, "__get__")}
        computing = {name for name in functions if not name.startswith("_") and not name.startswith("model_")}
        assert computing <= block.__pydantic_decorators__.model_validators.keys(), f"{block} computes something"
