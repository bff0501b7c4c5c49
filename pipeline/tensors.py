"""How the stages write tensors, and read networks back."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from lenet5.errors import UserError
from lenet5.models.lenet import build
from lenet5.models.sizes import Sizes
from lenet5.params import Row
from pipeline.files import read_hyperparameters, writing


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write `tensors` to `path` as safetensors, whole or not at all."""
    # Through bytes: save_file raises an error of its own for a full disk, and makes files that only their owner reads.
    content = save(tensors)
    with writing(path) as temporary:
        temporary.write_bytes(content)


def load_network(row: Row, weights: Path) -> nn.Module:
    """The trained network of one seed, in the sizes that row.yaml beside its `weights` tells.

    Raises:
        UserError: a file is missing or damaged, or of another network.
    """
    chosen = read_hyperparameters(weights.with_name("row.yaml"), "train")
    try:
        network = build(row.network, row.head, Sizes.among(chosen.model_dump()))
        network.load_state_dict(load_file(weights))
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{weights}: not the weights of a {row.network} ({reason}); `dvc repro train`") from error
    return network
