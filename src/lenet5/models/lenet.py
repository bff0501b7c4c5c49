"""LeNet-5 as the paper describes it (section II.B, Fig. 2), and what is called LeNet-5 today."""

import math

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from lenet5.models.codes import digit_codes
from lenet5.models.layers import Convolution, EuclideanRbf, Subsampling, squash
from lenet5.models.one_thread import F6
from lenet5.models.sizes import PAPER_SIZES, Sizes, c3_table
from lenet5.randomness import generator


class LeNet5(nn.Module):
    """The network of 1998: in its sizes, 60,000 trainable parameters with the RBF output, which is fixed.

    With `head="softmax"` the RBF layer gives way to a trainable linear one of ten units.
    """

    def __init__(self, head: str, sizes: Sizes) -> None:
        super().__init__()
        self.c1 = Convolution(1, ((0,),) * sizes.c1_maps)
        self.s2 = Subsampling(sizes.c1_maps)
        self.c3 = Convolution(sizes.c1_maps, c3_table(sizes.c1_maps, sizes.c3_maps))
        self.s4 = Subsampling(sizes.c3_maps)
        # C5 is a convolution whose 5x5 kernels cover all of S4: the same as full connection (section II.B).
        self.c5 = nn.Linear(sizes.c3_maps * 5 * 5, sizes.c5_units)
        self.f6 = nn.Linear(sizes.c5_units, sizes.f6_units)
        self.output: nn.Module = nn.Linear(sizes.f6_units, 10)
        if head == "rbf":
            self.output = EuclideanRbf(digit_codes())
            if sizes.f6_units != self.output.codes.shape[1]:
                raise ValueError(f"head 'rbf' needs an F6 of {self.output.codes.shape[1]} units, the pixels of a code")

    def forward(self, images: Tensor) -> Tensor:
        """Images [n, 32, 32] -> scores [n, 10], larger is better: minus the RBF penalties y_i, or the logits."""
        output: Tensor = self.output(self.f6_units(images))
        return -output if isinstance(self.output, EuclideanRbf) else output

    def f6_units(self, images: Tensor) -> Tensor:
        """Images [n, 32, 32] -> F6 [n, units], the faster way where there is one; the same but for rounding."""
        if images.device.type == "cpu" and images.dtype == torch.float32 and not torch.compiler.is_compiling():
            layers = (self.c1, self.s2, self.c3, self.s4, self.c5, self.f6)
            parameters = (parameter for layer in layers for parameter in layer.parameters())
            f6: Tensor = F6.apply(images, self.c3.links, *parameters)  # type: ignore[no-untyped-call]
            return f6
        return self.layer_by_layer(images)

    def layer_by_layer(self, images: Tensor) -> Tensor:
        """Images [n, 32, 32] -> F6 [n, units], as section II.B tells it: on any device, in any precision."""
        c1 = squash(self.c1(images[:, None]))
        s2 = squash(self.s2(c1))
        c3 = squash(self.c3(s2))
        s4 = squash(self.s4(c3))
        c5 = squash(self.c5(s4.flatten(1)))
        return squash(self.f6(c5))


class ModernLeNet5(nn.Module):
    """Full C3, max pooling, ReLU and softmax: in the paper's sizes 61,706 parameters, what most call LeNet-5."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, sizes.c1_maps, 5)
        self.c3 = nn.Conv2d(sizes.c1_maps, sizes.c3_maps, 5)
        self.c5 = nn.Linear(sizes.c3_maps * 5 * 5, sizes.c5_units)
        self.f6 = nn.Linear(sizes.c5_units, sizes.f6_units)
        self.output = nn.Linear(sizes.f6_units, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Images [n, 32, 32] -> logits [n, 10]."""
        s2 = functional.max_pool2d(functional.relu(self.c1(images[:, None])), 2)
        s4 = functional.max_pool2d(functional.relu(self.c3(s2)), 2)
        c5 = functional.relu(self.c5(s4.flatten(1)))
        f6 = functional.relu(self.f6(c5))
        logits: Tensor = self.output(f6)
        return logits


def build(network: str, head: str, sizes: Sizes = PAPER_SIZES, seed: int = 0) -> nn.Module:
    """The network `lenet5` (head `rbf` or `softmax`) or `lenet5-modern`, its weights drawn from `seed` alone.

    Raises:
        ValueError: there is no such network with such a head, or the head needs another size.
    """
    model: nn.Module
    if network == "lenet5" and head in ("rbf", "softmax"):
        model = LeNet5(head, sizes)
    elif network == "lenet5-modern" and head == "softmax":
        model = ModernLeNet5(sizes)
    else:
        raise ValueError(f"no network {network!r} with head {head!r}")
    initialise(model, generator("initial weights", seed))
    return model


def multiply_adds(network: str, sizes: Sizes = PAPER_SIZES) -> int:
    """Multiplications by a weight that one image costs: 326,520 for LeNet-5 in the paper's sizes.

    Each weight times the places that it is used at. The fixed codes of the RBF head count as a trainable layer's
    weights; subsampling, two operations a unit, and biases do not count.
    """
    places = {"c1": 28 * 28, "c3": 10 * 10}
    layers = build(network, "softmax", sizes).named_children()
    return sum(places.get(name, 1) * parameter.numel() for name, layer in layers for parameter in weights_of(layer))


def weights_of(layer: nn.Module) -> list[nn.Parameter]:
    """Parameters of `layer` that multiply an input each: neither biases nor subsampling's coefficients."""
    return [parameter for name, parameter in layer.named_parameters() if name == "weight"]


def initialise(model: nn.Module, source: Generator) -> None:
    """Draw all weights uniformly from ±2.4/sqrt(fan-in); biases start at 0.

    The paper says ±2.4/fan-in (section III.B); with that, a short training by SGD ends worse (README). A subsampling
    unit starts as the average of its inputs: the paper does not say how its coefficient starts.
    """
    for layer in model.modules():
        if isinstance(layer, Convolution):
            # Not torch's sqrt: MKL's is an approximation, by an instruction that Intel and AMD do not fill in alike.
            bound = torch.tensor([2.4 / math.sqrt(inputs) for inputs in layer.fan_in().tolist()])
            _fill_uniform(layer.weight, bound[:, None, None], source)
            nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.Conv2d | nn.Linear):
            _fill_uniform(layer.weight, torch.tensor(2.4 / math.sqrt(layer.weight[0].numel())), source)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, Subsampling):
            nn.init.constant_(layer.coefficient, 0.25)
            nn.init.zeros_(layer.bias)


def _fill_uniform(weight: Tensor, bound: Tensor, source: Generator) -> None:
    with torch.no_grad():
        weight.uniform_(-1, 1, generator=source).mul_(bound)
