"""The library's network, loss, batches and record of an epoch in a bare loop: what `ours` costs beyond it is
Lightning's.

It must do what a step of lenet5.training.module does; edit both together.
"""

import torch

from benchmarks.contestants import ours
from benchmarks.contestants.inputs import SEED, hyperparameters, ranges, training_data
from benchmarks.contestants.options import Options, Work
from lenet5.data.datamodule import EpochOrder, Patterns
from lenet5.models.lenet import build
from lenet5.models.losses import training_loss
from lenet5.training.optim import one_cycle, sgd


def work(options: Options) -> Work:
    """An epoch; there is nothing of Lightning in an evaluation."""
    return epoch(options) if options.task == "epoch" else ours.evaluation(options)


def epoch(options: Options) -> Work:
    torch.set_num_threads(1)
    data, chosen = training_data(options), hyperparameters(options)

    def train() -> int:
        network = build("lenet5", "rbf", SEED)
        optimizer = sgd(network, chosen)
        patterns = Patterns(data, ranges(options), SEED)
        order = EpochOrder(torch.arange(len(data.labels)), chosen.batch_size, SEED, first_epoch=0)
        loss_sum, wrong = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.int64)
        for step, item in enumerate(order):
            images, labels = patterns[item]
            scores = network(images)
            loss = training_loss("rbf", scores, labels, chosen.j, chosen.energy_scale)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.param_groups[0]["lr"] = one_cycle(step / len(order), chosen.learning_rate)
            optimizer.step()
            loss_sum += loss.detach() * len(labels)
            wrong += (scores.detach().argmax(1) != labels).sum()
        return len(data.labels)

    return train
