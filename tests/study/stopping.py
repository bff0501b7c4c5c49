"""A study that is stopped before every write to its store, and continued."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.storages import InMemoryStorage
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from lenet5.params import Search
from lenet5.study.outcome import Trial
from lenet5.study.rounds import Evaluate, Rounds
from lenet5.study.store import Store
from tests.made_study import cost_of, evaluate, trials_of


def trials_of_many_lives(folder: Path, options: Search, evaluate: Evaluate = evaluate) -> tuple[int, list[Trial]]:
    """How often the study in `folder` was stopped, and the trials in the end."""
    stops = 0
    while True:
        try:
            with stopping_before_the_second_write():
                return stops, trials_of(folder, options, evaluate)
        except KeyboardInterrupt:
            stops += 1


@contextmanager
def stopping_before_the_second_write() -> Iterator[None]:
    """Let one transaction that writes be committed, and stop before the next."""
    written = 0

    def note(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SELECT", "PRAGMA")):
            connection.info["writes"] = True

    def forget(connection: Connection) -> None:
        connection.info.pop("writes", None)

    def count(connection: Connection) -> None:
        nonlocal written
        written += connection.info.pop("writes", False)
        if written == 2:
            connection.connection.rollback()
            raise KeyboardInterrupt

    listeners: dict[str, Callable[..., None]] = {"before_cursor_execute": note, "commit": count, "rollback": forget}
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


class StoppingStorage(InMemoryStorage):
    """A store that outlives the coordinator, and stops it before its second write: quick enough for many studies."""

    left = 1

    def write(self) -> None:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1

    def create_new_trial(self, *given: Any, **named: Any) -> int:
        self.write()
        return super().create_new_trial(*given, **named)

    def set_trial_intermediate_value(self, *given: Any) -> None:
        self.write()
        super().set_trial_intermediate_value(*given)

    def set_trial_user_attr(self, *given: Any) -> None:
        self.write()
        super().set_trial_user_attr(*given)

    def set_trial_state_values(self, *given: Any, **named: Any) -> bool:
        self.write()
        return super().set_trial_state_values(*given, **named)


def trials_in(storage: InMemoryStorage, options: Search, evaluate: Evaluate = evaluate) -> list[Trial]:
    """The trials of a study in a store that is kept in memory, however often it stops."""
    while True:
        try:
            return Rounds(options, Store(storage, "study", options.objectives), evaluate, cost_of, lambda _: None).run()
        except KeyboardInterrupt:
            if not isinstance(storage, StoppingStorage):
                raise
            storage.left = 1
