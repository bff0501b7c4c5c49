"""How a training of 1998 runs: pass after pass, and from any pass on to the same bits."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet5.data.distortions import distort, draw_maps
from lenet5.data.prepared import TrainingData
from lenet5.models.codes import digit_codes
from lenet5.models.lenet import LeNet5
from lenet5.models.one_thread import Weights
from lenet5.models.sizes import PAPER_SIZES
from lenet5.randomness import generator
from lenet5.sdlm import passes
from lenet5.sdlm.arithmetic import empty_maps
from lenet5.sdlm.job import PaperJob
from lenet5.sdlm.passes import Criterion, Layout
from lenet5.sdlm.start import initial_weights, share, state_dict, weights_of
from lenet5.training.job import Epoch, TrainingResult

AT_ONCE = 1000
"""Updates per call of compiled code: Ctrl-C is heard in between."""


@dataclass(frozen=True)
class Pass:
    """What one pass over the patterns gave: sums over them."""

    loss: float
    wrong: int
    patterns: int


class Trainer:
    """A network in training, and what it trains on."""

    def __init__(self, job: PaperJob, data: TrainingData, weights: Weights) -> None:
        self.job, self.data, self.weights = job, data, weights
        chosen = job.conventions
        network = LeNet5("rbf", PAPER_SIZES)
        self.layout = Layout(network.c1.links.numpy(), network.c3.links.numpy(), np.float32(share(chosen)))
        competitive, all_curved = chosen.loss == "map", chosen.curvature == "loss"
        self.criterion = Criterion(digit_codes().numpy(), chosen.energy, competitive, chosen.j, all_curved)

    def pass_over(self, number: int) -> tuple[Pass, Weights]:
        """One pass, counted from 0: estimate the curvatures, then learn from every pattern of it. Also the rates."""
        order = self.order_of(number)
        rates = self.rates(number, order)
        units, slopes, back = (empty_maps(self.weights, overhang) for overhang in (0, 0, 4))
        gradient = zeros_like(self.weights)
        loss, wrong = 0.0, 0
        for images, labels in self.stretches(order):
            penalties, totals = np.empty((len(labels), 10), np.float32), np.empty(len(labels))
            passes.learn(
                images.numpy(), labels.numpy(), self.layout, self.criterion, self.weights, rates, gradient,
                units, slopes, back, penalties, totals,
            )  # fmt: skip
            loss += self.loss(torch.from_numpy(penalties), torch.from_numpy(totals), labels)
            wrong += int((torch.from_numpy(penalties).argmin(1) != labels).sum())
        return Pass(loss, wrong, len(order)), rates

    def loss(self, penalties: Tensor, totals: Tensor, labels: Tensor) -> float:
        """Eq. 8 or 9 summed over patterns, from their penalties [n, 10] and e^-j + sum_i e^-y_i [n]."""
        right = self.criterion.energy * penalties.double().gather(1, labels[:, None]).sum()
        return float(right + torch.log(totals).sum()) if self.criterion.competitive else float(right)

    def rates(self, number: int, order: Tensor) -> Weights:
        """The rate of every weight in a pass: eta / (mu + h_kk) (eq. 21)."""
        schedule = self.job.schedule
        chosen = torch.randperm(len(order), generator=generator("curvatures", self.job.seed, number))
        images = torch.cat([images for images, _ in self.stretches(order[chosen[: schedule.curvature_patterns]])])
        found, squares = zeros_like(self.weights), Weights(*(array * array for array in self.weights))
        units, slopes, back = (empty_maps(self.weights, overhang) for overhang in (0, 0, 4))
        passes.curvatures(
            images.numpy(), self.layout, self.criterion, self.weights, squares, found, units, slopes, back
        )
        eta, mu, count = np.float32(schedule.rates[number]), np.float32(schedule.mu), np.float32(len(images))
        return Weights(*(eta / (mu + array / count) for array in found))

    def order_of(self, number: int) -> Tensor:
        """The patterns of a pass in their order; a distorted one's number is its image's plus 60,000 per version."""
        job = self.job
        pool = self.data.train if job.patterns == "train" else torch.arange(len(self.data.labels))
        drawn = torch.randperm(len(pool), generator=generator("patterns of 1998", job.seed))
        pool = pool[drawn[: job.size]]
        versions = job.versions if job.distortions else 1
        everything = torch.cat([pool + version * len(self.data.labels) for version in range(versions)])
        turn = number if job.conventions.order == "anew" else 0
        order = everything[torch.randperm(len(everything), generator=generator("order of 1998", job.seed, turn))]
        part = number % versions
        return order[part * len(pool) : (part + 1) * len(pool)]

    def stretches(self, order: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Images and labels, AT_ONCE at a time, distorted if the job says so."""
        version, index = order // len(self.data.labels), order % len(self.data.labels)
        maps = self.maps_of(version, index)
        for first in range(0, len(order), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            images = self.data.images[index[part]]
            yield images if maps is None else distort(images, maps[part]), self.data.labels[index[part]]

    def maps_of(self, version: Tensor, index: Tensor) -> Tensor | None:
        """A map per pattern [n, 5]; version 0 is the image itself."""
        if self.job.distortions is None:
            return None
        always = self.job.distortions.model_copy(update={"original": 0.0})
        maps = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0]).repeat(len(index), 1)
        for number in range(1, self.job.versions):
            chosen = version == number
            maps[chosen] = draw_maps(always, self.job.seed, number, len(self.data.labels))[index[chosen]]
        return maps

    def validate(self) -> Tensor:
        """The digits that the network takes the validation patterns for; none without such patterns."""
        if self.job.patterns == "all":
            return torch.empty(0, dtype=torch.int64)
        images = self.data.images[self.data.validation].numpy()
        penalties = np.empty((len(images), 10), np.float32)
        passes.answer(images, self.layout, self.criterion, self.weights, empty_maps(self.weights), penalties)
        return torch.from_numpy(penalties).argmin(1)


def run(
    job: PaperJob, data: TrainingData, start: TrainingResult | None, on_epoch: Callable[[TrainingResult], None]
) -> TrainingResult:
    """Train as `job` says, from `start` if given (an earlier result of the same training), else from the beginning.

    The result is the same to the bit from wherever it starts. Its `trace` holds, for each pass, the weights after it
    and `rates` [passes, 12, 2]: the lowest and highest rate in it of each parameter, in the order of `Weights`.
    """
    torch.set_num_threads(1)
    first = start.epochs if start else 0
    weights = weights_of(start.weights, job.conventions) if start else initial_weights(job.conventions, job.seed)
    trainer, result = Trainer(job, data, weights), start
    for number in range(first, job.stop_after):
        found, rates = trainer.pass_over(number)
        result = after_pass(trainer, result, number, found, rates)
        on_epoch(result)
    assert result is not None, "a training has a pass"
    return result


def after_pass(
    trainer: Trainer, before: TrainingResult | None, number: int, found: Pass, rates: Weights
) -> TrainingResult:
    """The result so far with one pass more."""
    job, data = trainer.job, trainer.data
    predicted = trainer.validate()
    wrong = predicted != data.labels[data.validation] if len(predicted) else None
    epoch = Epoch(
        learning_rate=job.schedule.rates[number],
        train_loss=found.loss / found.patterns,
        train_error_pct=100 * found.wrong / found.patterns,
        val_error_pct=math.nan if wrong is None else 100 * int(wrong.sum()) / len(wrong),
    )
    weights = state_dict(trainer.weights, job.conventions)
    ends = torch.tensor([[float(rate.min()), float(rate.max())] for rate in rates])
    new = weights | {"rates": ends}
    old = before.trace if before else {}
    return TrainingResult(
        weights=weights,
        momentum={},
        history=(*(before.history if before else ()), epoch),
        validation_predictions=predicted,
        trace={name: torch.cat([*([old[name]] if old else []), tensor[None]]) for name, tensor in new.items()},
    )


def zeros_like(weights: Weights) -> Weights:
    return Weights(*(np.zeros_like(array) for array in weights))
