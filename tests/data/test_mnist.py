import pytest

from lenet5.data.mnist import FILES
from tests.data.samples import pin


def test_sizes_are_those_of_60000_and_10000_patterns() -> None:
    assert FILES.train_images.size == 16 + 60_000 * 28 * 28
    assert FILES.train_labels.size == 8 + 60_000
    assert FILES.test_images.size == 16 + 10_000 * 28 * 28
    assert FILES.test_labels.size == 8 + 10_000


def test_only_the_pinned_content_is_accepted() -> None:
    pinned = pin("digits", b"0123456789")
    pinned.check(b"0123456789")
    with pytest.raises(ValueError, match=r"^9 bytes long, expected 10$"):
        pinned.check(b"012345678")
    with pytest.raises(ValueError, match=r"^longer than the 10 bytes expected$"):
        pinned.check(b"0123456789\n")
    with pytest.raises(ValueError, match=f"^SHA-256 is [0-9a-f]{{64}}, expected {pinned.sha256}$"):
        pinned.check(b"0123456780")
