import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from lenet5.data import idx
from tests.data.samples import encode

LABELS = encode(np.array([3, 1, 4], dtype=np.uint8))
IMAGES = encode(np.zeros((2, 28, 28), dtype=np.uint8))


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9)))
def test_what_was_encoded_is_read_back(array: NDArray[np.uint8]) -> None:
    found = idx.parse(encode(array), array.ndim)
    assert found.dtype == np.uint8
    assert found.shape == array.shape
    assert np.array_equal(found, array)


@given(st.binary(max_size=64), st.sampled_from([1, 3]))
def test_anything_else_is_refused_with_one_line(content: bytes, dimensions: int) -> None:
    try:
        array = idx.parse(content, dimensions)
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        assert encode(array) == content


@pytest.mark.parametrize(
    ("content", "dimensions", "complaint"),
    [
        (b"", 1, "0 bytes long, too short for an IDX header of 8 bytes"),
        (IMAGES[:12], 3, "12 bytes long, too short for an IDX header of 16 bytes"),
        (LABELS[:-1], 1, "10 bytes long, but its header says 3, which makes 11"),
        (LABELS + b"x", 1, "12 bytes long, but its header says 3, which makes 11"),
        (IMAGES[:-1], 3, "1583 bytes long, but its header says 2 x 28 x 28, which makes 1584"),
        (IMAGES, 1, "starts with 0x00000803, expected 0x00000801 (IDX)"),
        (LABELS + bytes(9), 3, "starts with 0x00000801, expected 0x00000803 (IDX)"),
        (b"\x1f\x8b\x08\x00" + bytes(8), 1, "starts with 0x1f8b0800, expected 0x00000801 (IDX)"),
        (bytes.fromhex("00000d01 00000001 00000000"), 1, "starts with 0x00000d01, expected 0x00000801 (IDX)"),
    ],
    ids=["empty", "header cut", "labels cut", "one too many", "images cut", "images", "labels", "gz", "floats"],
)
def test_complaint_says_what_is_wrong(content: bytes, dimensions: int, complaint: str) -> None:
    with pytest.raises(ValueError) as raised:
        idx.parse(content, dimensions)
    assert str(raised.value) == complaint
