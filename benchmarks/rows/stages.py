"""Rows of the pipeline: `dvc repro` from nothing and with nothing to do, the start of each stage, compare and track."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.copies import REPRODUCED, REPRODUCED_SMALL, Copy, copy_of_the_project, reproduced_copy
from benchmarks.plan import ROOT, SCRATCH, Plan
from benchmarks.processes import Turn, plain_environment, shown
from benchmarks.records import Measurement
from benchmarks.turns import measured
from lenet5.errors import UserError
from lenet5.params import load_params
from pipeline.__main__ import STAGES
from pipeline.files import RAW

RUNS = 100
"""Of a view that is filled without stages."""


def repro(plan: Plan) -> Iterator[Measurement]:
    """All stages, in a copy that has nothing but the project's files and the raw data; it is kept for other rows."""
    if not (ROOT / RAW).is_dir():
        raise UserError(f"{RAW}: is missing; `dvc repro download` fetches it")
    copy = copy_of_the_project(name_of(plan), {} if plan.whole else small_params())
    case = "default params" if plan.whole else "small params"
    turn = copy.timed("dvc", "repro", "--force")
    yield measured("repro", case, "ours", 1, turn, "", "dvc repro --force  # in a copy; LENET5_DATA has the raw files")


def name_of(plan: Plan) -> str:
    return REPRODUCED if plan.whole else REPRODUCED_SMALL


def small_params() -> dict[str, dict[str, Any]]:
    """Changes of params.yaml that leave every stage little to do."""
    row = load_params().train.rows["lenet5"].model_dump()
    return {
        "prepare": {"validation_size": 50_000},
        "search": {"trials": 2, "round_size": 2, "rungs": [1]},
        "train": {"epochs": 1, "seeds": [1], "rows": {"lenet5": row}},
    }


def noop(plan: Plan) -> Iterator[Measurement]:
    """`dvc repro` with nothing to do: ours, and a pipeline of as many stages that do nothing."""
    pipelines = {"ours": reproduced_copy(name_of(plan)), "empty pipeline": empty_pipeline()}
    for repeat in range(plan.repeats + 2):
        for name, copy in pipelines.items():
            turn = copy.timed("dvc", "repro")
            if repeat:  # the first finds no file in the system's cache
                yield measured("noop", "nothing to do", name, repeat, turn, "", "dvc repro  # all is up to date")


def empty_pipeline() -> Copy:
    """As many stages as ours, each with one small dependency and the command `true`, all up to date."""
    copy = Copy(SCRATCH / "empty")
    shutil.rmtree(copy.folder, ignore_errors=True)
    copy.folder.mkdir(parents=True)
    stages = "".join(f"  {name}: {{cmd: 'true', deps: [dependency]}}\n" for name in STAGES)
    (copy.folder / "dvc.yaml").write_text(f"stages:\n{stages}")
    (copy.folder / "dependency").write_text("none\n")
    subprocess.run(["git", "init", "--quiet"], cwd=copy.folder, check=True)
    copy.timed("dvc", "init", "--quiet")
    shutil.copy(ROOT / ".dvc" / "config", copy.folder / ".dvc" / "config")
    copy.timed("dvc", "repro")
    return copy


def startup(plan: Plan) -> Iterator[Measurement]:
    """From the start of Python until the stage would begin its work: imports, params, settings."""
    for repeat in range(plan.repeats + 1):
        for stage in STAGES:
            command = [sys.executable, "-m", "benchmarks.start", stage]
            started = time.monotonic()  # the system's: the same clock in all processes
            said = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True)
            if said.returncode:
                raise UserError(f"{shown(command)}: {said.stderr.strip() or 'failed'}")
            ready, peak_mib = said.stdout.split()
            turn = Turn(float(ready) - started, 1, float(peak_mib))
            if repeat:
                yield measured("startup", "until the work begins", stage, repeat, turn, "", shown(command))


def report(plan: Plan) -> Iterator[Measurement]:
    """The stage that judges and draws."""
    copy = reproduced_copy(name_of(plan))
    for repeat in range(1, plan.repeats + 1):
        turn = copy.timed("python", "-m", "pipeline", "compare")
        yield measured("report", "compare", "ours", repeat, turn, "", "python -m pipeline compare")


def track(plan: Plan) -> Iterator[Measurement]:
    """MLflow filled from nothing, and looked over when it has everything."""
    copy = reproduced_copy(name_of(plan))
    for repeat in range(1, plan.repeats + 1):
        copy.forget("mlflow.db", "mlartifacts", "mlruns")
        for name in ("first fill", "second pass"):
            turn = copy.timed("python", "-m", "pipeline", "track")
            yield measured("track", "track", name, repeat, turn, "", "python -m pipeline track")
    yield from view(plan)


def view(plan: Plan) -> Iterator[Measurement]:
    """Made-up runs, without the start of Python."""
    command = [sys.executable, "-m", "benchmarks.view", str(RUNS)]
    for repeat in range(1, plan.repeats + 1):
        said = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True)
        if said.returncode:
            raise UserError(f"{shown(command)}: {said.stderr.strip() or 'failed'}")
        for name, line in zip(("first fill", "second pass"), said.stdout.splitlines(), strict=True):
            yield measured("track", f"{RUNS} runs", name, repeat, Turn(**json.loads(line)), "runs", shown(command))
