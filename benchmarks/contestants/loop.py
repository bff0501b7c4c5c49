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
        network = build("lenet5", "rbf", seed=SEED)
        optimizer = sgd(network, chosen)
        patterns = Patterns(data, ranges(options), SEED)
        order = EpochOrder(torch.arange(len(data.labels)), chosen.batch_size, SEED, first_epoch=0)
        updates, losses, wrong = 0, [], []
        for item in order:
            images, labels = patterns[item]
            seen, errors = [], []
            for batch, right in zip(*(torch.split(each, chosen.batch_size) for each in (images, labels)), strict=True):
                scores = network(batch)
                loss = training_loss("rbf", scores, right, chosen.j, chosen.energy_scale)
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                progress = updates * chosen.batch_size / len(data.labels)
                optimizer.param_groups[0]["lr"] = one_cycle(progress, chosen.learning_rate)
                optimizer.step()
                updates += 1
                seen.append(scores.detach())
                errors.append(loss.detach())
            losses.append(torch.stack(errors).double().sum() * chosen.batch_size)
            wrong.append((torch.cat(seen).argmax(1) != labels).sum())
        return len(data.labels)

    return train
