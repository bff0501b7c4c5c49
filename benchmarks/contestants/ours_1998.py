"""The library's training of 1998: a pass with its curvatures, and two parts of an update by themselves."""

import numpy as np
import torch

from benchmarks.contestants.inputs import SEED, training_data
from benchmarks.contestants.options import Options, Work
from lenet5.compiled import compiled
from lenet5.data.prepared import TrainingData
from lenet5.models.one_thread import Weights
from lenet5.sdlm import passes
from lenet5.sdlm.arithmetic import Maps, empty_maps
from lenet5.sdlm.job import PaperJob
from lenet5.sdlm.params import load_paper_params
from lenet5.sdlm.passes import update_connected
from lenet5.sdlm.run import Trainer
from lenet5.sdlm.start import initial_weights


def work(options: Options) -> Work:
    """A pass (epoch); what goes forward and the penalties alone (answers); C5 and F6 back and updated (connected)."""
    torch.set_num_threads(1)
    data = training_data(options)
    return {"epoch": whole_pass, "answers": answers, "connected": connected}[options.task](data)


def trainer(data: TrainingData) -> Trainer:
    paper = load_paper_params()
    job = PaperJob(
        conventions=paper.conventions,
        schedule=paper.schedule,
        patterns="all",
        size=None,
        distortions=None,
        versions=1,
        seed=SEED,
        stop_after=1,
    )
    return Trainer(job, data, initial_weights(job.conventions, job.seed))


def whole_pass(data: TrainingData) -> Work:
    return lambda: trainer(data).pass_over(0)[0].patterns


def answers(data: TrainingData) -> Work:
    ours, images = trainer(data), data.images.numpy()
    penalties, units = np.empty((len(images), 10), np.float32), empty_maps(ours.weights)

    def answer() -> int:
        passes.answer(images, ours.layout, ours.criterion, ours.weights, units, penalties)
        return len(images)

    return answer


def connected(data: TrainingData) -> Work:
    ours = trainer(data)
    rates = Weights(*(np.zeros_like(array) for array in ours.weights))
    units, back = empty_maps(ours.weights), empty_maps(ours.weights, 4)

    def update() -> int:
        update_often(len(data.labels), ours.weights, rates, units, back)
        return len(data.labels)

    return update


@compiled
def update_often(times: int, weights: Weights, rates: Weights, units: Maps, back: Maps) -> None:
    """So many times what an update does with C5 and F6; a rate of 0 takes as long as any."""
    s4, back_s4 = units.s4.reshape(units.s4.size), back.s4.reshape(back.s4.size)
    for _ in range(times):
        update_connected(weights.f6_weight, weights.f6_bias, rates.f6_weight, rates.f6_bias, units.c5, back.f6, back.c5)
        update_connected(weights.c5_weight, weights.c5_bias, rates.c5_weight, rates.c5_bias, s4, back.c5, back_s4)
