"""Measurements in turns: A B C A B C, so that what disturbs the machine for a while disturbs all alike."""

from collections.abc import Iterator, Mapping

from benchmarks import machine
from benchmarks.processes import Turn, contestants, plain_environment, shown
from benchmarks.records import Measurement


def in_turns(
    row: str,
    case: str,
    wanted: Mapping[str, str],
    repeats: int,
    environment: Mapping[str, str] | None = None,
    unit: str = "images",
) -> Iterator[Measurement]:
    """Let contestants, by name and with the arguments of `python -m benchmarks.contestants`, work in turns."""
    with contestants(wanted, environment or plain_environment()) as ready:
        for repeat in range(1, repeats + 1):
            for contestant in ready:
                turn = contestant.turn()
                yield measured(row, case, contestant.name, repeat, turn, unit, shown(contestant.command))


def measured(row: str, case: str, contestant: str, repeat: int, turn: Turn, unit: str, command: str) -> Measurement:
    """A turn as it is kept."""
    return Measurement(
        row=row,
        case=case,
        contestant=contestant,
        repeat=repeat,
        seconds=turn.seconds,
        size=turn.size,
        unit=unit,
        peak_mib=turn.peak_mib,
        command=command,
        machine=machine.description(),
    )
