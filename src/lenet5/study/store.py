"""The study's store: what was asked, reported and told, so that it can be stopped and continued, and watched."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.pruners import NopPruner
from optuna.samplers import RandomSampler
from optuna.storages import BaseStorage, get_storage
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lenet5.database import database_url, without_password
from lenet5.errors import UserError
from lenet5.study.space import directions

REASON = "reason"
"""The user attribute that says why a trial failed."""


class Store:
    """One study in a store. Each method is one transaction, or one that says what is there already."""

    def __init__(self, storage: str | BaseStorage, name: str, objectives: Sequence[str]) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.storage = get_storage(storage)
        self.study = optuna.create_study(
            study_name=name,
            storage=self.storage,
            # Not asked: what is tried next is decided by `Proposals`.
            sampler=RandomSampler(seed=0),
            pruner=NopPruner(),
            directions=directions(objectives),
            load_if_exists=True,
        )
        self.study_id = self.storage.get_study_id_from_name(name)

    def describe(self, attributes: Mapping[str, Any]) -> None:
        """Set the study's user attributes, where they are not set already."""
        known = self.study.user_attrs
        for key, value in attributes.items():
            if key not in known:
                self.study.set_user_attr(key, value)

    def trials(self) -> list[FrozenTrial]:
        """All trials, as copies."""
        return self.study.get_trials(deepcopy=True)

    def add(
        self, params: Mapping[str, Any], distributions: Mapping[str, BaseDistribution], attributes: dict[str, Any]
    ) -> None:
        """Add the next trial, as one that runs, with all of its parameters at once."""
        searched = {name: distributions[name] for name in params}
        trial = create_trial(
            state=TrialState.RUNNING, params=dict(params), distributions=searched, user_attrs=attributes
        )
        self.storage.create_new_trial(self.study_id, trial)

    def report(self, number: int, error_pct: float, epochs: int) -> None:
        """Keep a rung's error. Not `Trial.report`, which refuses two objectives, and asks the sampler again."""
        self.storage.set_trial_intermediate_value(self.trial_id(number), epochs, error_pct)

    def tell(self, number: int, state: TrialState, values: Sequence[float] | None, reason: str = "") -> None:
        """Keep how a trial ended."""
        if reason and self.storage.get_trial(self.trial_id(number)).user_attrs.get(REASON) != reason:
            self.storage.set_trial_user_attr(self.trial_id(number), REASON, reason)
        self.study.tell(number, values, state)

    def trial_id(self, number: int) -> int:
        return self.storage.get_trial_id_from_study_id_trial_number(self.study_id, number)


def open_store(storage: str, name: str, objectives: Sequence[str]) -> Store:
    """Open the store that the URL `storage` names, and in it open or create the study `name`.

    Raises:
        UserError: the URL is wrong, or what it names cannot be reached or used, or belongs to something else.
    """
    # Drivers and URL parsers raise what they like.
    with blaming(storage, OSError, ImportError, RuntimeError, ValueError):
        url = make_url(storage)
        if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        refuse_other_tables(storage)
        return Store(database_url(storage), name, objectives)


def refuse_other_tables(storage: str) -> None:
    """Keep Optuna's tables out of a database that is something else's, MLflow's for one."""
    if storage.startswith("redis"):
        return  # no database to SQLAlchemy; Optuna says what is wrong
    engine = create_engine(database_url(storage))
    try:
        tables = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if tables and "studies" not in tables:
        raise ValueError(f"it holds the tables of something else ({', '.join(sorted(tables)[:3])}, ...)")


@contextmanager
def blaming(storage: str, *also: type[Exception]) -> Iterator[None]:
    """Make one line that names the setting of whatever the store's libraries raise, or of `also`."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (SQLAlchemyError, optuna.exceptions.OptunaError, *also)):
            raise
        cause: BaseException = error
        while cause.__cause__:
            cause = cause.__cause__
        reason = " ".join(str(cause).split())[:200]
        raise UserError(
            f"OPTUNA_STORAGE: {without_password(storage)} cannot be used as the study's store: {reason}"
        ) from error
