"""The address of the study's database: in the form that SQLAlchemy takes, and in the form that a person may see."""

import re
from importlib.util import find_spec

from sqlalchemy.engine import make_url

PATIENCE_S = 10
"""How long a PostgreSQL server may take to answer; without it libpq waits as long as the system does, minutes."""


def database_url(storage: str) -> str:
    """What OPTUNA_STORAGE says, with the driver of PostgreSQL and a time limit where none are given.

    Raises:
        ImportError: it names a PostgreSQL server, and the extra `postgresql` is not installed.
        sqlalchemy.exc.ArgumentError: it has not the form of a URL.
        ValueError: a part of it has not.
    """
    url = make_url(storage)
    if url.get_backend_name() != "postgresql":
        return storage
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "postgresql+psycopg":
        if find_spec("psycopg") is None:
            raise ImportError("psycopg is not installed; `make extras` installs it (the extra `postgresql`)")
        url = url.update_query_dict({"connect_timeout": url.query.get("connect_timeout", str(PATIENCE_S))})
    return url.render_as_string(hide_password=False)


def without_password(storage: str) -> str:
    """`storage` for an error message; it may not be a valid URL at all."""
    hidden = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", storage)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", hidden)
