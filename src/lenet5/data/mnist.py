"""What MNIST is: its four files, pinned by content, and the numbers that its pixels stand for.

Imports nothing but hashlib, so that a change in how the patterns are prepared does not concern the download.
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

BACKGROUND = -0.1
"""What the network is given for a white pixel (section II.B: the mean input is then roughly 0)."""
FOREGROUND = 1.175
"""What the network is given for a black pixel (section II.B: the variance is then roughly 1)."""
CLASSES = 10


@dataclass(frozen=True)
class PinnedFile:
    """A file known by its uncompressed content; where it comes from does not matter."""

    name: str
    sha256: str
    size: int
    """Bytes."""

    def check(self, content: bytes) -> None:
        """Accept `content` only if it is this file.

        Raises:
            ValueError: one line that says what `content` is instead.
        """
        if len(content) > self.size:
            raise ValueError(f"longer than the {self.size} bytes expected")
        if len(content) < self.size:
            raise ValueError(f"{len(content)} bytes long, expected {self.size}")
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise ValueError(f"SHA-256 is {found}, expected {self.sha256}")


class MnistFiles(NamedTuple):
    """The four files of the set, or of a smaller one of the same form."""

    train_images: PinnedFile
    train_labels: PinnedFile
    test_images: PinnedFile
    test_labels: PinnedFile


FILES = MnistFiles(
    train_images=PinnedFile(
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        47_040_016,
    ),
    train_labels=PinnedFile(
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        60_008,
    ),
    test_images=PinnedFile(
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        7_840_016,
    ),
    test_labels=PinnedFile(
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        10_008,
    ),
)
