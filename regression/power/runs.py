"""Plants a change into a copy of the project, and has the gate judge what comes of it."""

import hashlib
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from safetensors.numpy import load_file

from lenet5.errors import UserError
from lenet5.regression.record import Record
from lenet5.regression.reseedings import ALL_ROWS, Shift
from lenet5.regression.verdict import Comparison
from pipeline.files import RAW
from regression.baselines import UPDATE, Baseline
from regression.comparing import compare
from regression.places import ROOT, SCRATCH
from regression.power.plants import Plant, planted, planting
from regression.power.results import SURE_PCT, Effect, Layer, Result
from regression.running import MARK, Run, environment

POWER = SCRATCH / "power"
OTHER_SEEDS = ("power", "1")
"""Of the networks that tell what a plant does, beside those that the gate judges."""
PATIENCE_S = 1800
KILLED = (-signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL, 128 + signal.SIGTERM)
"""Exit codes that tell of something from outside."""
JUDGED_BY = ("src", "pipeline", "regression", "params.yaml", "dvc.yaml")
"""What a result depends on."""


class StageFailure(Exception):
    """The planted pipeline stopped; the text says where and why."""


def copy_of_the_project(tree: Path) -> None:
    """Put the files that git knows or would add into `tree`, as they are."""
    shutil.rmtree(tree, ignore_errors=True)
    for path in project_files():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tree / path)


def project_files(*below: str) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *below]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()]


def judged_digest() -> str:
    """A hash of all that results depend on beside the plants: of code, params and the baseline."""
    digest = hashlib.sha256()
    for path in project_files(*JUDGED_BY):
        if not path.is_relative_to("regression/power"):
            digest.update(f"{path} {hashlib.sha256((ROOT / path).read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def judge(plant: Plant, tree: Path, baseline: Baseline) -> Result:
    """What the gate says of `plant` in `tree`, a copy of the project, which is as before afterwards.

    Raises:
        UserError: the plant does not apply to this tree any more.
    """
    with planting(plant, tree):
        try:
            comparison = compared(plant, tree, baseline)
        except StageFailure as failed:
            return result(plant, str(failed), ("a stage fails",), str(failed).partition(":")[0], "a stage fails", None)
        moved = effect(plant, tree, comparison, baseline) if comparison.exact else None
        without = replace(comparison, exact=None)
        return result(plant, comparison.outcome, layers(comparison), comparison.place, without.outcome, moved)


def compared(plant: Plant, tree: Path, baseline: Baseline, *reseeding: str) -> Comparison:
    """What the gate finds in the planted tree.

    Raises:
        StageFailure: a stage stops, or what it left cannot be compared.
        UserError: it was killed, which says nothing of the plant.
    """
    now = run(plant, tree, *reseeding)
    try:
        return compare(baseline, now, exact_wanted=not reseeding)
    except UserError as error:
        raise StageFailure(f"comparison: {error}") from error


def refuse_other_baseline(tree: Path, baseline: Baseline) -> None:
    """Nothing planted must mean nothing found: else what is found says nothing of the plants.

    Raises:
        UserError: the gate is not green without a plant.
    """
    try:
        outcome: str = compared(Plant(name="nothing", imitates="nothing"), tree, baseline).outcome
    except StageFailure as failed:
        outcome = str(failed)
    if outcome != "unchanged":
        raise UserError(f"the gate says of this tree without a plant: {outcome}; it must be `unchanged`: `{UPDATE}`")


def result(
    plant: Plant, outcome: str, found: tuple[Layer, ...], place: str, without_exact: str, moved: Effect | None
) -> Result:
    return Result(
        name=plant.name,
        imitates=plant.imitates,
        shows=plant.shows,
        outcome=outcome,
        layers=found,
        place=place,
        without_exact=without_exact,
        effect=moved,
    )


def layers(comparison: Comparison) -> tuple[Layer, ...]:
    """The layers that object, each by itself."""
    found: list[Layer] = []
    if comparison.exact:
        found.append("exact")
    if any(shift.finding != "equal" for shift in comparison.shifts) and (comparison.exact or comparison.structure):
        found.append("statistics")
    if comparison.structure:
        found.append("structure")
    return tuple(found)


def effect(plant: Plant, tree: Path, comparison: Comparison, baseline: Baseline) -> Effect:
    """How far `plant` moves the row that it moves most among the judged networks."""
    rows = [each for each in comparison.shifts if each.row != ALL_ROWS]
    most = max(rows, key=lambda each: abs(each.difference_pct))
    runs = len(baseline.reseedings[most.row])
    if abs(most.difference_pct) >= SURE_PCT:
        return as_effect(most, runs, judged=True)
    try:
        other = compared(plant, tree, baseline, *OTHER_SEEDS)
    except StageFailure:
        return as_effect(most, runs, judged=True)
    return as_effect(next(each for each in other.shifts if each.row == most.row), runs, judged=False)


def as_effect(shift: Shift, runs: int, *, judged: bool) -> Effect:
    error = shift.spread_pct * math.sqrt(1 + 1 / runs)
    return Effect(row=shift.row, shift_pct=shift.difference_pct, standard_error_pct=error, judged=judged)


def run(plant: Plant, tree: Path, *reseeding: str) -> Run:
    """The small experiment with the code in `tree`, in the environment that `plant` asks for.

    Raises:
        StageFailure: a stage stops, or takes more than half an hour.
        UserError: it was killed.
    """
    folder = tree / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log = tree / "stages.log"
    # No workers, if the plant does not ask for some: plants run side by side, a core each.
    settings = {"PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}", "LENET5_WORKERS": "0"} | plant.environment
    data = {"LENET5_DATA": environment().get("LENET5_DATA", str(ROOT / RAW))}
    with log.open("wb") as said:
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "regression.stages", *reseeding],
                cwd=folder,
                env=environment() | data | settings,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE_S,
                # Ctrl-C is for this process alone: a stage that it stops has not failed.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise StageFailure(failure(log.read_text(errors="replace"), "took too long")) from error
    if ended.returncode in KILLED:
        raise UserError(f"plant {plant.name}: its run was killed; start again, what is finished stays")
    if ended.returncode:
        raise StageFailure(failure(log.read_text(errors="replace")))
    return last_run(tree)


def last_run(tree: Path) -> Run:
    folder = tree / "run"
    text = (folder / "record.json").read_text(encoding="utf-8")
    return Run(Record.model_validate_json(text), text, load_file(folder / "correct.safetensors"))


def failure(log: str, why: str = "") -> str:
    """The stage that a log ends in, and its last line: short, for a table."""
    lines = [line.strip() for line in log.splitlines() if line.strip()] or ["it said nothing"]
    said = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    stage = next((line for line in reversed(said) if " " not in line), "start")
    last = why or lines[-1].removeprefix(MARK)
    return f"{stage}: {last.replace('|', '/')[:100]}"


def kept_path(plant: Plant, digest: str) -> Path:
    name = hashlib.sha256(f"{digest}{plant.model_dump_json()}".encode()).hexdigest()[:16]
    return POWER / "results" / f"{plant.name}-{name}.json"


def kept(plants: Sequence[Plant], digest: str) -> dict[str, Result]:
    """The results of earlier calls that are of this code, this baseline and these plants."""
    found = {plant.name: kept_path(plant, digest) for plant in plants}
    return {
        name: Result.model_validate_json(path.read_text(encoding="utf-8"))
        for name, path in found.items()
        if path.exists()
    }


def refuse_stale(plants: Sequence[Plant]) -> None:
    """Look before hours are spent.

    Raises:
        UserError: a plant does not apply to the working tree.
    """
    for plant in plants:
        planted(plant, ROOT)


def chosen(plants: Sequence[Plant], names: Sequence[str]) -> list[Plant]:
    """Those that are named, or all if none is.

    Raises:
        UserError: there is no such plant.
    """
    known = {plant.name: plant for plant in plants}
    for name in names:
        if name not in known:
            raise UserError(f"no plant is named {name}; `python -m regression.power --list` shows all")
    return [known[name] for name in names] if names else list(plants)
