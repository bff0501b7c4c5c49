"""The target codes: the bitmaps of Fig. 3, and the distances that the paper's argument rests on."""

import torch

from lenet5.models.codes import digit_codes

# Typed a second time from the images in the paper's file, a digit per line.
FIGURE_3 = """
.#####.|.......|..###..|.##.##.|##...##|##...##|##...##|##...##|.##.##.|..###..|.......|.......
...##..|..###..|.####..|...##..|...##..|...##..|...##..|...##..|...##..|.######|.......|.......
.#####.|.......|.#####.|##...##|#....##|....##.|..###..|.##....|##.....|#######|.......|.......
#######|.....##|....##.|...##..|..####.|.....##|.....##|.....##|##...##|.#####.|.......|.......
.#####.|.......|.......|.##..##|.##..##|###..##|##...##|##...##|##..###|.######|.....##|.....##
.#####.|.......|#######|##.....|##.....|.####..|..####.|.....##|##...##|.#####.|.......|.......
..####.|.##....|##.....|##.....|######.|###..##|##...##|##...##|###..##|.#####.|.......|.......
#######|.....##|.....##|....##.|...##..|...##..|..##...|..##...|..##...|..##...|.......|.......
.#####.|##...##|##...##|##...##|.#####.|##...##|##...##|##...##|##...##|.#####.|.......|.......
.#####.|##..###|##...##|##...##|##..###|.######|.....##|.....##|....##.|.####..|.......|.......
"""


def drawn(code: torch.Tensor) -> str:
    rows = ["".join("#" if cell == 1 else "." for cell in row) for row in code.view(12, 7)]
    return "|".join(rows)


def test_codes_draw_the_digits_of_figure_3() -> None:
    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert set(codes.flatten().tolist()) == {-1.0, 1.0}
    assert [drawn(code) for code in codes] == FIGURE_3.split()


def test_nearest_codes_are_those_of_6_and_8_at_hamming_distance_12() -> None:
    codes = digit_codes()
    distance = (codes[:, None] != codes).sum(2)
    pairs = {(a, b): int(distance[a, b]) for a in range(10) for b in range(a)}
    smallest = min(pairs.values())
    assert smallest == 12
    assert [pair for pair, value in pairs.items() if value == smallest] == [(8, 6)]


def test_an_overbar_marks_0_2_4_and_5() -> None:
    rows = digit_codes().view(10, 12, 7)
    bar = torch.tensor([-1.0, 1, 1, 1, 1, 1, -1])
    marked = (rows[:, 0] == bar).all(1) & (rows[:, 1] == -1).all(1)
    assert marked.nonzero().flatten().tolist() == [0, 2, 4, 5]
