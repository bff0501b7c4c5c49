"""The address of the study's database, and a study in PostgreSQL as in SQLite."""

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from lenet5.database import database_url, without_password
from lenet5.errors import UserError
from lenet5.study.outcome import Trial
from lenet5.study.rounds import Failure, run_study
from tests.made_study import OPTIONS, Counting, cost_of, evaluate, not_waiting_for_the_disk
from tests.patience import soon
from tests.postgresql import PASSWORD, Server, postgresql


@pytest.mark.parametrize("storage", ["sqlite:///.studies/studies.db", "sqlite://", "mysql://host/studies"])
def test_addresses_of_other_databases_stay_as_they_are(storage: str) -> None:
    assert database_url(storage) == storage


def test_postgresql_gets_its_driver_and_a_time_limit() -> None:
    pytest.importorskip("psycopg", reason="needs the extra `postgresql` (`make extras`)")
    url = make_url(database_url("postgresql://me:p%40ss@host/studies?sslmode=require"))
    assert (url.drivername, url.password, url.host, url.database) == ("postgresql+psycopg", "p@ss", "host", "studies")
    assert url.query == {"sslmode": "require", "connect_timeout": "10"}
    assert make_url(database_url("postgresql://host/studies?connect_timeout=3")).query == {"connect_timeout": "3"}
    assert make_url(database_url("postgresql+psycopg2://host/studies")).drivername == "postgresql+psycopg2"


def test_a_missing_driver_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setattr("lenet5.database.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"^OPTUNA_STORAGE: .*psycopg is not installed; `make extras`"):
        run_study(OPTIONS, "study", "postgresql://127.0.0.1:1/studies", evaluate, cost_of, lambda _: None)


@pytest.mark.parametrize(
    "storage",
    [
        "postgresql://me:secret@host/studies",
        "postgresql+psycopg://me:secret@host:5432/studies?sslmode=require",
        "postgresql://me:se@secret@host/studies",
        "postgresql://me:sec/ret:secret@host",
        "postgresql://host/studies?user=me&password=secret&sslmode=require",
        "://me:secret@",
    ],
)
def test_a_password_is_never_shown(storage: str) -> None:
    assert "secret" not in without_password(storage)
    assert "***" in without_password(storage)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql() as running:
        yield running


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of either kind."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path}/studies/study.db"
    server: Server = request.getfixturevalue("server")
    return server.create(f"test_{tmp_path.name}"[:60].lower())


def trials(storage: str, evaluate: Counting, name: str = "study") -> list[Trial]:
    with not_waiting_for_the_disk() if storage.startswith("sqlite") else nullcontext():
        return run_study(OPTIONS, name, storage, evaluate, cost_of, lambda _: None)


@pytest.fixture(scope="module")
def undisturbed() -> list[Trial]:
    return trials("sqlite://", Counting())


def test_a_study_is_the_same_in_either_store(storage: str, undisturbed: list[Trial]) -> None:
    assert trials(storage, Counting()) == undisturbed
    again = Counting()
    assert trials(storage, again) == undisturbed
    assert again.calls == []


def test_a_study_that_was_stopped_goes_on_to_the_same_end(storage: str, undisturbed: list[Trial]) -> None:
    for stop_at in (0, 1, 2, 1):
        with pytest.raises(KeyboardInterrupt):
            trials(storage, Counting(stop_at))
    assert trials(storage, Counting()) == undisturbed


def test_two_studies_share_a_store(storage: str, undisturbed: list[Trial]) -> None:
    assert trials(storage, Counting(), "one") == trials(storage, Counting(), "two") == undisturbed


def test_a_store_of_another_version_of_optuna_is_one_line(storage: str) -> None:
    trials(storage, Counting())
    engine = create_engine(database_url(storage))
    with engine.begin() as connection:
        connection.execute(text("UPDATE version_info SET schema_version = 99"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'v99.0.0'"))
    engine.dispose()
    refused(storage, "version")


def test_a_wrong_password_is_one_line_without_it(server: Server) -> None:
    wrong = server.url("postgres").replace("home@", "work@")
    assert "work" not in refused(wrong, "password authentication failed")


def test_a_database_that_is_not_there_is_one_line(server: Server) -> None:
    refused(server.url("nothing"), '"nothing" does not exist')


def test_a_server_that_stops_in_the_middle_is_one_line_and_loses_nothing(undisturbed: list[Trial]) -> None:
    with postgresql() as server:
        storage = server.create("studies")

        class Stopping(Counting):
            def __call__(self, *asked: Any) -> Sequence[float | Failure]:
                if len(self.calls) == 2:
                    server.stop()
                return super().__call__(*asked)

        refused(storage, "connection", Stopping())
        server.start()
        assert trials(storage, Counting()) == undisturbed


def test_a_server_that_does_not_answer_is_one_line_soon() -> None:
    pytest.importorskip("psycopg", reason="needs the extra `postgresql` (`make extras`)")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent, soon():
        storage = f"postgresql://me:secret@127.0.0.1:{silent.getsockname()[1]}/studies?connect_timeout=2"
        assert "secret" not in refused(storage, "timeout expired")


def refused(storage: str, reason: str, evaluate: Counting | None = None) -> str:
    """The one line with which a store is refused."""
    with pytest.raises(UserError) as refusal:
        trials(storage, evaluate or Counting())
    line = str(refusal.value)
    assert line.startswith("OPTUNA_STORAGE: ")
    assert "\n" not in line
    assert reason in line
    assert PASSWORD not in line
    return line
