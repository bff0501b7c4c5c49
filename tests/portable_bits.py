"""Prints a SHA-256 of what each kind of arithmetic gives: `portable_bits.py [KIND ...]`, in a portable environment.

Without Lightning, which calculates nothing, and takes a minute to import in an emulator. What only one kind needs is
imported there for the same reason.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from lenet5 import numerics
from lenet5.data.distortions import distort, draw_maps
from lenet5.evaluation import BATCH, scores_of
from lenet5.hyperparameters import Hyperparameters
from lenet5.models.lenet import build
from lenet5.models.losses import training_loss
from lenet5.params import load_params
from lenet5.randomness import generator
from lenet5.training.optim import one_cycle, sgd

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
CHOSEN = Hyperparameters(learning_rate=0.05, momentum=0.9, weight_decay=1e-4, batch_size=64, j=5.0, energy_scale=0.05)
# The sizes of params.yaml, and a rest.
BATCHES = (64, 128, 24)


def patterns(count: int) -> tuple[Tensor, Tensor]:
    """Images [count, 32, 32] with the values of prepared ones, and labels [count]."""
    source = generator("patterns", count)
    grey = torch.randint(0, 256, (count, 32, 32), generator=source)
    return grey / 255 * 1.275 - 0.1, torch.randint(0, 10, (count,), generator=source)


def distortions() -> Iterator[Tensor]:
    """The random maps, and the sampling of the distorted patterns."""
    images, _ = patterns(64)
    maps = draw_maps(PARAMS.distortions, seed=1, epoch=0, examples=64)
    yield maps
    yield distort(images, maps)


def schedule() -> Iterator[float]:
    """The learning rates of one cycle."""
    return (one_cycle(step / 997, 0.05) for step in range(997))


def training(name: str, head: str) -> Iterator[Tensor]:
    """Initial weights, losses and final weights of some steps, and scores: convolutions, products, loss, optimiser."""
    network = build(name, head, seed=1)
    yield from (weight.clone() for weight in network.state_dict().values())
    optimizer = sgd(network, CHOSEN)
    for images, labels in map(patterns, BATCHES):
        loss = training_loss(head, network(images), labels, CHOSEN.j, CHOSEN.energy_scale)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        yield loss.detach()
    yield from network.state_dict().values()
    yield scores_of(network, patterns(BATCH)[0])


def training_of_1998() -> Iterator[Tensor]:
    """Weights, rates and losses of a pass of single patterns, by both criteria, and with distortions."""
    from lenet5.data.prepared import TrainingData
    from lenet5.sdlm.job import PaperJob
    from lenet5.sdlm.params import load_paper_params
    from lenet5.sdlm.run import run

    paper = load_paper_params(Path(__file__).parents[1] / "pipeline" / "paper" / "params.yaml")
    data = TrainingData(*patterns(40), torch.arange(30), torch.arange(30, 40))
    usual = PaperJob(conventions=paper.conventions, schedule=paper.schedule, patterns="train", size=None,
                     distortions=None, versions=1, seed=1, stop_after=1)  # fmt: skip
    changes = {"loss": "mle"}, {"curvature": "loss", "initial_weights": "fan-in", "subsampling": "added"}
    jobs = [usual.model_copy(update={"conventions": paper.conventions.model_copy(update=each)}) for each in changes]
    for job in (usual, *jobs, usual.model_copy(update={"distortions": PARAMS.distortions, "versions": 2})):
        yield from run(job, data, None, lambda _: None).to_tensors().values()


def suggestions() -> Iterator[object]:
    """What Optuna suggests over two rounds, the second of them modelled by TPE."""
    from optuna.storages import InMemoryStorage

    from lenet5.study.rounds import Rounds
    from lenet5.study.store import Store

    options = PARAMS.search.model_copy(update={"trials": 16, "round_size": 8, "startup_trials": 8})
    store = Store(InMemoryStorage(), "study", options.objectives)
    trials = Rounds(options, store, made_up_errors, lambda _: 1, lambda _: None).run()
    return (value for trial in trials for value in trial.drawn.values())


def made_up_errors(configurations: Sequence[Hyperparameters], epochs: int) -> list[float]:
    return [abs(each.learning_rate - 0.05) * 100 + each.momentum / epochs for each in configurations]


def intervals() -> Iterator[object]:
    """Intervals and verdicts of rows with one, two and three seeds."""
    import numpy as np

    from lenet5 import statistics

    for seeds in (1, 2, 3):
        correct = np.random.RandomState(seeds).random_sample((seeds, 10_000)) > 0.009
        summary = statistics.summarise(correct, 0.95)
        yield summary
        yield statistics.judge(summary, 0.95, 0.1, 0.95, 0.3)


KINDS: dict[str, Callable[[], Iterable[object]]] = {
    "distortions": distortions,
    "schedule": schedule,
    "lenet5-rbf": partial(training, "lenet5", "rbf"),
    "lenet5-softmax": partial(training, "lenet5", "softmax"),
    "lenet5-modern-softmax": partial(training, "lenet5-modern", "softmax"),
    "lenet5-1998": training_of_1998,
    "suggestions": suggestions,
    "intervals": intervals,
}


def digest(values: Iterable[object]) -> str:
    """Of all bits of tensors and of Python's numbers."""
    parts = (value.numpy().tobytes() if isinstance(value, Tensor) else repr(value).encode() for value in values)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def leave_out_the_compiler() -> None:
    """Optimisers import torch._dynamo to ask it not to compile them: ten seconds in an emulator."""
    stand_in = ModuleType("torch._dynamo")
    vars(stand_in).update(disable=lambda function, *_, **__: function, graph_break=lambda: None)
    sys.modules[stand_in.__name__] = stand_in


if __name__ == "__main__":
    numerics.set_up("portable")  # refuses an environment that is not
    leave_out_the_compiler()
    for kind in sys.argv[1:] or KINDS:
        print(f"{digest(KINDS[kind]())} {kind}", flush=True)
