"""Measurements as a run leaves them, with made-up times."""

from benchmarks.records import Measurement, Operation


def turn(row: str, contestant: str, repeat: int, seconds: float, **changes: object) -> Measurement:
    """One turn over 1,000 images."""
    given = {
        "row": row, "case": "batch 128", "contestant": contestant, "repeat": repeat, "seconds": seconds, "size": 1000,
        "unit": "images", "peak_mib": 300.0, "command": f"python -m benchmarks.contestants {contestant}",
        "machine": "a processor",
    }  # fmt: skip
    return Measurement(**given | changes)  # type: ignore[arg-type]


EPOCHS = [
    turn("epoch", contestant, repeat, seconds)
    for contestant, times in {
        "limit": (1.0, 1.0, 1.0),
        "stock": (8.0, 16.0, 8.0),
        "bare portable": (6.0, 12.0, 6.0),
        "loop portable": (1.9, 4.0, 1.9),
        "ours portable": (2.0, 4.0, 2.0),
    }.items()
    for repeat, seconds in enumerate(times, 1)
]
GROWTH = [
    turn("growth-examples", f"{size} examples", 1, seconds, case="epoch", size=size)
    for size, seconds in {1000: 1.1, 2000: 2.1, 3000: 3.1}.items()
]
OPERATIONS = [
    Operation("bare", "aten::tanh", 6.0, 700.0),
    Operation("bare", "aten::add", 9.0, 300.0),
    Operation("ours", "aten::mm", 4.0, 500.0),
]
