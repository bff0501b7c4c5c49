"""What only changes where and how fast things run: the environment, or `.env`. Never an input of a result."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lenet5.errors import UserError


class Settings(BaseSettings):
    """The environment's settings; variables of other programs are ignored."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    workers: Annotated[int, Field(ge=0, le=1024, validation_alias="LENET5_WORKERS")] = os.cpu_count() or 1
    """Processes that train; 0 trains in the stage's own process."""
    data: Annotated[Path | None, Field(validation_alias="LENET5_DATA")] = None
    """A folder that holds the four MNIST files."""
    tracking_uri: Annotated[str, Field(validation_alias="MLFLOW_TRACKING_URI", min_length=1)] = "sqlite:///mlflow.db"
    study_storage: Annotated[str, Field(validation_alias="OPTUNA_STORAGE", min_length=1)] = (
        "sqlite:///.studies/studies.db"
    )


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        UserError: a variable has a value that cannot be used, or `.env` cannot be read; the line names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        complaint = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in complaint["loc"])
        raise UserError(f"{name}: {complaint['msg']} (found {complaint['input']!r})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f".env: cannot be read: {error}") from error
