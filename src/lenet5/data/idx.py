"""The IDX format of the MNIST files: a big-endian header, then unsigned bytes in row-major order.

Header: two zero bytes, the type (8: unsigned byte), the number of dimensions, then each dimension as 4 bytes. So label
files start with 0x00000801 and image files with 0x00000803.
"""

import math
import struct

import numpy as np
from numpy.typing import NDArray

UNSIGNED_BYTES = 0x00000800


def parse(content: bytes, dimensions: int) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes: 1 dimension for labels [n], 3 for images [n, rows, columns].

    The array is read-only: it looks into `content`.

    Raises:
        ValueError: one line; another format or number of dimensions, or a length that is not the header's.
    """
    header = 4 * (1 + dimensions)
    if len(content) < header:
        raise ValueError(f"{len(content)} bytes long, too short for an IDX header of {header} bytes")
    magic, *shape = struct.unpack_from(f">{1 + dimensions}I", content)
    if magic != UNSIGNED_BYTES + dimensions:
        raise ValueError(f"starts with 0x{magic:08x}, expected 0x{UNSIGNED_BYTES + dimensions:08x} (IDX)")
    expected = header + math.prod(shape)
    if len(content) != expected:
        sizes = " x ".join(str(size) for size in shape)
        raise ValueError(f"{len(content)} bytes long, but its header says {sizes}, which makes {expected}")
    return np.frombuffer(memoryview(content)[header:], dtype=np.uint8).reshape(shape)
