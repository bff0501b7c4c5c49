"""The training of 1998 as anyone would write it: obvious modules, one pattern per update, a rate for each weight."""

import torch

from benchmarks.contestants.inputs import SEED, training_data
from benchmarks.contestants.options import Options, Work
from benchmarks.obvious import ObviousLeNet5, obvious_loss
from lenet5.sdlm.params import load_paper_params

RATE = 1e-4
"""Of every weight: what a rate is does not change how long a step with it takes."""


def work(options: Options) -> Work:
    """Updates, without the curvatures that the library estimates before."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    data, chosen = training_data(options), load_paper_params().conventions
    images, labels = data.images[:, None, None], data.labels[:, None]

    def train() -> int:
        network = ObviousLeNet5()
        parameters = list(network.parameters())
        rates = [torch.full_like(parameter, RATE) for parameter in parameters]
        for image, label in zip(images, labels, strict=True):
            loss = obvious_loss(network(image), label, chosen.j, chosen.energy)
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for parameter, rate, gradient in zip(parameters, rates, gradients, strict=True):
                    parameter.addcmul_(rate, gradient, value=-1)
        return len(labels)

    return train
