"""A bare PyTorch loop: the obvious modules, tensors in memory, one thread."""

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.contestants.inputs import SEED, hyperparameters, ranges, test_data, training_data
from benchmarks.contestants.options import Options, Work
from benchmarks.obvious import ObviousLeNet5, obvious_loss
from lenet5.data.distortions import draw_maps

EVALUATION_BATCH = 500


def work(options: Options) -> Work:
    """An epoch, or an evaluation in batches of the library's size."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    return epoch(options) if options.task == "epoch" else evaluation(options)


def epoch(options: Options) -> Work:
    data, chosen, distortions = training_data(options), hyperparameters(options), ranges(options)
    images, labels = data.images[:, None], data.labels
    steps = -(-len(labels) // chosen.batch_size)

    def train() -> int:
        network = ObviousLeNet5()
        optimizer = torch.optim.SGD(
            network.parameters(), chosen.learning_rate, chosen.momentum, weight_decay=chosen.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, chosen.learning_rate, total_steps=steps, cycle_momentum=False
        )
        maps = draw_maps(distortions, SEED, 0, len(labels)) if distortions else None
        for indices in torch.split(torch.randperm(len(labels)), chosen.batch_size):
            batch = images[indices] if maps is None else distorted(images[indices], maps[indices])
            loss = obvious_loss(network(batch), labels[indices], chosen.j, chosen.energy_scale)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        return len(labels)

    return train


def distorted(images: Tensor, maps: Tensor) -> Tensor:
    """Images [n, 1, 32, 32] and the library's maps [n, 5] -> distorted images, by torch's own affine grid."""
    x_step, y_step, shear, x_shift, y_shift = maps.unbind(1)
    zero = torch.zeros_like(shear)
    matrices = torch.stack([x_step, shear, x_shift / 15.5, zero, y_step, y_shift / 15.5], 1).view(-1, 2, 3)
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=True)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=True)


def evaluation(options: Options) -> Work:
    images, _ = test_data(options)
    network = ObviousLeNet5().eval()

    def evaluate() -> int:
        with torch.inference_mode():
            return sum(network(batch).shape[0] for batch in torch.split(images[:, None], EVALUATION_BATCH))

    return evaluate
