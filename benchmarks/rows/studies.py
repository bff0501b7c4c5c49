"""Rows of the study: trials per hour beside the stock recipe's, what the coordinator itself takes, and how it grows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.copies import copy_of_the_project, give_training_data
from benchmarks.parts import first_patterns
from benchmarks.plan import ROOT, SCRATCH, Plan
from benchmarks.processes import Turn, plain_environment, shown
from benchmarks.records import Measurement
from benchmarks.turns import in_turns, measured
from lenet5.errors import UserError
from pipeline.files import TRAINING_DATA

SEARCH = ("python", "-m", "pipeline", "search")
STORE, JOBS = ".studies", ".cache/jobs"
# What a clone does once, in its first training; the row of the whole `dvc repro` has it.
COMPILE = """
from lenet5 import numerics
numerics.set_up("portable")
import torch
from lenet5.models.lenet import build
build("lenet5", "rbf")(torch.zeros(1, 32, 32)).sum().backward()
"""


def study(plan: Plan) -> Iterator[Measurement]:
    """A whole study with two workers, then with its jobs in the cache, then with one worker; then the stock recipe's
    first trials."""
    data = ROOT / TRAINING_DATA if plan.whole else first_patterns(plan.study_patterns, plan.study_patterns // 10)
    copy = copy_of_the_project("study", {} if plan.whole else {"search": shape(plan.trials, plan.round_size)})
    give_training_data(copy, data)
    case = f"{plan.trials} trials"
    copy.timed("python", "-c", COMPILE)
    for contestant, workers, forgotten in (
        ("ours 2 workers", "2", (STORE, JOBS)),
        ("ours, jobs cached", "2", (STORE,)),
        ("ours 1 worker", "1", (STORE, JOBS)),
    ):
        copy.forget(*forgotten)
        turn = copy.timed(*SEARCH, size=plan.trials, LENET5_WORKERS=workers)
        command = shown(SEARCH, LENET5_WORKERS=workers)
        yield measured("study", case, contestant, 1, turn, "trials", command)
    stock = f"stock_study --trials {plan.stock_trials} --training-data {data.relative_to(ROOT)}"
    yield from in_turns("study", case, {"stock": stock}, 1, unit="trials")


def shape(trials: int, round_size: int) -> dict[str, Any]:
    return {"trials": trials, "round_size": round_size}


def growth_trials(plan: Plan) -> Iterator[Measurement]:
    """Studies of several lengths, of small jobs."""
    data = first_patterns(plan.study_patterns, plan.study_patterns // 10)
    copies = {}
    for trials in plan.growth_trials:
        copies[trials] = copy_of_the_project(f"study-{trials}", {"search": shape(trials, plan.round_size)})
        give_training_data(copies[trials], data)
    for repeat in range(1, plan.repeats + 1):
        for trials, copy in copies.items():
            copy.forget(STORE, JOBS)
            turn = copy.timed(*SEARCH, size=trials, LENET5_WORKERS="2")
            command = shown(SEARCH, LENET5_WORKERS="2")
            yield measured("growth-trials", "small jobs", f"{trials} trials", repeat, turn, "trials", command)


def coordinator(plan: Plan) -> Iterator[Measurement]:
    """A study whose jobs cost nothing: its first trials, as many as a real study has, and a long one."""
    for trials, every in ((plan.trials, plan.trials), (plan.free_trials, plan.free_trials // 10)):
        for turn, done in free_study(trials, every):
            contestant = f"trials {done - turn.size + 1} to {done}"
            command = f"python -m benchmarks.coordinator {trials} {every}"
            yield measured("coordinator", f"{trials} free trials", contestant, 1, turn, "trials", command)


def free_study(trials: int, every: int) -> Iterator[tuple[Turn, int]]:
    """What every so many trials took, with the memory afterwards, and how many were done by then."""
    command = [sys.executable, "-m", "benchmarks.coordinator", str(trials), str(every)]
    log = SCRATCH / "coordinator.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=plain_environment(), stdout=subprocess.PIPE, stderr=said, text=True
        )
        assert process.stdout
        done = 0
        for line in process.stdout:
            turn = Turn(**json.loads(line))
            done += turn.size
            yield turn, done
    if process.wait():
        raise UserError(f"{shown(command)}: ended with {process.returncode}; {os.path.relpath(log, ROOT)} says why")
