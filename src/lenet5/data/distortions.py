"""The paper's distortions (section III.B, Fig. 7): random affine maps of whole batches."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from lenet5.compiled import compiled
from lenet5.params import Distortions
from lenet5.randomness import generator

MIDDLE = 15.5
"""The middle of the 32x32 field, in pixels; maps are written relative to it."""


def draw_maps(ranges: Distortions, seed: int, epoch: int, examples: int) -> Tensor:
    """One map per example [examples, 5]: x-step, y-step, shear term, x-shift, y-shift (pixels).

    An output pixel (x, y), measured from the middle, samples the source at
    (x_step * x + shear * y + x_shift, y_step * y + y_shift). Row i is a function of (seed, epoch, i), however many rows
    are drawn. A share `original` of the rows is the identity, as a tenth of the paper's patterns is.
    """
    uniform = torch.rand(examples, 6, generator=generator("distortions", seed, epoch))
    scale, squeeze, shear, x_shift, y_shift = (
        each.low + (each.high - each.low) * uniform[:, column]
        for column, each in enumerate((ranges.scale, ranges.squeeze, ranges.shear, ranges.shift, ranges.shift))
    )
    x_step, y_step = scale * squeeze, scale / squeeze
    # Fig. 7 scales about a line near the characters' feet, not about the middle.
    y_shift = y_shift + (ranges.scale_centre_row - MIDDLE) * (1 - y_step)
    maps = torch.stack([x_step, y_step, shear * y_step, x_shift, y_shift], 1)
    identity = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0])
    return torch.where(uniform[:, 5:] < ranges.original, identity, maps)


def distort(images: Tensor, maps: Tensor) -> Tensor:
    """Images [n, 32, 32] and maps [n, 5] -> distorted images [n, 32, 32]; bilinear, background beyond the edge."""
    if images.device.type != "cpu":
        return distort_at_once(images, maps)
    distorted = torch.empty_like(images)
    sample(images.numpy(), maps.numpy(), distorted.numpy())
    return distorted


@compiled
def sample(images: npt.NDArray[np.float32], maps: npt.NDArray[np.float32], distorted: npt.NDArray[np.float32]) -> None:
    """distorted <- what `distort` says, pixel by pixel: maps keep rows apart, so the two rows are mixed first."""
    last, middle = np.float32(31), np.float32(MIDDLE)
    mixed = np.empty(32, np.float32)
    for n in range(len(images)):
        x_step, y_step, shear, x_shift, y_shift = maps[n]
        for row in range(32):
            from_middle = np.float32(row) - middle
            y = min(max(middle + y_step * from_middle + y_shift, np.float32(0)), last)
            upper = min(int(y), 30)
            below = y - np.float32(upper)
            for k in range(32):
                mixed[k] = images[n, upper, k] + below * (images[n, upper + 1, k] - images[n, upper, k])
            start = middle + shear * from_middle + x_shift - x_step * middle
            for column in range(32):
                x = min(max(start + x_step * np.float32(column), np.float32(0)), last)
                left = min(int(x), 30)
                distorted[n, row, column] = mixed[left] + (x - np.float32(left)) * (mixed[left + 1] - mixed[left])


def distort_at_once(images: Tensor, maps: Tensor) -> Tensor:
    """The same, but for rounding, as operations on whole tensors, for GPUs."""
    x_step, y_step, shear, x_shift, y_shift = maps.to(images.device).unbind(1)
    # grid_sample measures from -1 to 1 between the middles of the outermost pixels.
    line = torch.linspace(-1, 1, 32, device=images.device)
    y = y_step[:, None] * line + (y_shift / MIDDLE)[:, None]
    row_start = shear[:, None] * line + (x_shift / MIDDLE)[:, None]
    x = row_start[:, :, None] + (x_step[:, None] * line)[:, None, :]
    grid = torch.stack([x, y[:, :, None].expand_as(x)], 3)
    # The outermost pixels of every pattern are background.
    sampled = functional.grid_sample(images[:, None], grid, padding_mode="border", align_corners=True)
    return sampled[:, 0]
