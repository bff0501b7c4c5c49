"""Rows of training and evaluation: everyone on the same patterns, in turns."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.parts import first_patterns
from benchmarks.plan import ROOT, Plan
from benchmarks.processes import plain_environment
from benchmarks.records import Measurement
from benchmarks.turns import in_turns
from pipeline.files import read_best

OTHER_BATCH = 64
EVERYONE = {
    "limit": "limit --numerics native",
    "stock": "stock",
    "bare portable": "bare --numerics portable",
    "bare native": "bare --numerics native",
    "loop portable": "loop --numerics portable",
    "ours portable": "ours --numerics portable",
    "ours native": "ours --numerics native",
}


def epoch(plan: Plan) -> Iterator[Measurement]:
    """One epoch over the training set at the batch size that the search chose, and over a part of it at another."""
    default = read_best().batch_size
    for batch, patterns in {default: plan.patterns, OTHER_BATCH: plan.fewer_patterns}.items():
        wanted = {name: f"{each} --batch-size {batch} --patterns {patterns}" for name, each in EVERYONE.items()}
        yield from in_turns("epoch", f"batch {batch}", wanted, plan.repeats)


def distortions(plan: Plan) -> Iterator[Measurement]:
    """The same with distortions on the fly, and beside it ours without."""
    size = f"--batch-size {read_best().batch_size} --patterns {plan.fewer_patterns}"
    wanted = {name: f"{each} {size} --distorted" for name, each in EVERYONE.items() if name != "limit"}
    limit = {"limit": f"{EVERYONE['limit']} {size}"}
    plain = {"ours portable, undistorted": f"{EVERYONE['ours portable']} {size}"}
    yield from in_turns("distortions", f"batch {read_best().batch_size}", limit | wanted | plain, plan.repeats)


def evaluation(plan: Plan) -> Iterator[Measurement]:
    """The test set, answered by one network."""
    task = f"--task evaluation --patterns {plan.test_patterns}"
    wanted = {name: f"{each} {task}" for name, each in EVERYONE.items() if not name.startswith("loop")}
    yield from in_turns("evaluation", f"{plan.test_patterns} patterns", wanted, plan.repeats)


def growth_examples(plan: Plan) -> Iterator[Measurement]:
    """An epoch of ours over training sets of several sizes, each in a file of its own."""
    wanted = {}
    for patterns in plan.growth_patterns:
        size = f"--batch-size {read_best().batch_size} --patterns {patterns}"
        path = first_patterns(patterns).relative_to(ROOT)
        wanted[f"{patterns} examples"] = f"{EVERYONE['ours portable']} {size} --training-data {path}"
    yield from in_turns("growth-examples", "epoch", wanted, plan.repeats)


def gpu(plan: Plan) -> Iterator[Measurement]:
    """An epoch of ours on a GPU and, beside it, on the processor; nothing where there is none."""
    environment = plain_environment()
    seen = {name: value for name, value in environment.items() if name != "CUDA_VISIBLE_DEVICES"}
    question = [sys.executable, "-c", "import torch; print(torch.cuda.is_available())"]
    if subprocess.run(question, env=seen, check=True, capture_output=True, text=True).stdout.strip() != "True":
        return
    size = f"--batch-size {read_best().batch_size} --patterns {plan.patterns}"
    yield from in_turns("gpu", "epoch", {"ours GPU": f"ours --numerics native {size}"}, plan.repeats, seen)
    yield from in_turns("gpu", "epoch", {"ours processor": f"ours --numerics native {size}"}, plan.repeats, environment)
