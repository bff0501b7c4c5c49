"""Which workers the settings ask for."""

from pathlib import Path

from lenet5.errors import UserError
from lenet5.settings import Settings
from lenet5.workers.here import ThisProcess
from lenet5.workers.interface import Workers
from lenet5.workers.processes import Processes


def workers_for(settings: Settings, training_data: Path, cache_folder: Path) -> Workers:
    """The place where `settings` have jobs run: a Ray cluster if one is named, else processes of this machine.

    Raises:
        UserError: the data cannot be read, or Ray is asked for and not installed.
    """
    if settings.cluster is not None:
        return on_ray(settings, training_data, cache_folder)
    if settings.workers == 0:
        return ThisProcess(training_data, cache_folder)
    return Processes(settings.workers, training_data, cache_folder)


def on_ray(settings: Settings, training_data: Path, cache_folder: Path) -> Workers:
    """Workers of a Ray cluster; apart, since Ray is an extra."""
    assert settings.cluster is not None
    try:
        from lenet5.workers.ray_cluster import RayCluster
        from lenet5.workers.ray_connection import Request
    except ModuleNotFoundError as error:
        if error.name not in ("ray", "grpc"):
            raise
        raise UserError(
            f"LENET5_CLUSTER: {error.name} is not installed; `make extras` installs it (the extra `cluster`)"
        ) from error
    request = Request(settings.cluster, settings.job_cpus, settings.job_gpus)
    return RayCluster(request, training_data, cache_folder)
