"""The training criteria of section II.C, and cross-entropy for the softmax head."""

from torch import Tensor
from torch.nn import functional


def mle_loss(penalties: Tensor, labels: Tensor) -> Tensor:
    """Eq. 8: the mean penalty of the right class. Penalties [n, 10], labels [n] -> scalar."""
    return penalties.gather(1, labels[:, None]).mean()


def map_loss(penalties: Tensor, labels: Tensor, j: float) -> Tensor:
    """Eq. 9: the right class down, the wrong ones up, those beyond the rubbish class j left alone.

    Penalties [n, 10], labels [n] -> scalar mean of y_D + log(e^-j + sum_i e^-y_i).
    """
    # y_D + log(e^-j + sum_i e^-y_i) is the cross-entropy of class D among eleven logits: -y_i, and -j for rubbish.
    return functional.cross_entropy(functional.pad(-penalties, (0, 1), value=-j), labels)


def training_loss(head: str, scores: Tensor, labels: Tensor, j: float, energy_scale: float) -> Tensor:
    """What is minimised: eq. 9 on penalties times `energy_scale` for the RBF head, cross-entropy for softmax.

    Scores [n, 10] as the networks give them (larger is better), labels [n] -> scalar. The paper's penalties, up to 48
    and more apart, make eq. 9 a hard margin; the scale softens it.
    """
    if head == "rbf":
        return map_loss(-energy_scale * scores, labels, j)
    return functional.cross_entropy(scores, labels)
