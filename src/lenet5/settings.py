"""What only changes where and how fast things run: the environment, or `.env`. Never an input of a result."""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lenet5.errors import UserError

ADDRESS = re.compile(r"auto|(ray://)?([^\s:/@]+|\[[0-9a-fA-F:]+\]):(\d{1,5})")


def ray_address(value: str) -> str:
    """`value` without spaces around it, if it has the form of an address.

    Raises:
        ValueError: it has not.
    """
    found = ADDRESS.fullmatch(value.strip())
    if found is None or int(found[3] or 0) > 65_535:
        raise ValueError("should be auto, host:port or ray://host:port")
    return value.strip()


RayAddress = Annotated[str, AfterValidator(ray_address)]


class Settings(BaseSettings):
    """The environment's settings; variables of other programs are ignored."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    workers: Annotated[int, Field(ge=0, le=1024, validation_alias="LENET5_WORKERS")] = os.cpu_count() or 1
    """Processes that train; 0 trains in the stage's own process."""
    cluster: Annotated[RayAddress | None, Field(validation_alias="LENET5_CLUSTER")] = None
    """Address of a Ray cluster that trains instead of processes of this machine; `auto`: the one that runs here."""
    job_cpus: Annotated[float, Field(gt=0, le=1024, allow_inf_nan=False, validation_alias="LENET5_JOB_CPUS")] = 1.0
    """Processor cores that a job asks the cluster for. It computes on one, whatever the number."""
    job_gpus: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, validation_alias="LENET5_JOB_GPUS")] = 0.0
    """The share of a GPU that a job asks the cluster for."""
    data: Annotated[Path | None, Field(validation_alias="LENET5_DATA")] = None
    """A folder that holds the four MNIST files."""
    tracking_uri: Annotated[str, Field(validation_alias="MLFLOW_TRACKING_URI", min_length=1)] = "sqlite:///mlflow.db"
    live: Annotated[bool, Field(validation_alias="LENET5_LIVE")] = True
    """Whether MLflow shows trainings while they run."""
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
        message = complaint["msg"].removeprefix("Value error, ")
        raise UserError(f"{name}: {message} (found {complaint['input']!r})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f".env: cannot be read: {error}") from error
