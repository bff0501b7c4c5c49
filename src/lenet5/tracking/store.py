"""Opens the place where MLflow keeps its runs; whatever is wrong with it is said at once, and in one line."""

import fcntl
import logging
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Before mlflow is imported, which reads it: a pipeline that calls home is not what a person asked for.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# MLflow's own bounds (7 retries of 120 s each) let a server that does not answer hold a stage for minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
# One file is no progress worth a bar.
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.db import utils as database
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from lenet5.errors import UserError

# It reports each migration of a new database, and prints a traceback for every error that is raised anyway.
logging.getLogger(database.__name__).setLevel(logging.CRITICAL)

PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
PATIENCE_S = 5


@contextmanager
def opened(tracking_uri: str) -> Iterator[MlflowClient]:
    """Give a client of the store at `tracking_uri`, for much that is to be written at once.

    A SQLite database that does not exist is made. While the block runs, another process that opens the same one waits:
    two at once would add runs twice.

    Raises:
        UserError: see `connected`; or MLflow reports an error while the block runs.
    """
    with blaming(tracking_uri), exclusively(tracking_uri), not_waiting_for_the_disk(tracking_uri):
        yield connected(tracking_uri)


def connected(tracking_uri: str) -> MlflowClient:
    """A client of the store at `tracking_uri`; a SQLite database that does not exist is made.

    Raises:
        UserError: the URI is of no known kind, the database is of another schema than this MLflow's.
        OSError, SQLAlchemyError: nothing answers there, the database is damaged or read-only.
    """
    check(parse(tracking_uri))
    return MlflowClient(tracking_uri, registry_uri=tracking_uri)


@contextmanager
def blaming(tracking_uri: str) -> Iterator[None]:
    """Make one line that names the store of whatever it or MLflow's client raise."""
    url = parse(tracking_uri)
    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        if isinstance(error, OSError) and error.filename:
            raise  # of a local file, and it says which
        # MLflow's own messages may quote the URI, with its password.
        said = reason(error).replace(str(url.password), "***") if url.password else reason(error)
        raise UserError(f"MLflow at {url.render_as_string()}: {said}") from error


@contextmanager
def exclusively(tracking_uri: str) -> Iterator[None]:
    """Hold the lock that lies beside a SQLite database; the system releases it however the process ends."""
    file = sqlite_file(parse(tracking_uri))
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f"{file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def not_waiting_for_the_disk(tracking_uri: str) -> Iterator[None]:
    """Have SQLite leave it to the system when a transaction reaches the disk, but for the last.

    MLflow makes a dozen transactions of a run, each of which waits 10 ms for the disk. A process may be killed at any
    point still; only a system that goes down in these seconds may leave a database that has to be filled anew.
    """

    def tell(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    file = sqlite_file(parse(tracking_uri))
    if file is None:
        yield
        return
    event.listen(Engine, "connect", tell)
    try:
        yield
        with file.open("rb") as written:
            os.fsync(written.fileno())
    finally:
        event.remove(Engine, "connect", tell)


def without_password(tracking_uri: str) -> str:
    """The URI as it may be shown."""
    return parse(tracking_uri).render_as_string()


def parse(tracking_uri: str) -> URL:
    """The parts of a URI that can be used.

    Raises:
        UserError: it is of no known kind. The file store, `./mlruns`, is one: MLflow has given it up (mlflow#18534).
    """
    wanted = "right would be sqlite:///mlflow.db, postgresql+psycopg://user@host/database or http://host:5000"
    try:
        url = make_url(tracking_uri)
    except (ArgumentError, ValueError) as error:
        raise UserError(f"MLFLOW_TRACKING_URI: {tracking_uri!r} is not a URI; {wanted}") from error
    on_disk = url.get_backend_name() == "sqlite" and url.database not in (None, ":memory:")
    if not on_disk and not (url.get_backend_name() in PORTS and url.host):
        raise UserError(f"MLFLOW_TRACKING_URI: {url.render_as_string()!r} cannot be used; {wanted}")
    return url


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; None for other databases, servers and SQLite's own `file:` notation."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return None
    return Path(url.database).absolute()


def artifact_location(tracking_uri: str) -> str | None:
    """Where artifacts go: `mlruns` beside a SQLite database; None where the server decides."""
    file = sqlite_file(parse(tracking_uri))
    return (file.parent / "mlruns").as_uri() if file else None


def check(url: URL) -> None:
    """Make sure of the store before MLflow opens it: MLflow would try again for 100 seconds, and migrate in place."""
    name = url.get_backend_name()
    file = sqlite_file(url)
    if file and not (file.exists() and file.stat().st_size):
        create_database(file)
    if url.host:
        check_answers(url.host, url.port or PORTS[name])
    if name not in ("http", "https"):
        check_database(url)


def create_database(file: Path) -> None:
    """Make MLflow's database under another name first: one whose migrations were cut short could never be opened."""
    new = file.with_name(f"{file.name}.new")
    for left_over in (new, new.with_name(f"{new.name}-journal")):
        left_over.unlink(missing_ok=True)
    store = SqlAlchemyStore(f"sqlite:///{new}", str(file.parent / "mlruns"))  # type: ignore[no-untyped-call]
    store.engine.dispose()
    new.replace(file)


def check_answers(host: str, port: int) -> None:
    """Raise the OSError that says why nothing answers there."""
    socket.create_connection((host, port), timeout=PATIENCE_S).close()


def check_database(url: URL) -> None:
    """Refuse a database that cannot be reached or written, or whose schema is another MLflow's."""
    name = url.render_as_string()
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise UserError(f"MLflow at {name}: the Python package {error.name} is needed for it") from error
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails now if nothing can be written
                connection.rollback()
        found = database._get_schema_version(engine)  # type: ignore[no-untyped-call]
        wanted = database._get_latest_schema_revision()  # type: ignore[no-untyped-call]
    finally:
        engine.dispose()
    if found not in (None, wanted):
        mend = "delete it and run track again, or run `mlflow db upgrade`"
        raise UserError(f"MLflow at {name}: its schema {found} is not {wanted}, that of the MLflow installed; {mend}")


def reason(error: Exception) -> str:
    """What went wrong, in one line, without the SQL that did not work."""
    said = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
    return said.partition("\n")[0].strip()
