"""The catalogue: mistakes that the gate must catch, and harmless changes that it must let pass, as texts to replace."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.blocks import Block, Name
from lenet5.errors import UserError

CATALOGUE = Path(__file__).with_name("planted")
HARMLESS = "harmless"
"""The file of the changes that alter no result."""

Shows = Literal["error", "structure", "bits"]
"""What a mistake is expected to change: how often networks err, the form of something, or nothing but bits."""


class Edit(Block):
    """In `file`, the one place that reads `old` becomes `new`."""

    file: str
    old: Annotated[str, Field(min_length=1)]
    new: str

    def made_in(self, content: str) -> str:
        """`content` after the edit.

        Raises:
            ValueError: one line; the old text is not there, or there more than once, or it would not change.
        """
        found = content.count(self.old)
        if found != 1:
            raise ValueError(f"{self.file}: has {found} places, not one, that read {first_line(self.old)!r}")
        if self.old == self.new:
            raise ValueError(f"{self.file}: {first_line(self.old)!r} would stay as it is")
        return content.replace(self.old, self.new)


class Plant(Block):
    """A named change: of texts, or of the environment that the gate runs in."""

    name: Name
    imitates: str
    """What a person did who made this change."""
    shows: Shows | None = None
    """None: a harmless change."""
    edits: tuple[Edit, ...] = ()
    environment: dict[str, str] = Field(default_factory=dict)


def catalogue(folder: Path = CATALOGUE) -> list[Plant]:
    """All mistakes and, after them, all harmless changes.

    Raises:
        UserError: a file is no list of plants, or two have one name.
    """
    paths = sorted(folder.glob("*.yaml"), key=lambda path: (path.stem == HARMLESS, path.stem))
    plants = [plant for path in paths for plant in read(path)]
    refuse_same_names(plants)
    return plants


def read(path: Path) -> list[Plant]:
    """The plants of one file; whether they are mistakes or harmless is the file's to say.

    Raises:
        UserError: one line that names the file and the entry.
    """
    try:
        found = TypeAdapter(tuple[Plant, ...]).validate_python(
            tuple(with_tuples(entry) for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8")))
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{path}: entry {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (YAMLError, TypeError) as error:
        raise UserError(f"{path}: is no list of plants ({' '.join(str(error).split())})") from error
    for plant in found:
        if (plant.shows is None) != (path.stem == HARMLESS):
            raise UserError(f"{path}: {plant.name}: says what it shows if, and only if, it is not harmless")
        if not plant.edits and not plant.environment:
            raise UserError(f"{path}: {plant.name}: changes nothing")
    return list(found)


def with_tuples(entry: dict[str, object]) -> dict[str, object]:
    """An entry as YAML has it, with what pydantic is strict about."""
    edits = entry.get("edits")
    return entry | {"edits": tuple(edits)} if isinstance(edits, list) else entry


def refuse_same_names(plants: Iterable[Plant]) -> None:
    seen: set[str] = set()
    for plant in plants:
        if plant.name in seen:
            raise UserError(f"{CATALOGUE.name}: two plants are named {plant.name}")
        seen.add(plant.name)


def planted(plant: Plant, tree: Path) -> dict[Path, str]:
    """The files below `tree` that `plant` changes, with their new contents. Nothing is written.

    Raises:
        UserError: one line; the plant does not apply to this tree any more.
    """
    changed: dict[Path, str] = {}
    for edit in plant.edits:
        path = tree / edit.file
        try:
            content = changed[path] if path in changed else path.read_text(encoding="utf-8")
            changed[path] = edit.made_in(content)
        except OSError as error:
            raise UserError(f"plant {plant.name}: {edit.file}: cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise UserError(f"plant {plant.name}: {error}; write it anew for the code as it is") from error
    return changed


@contextmanager
def planting(plant: Plant, tree: Path) -> Iterator[None]:
    """Keep the changes of `plant` in `tree` while the block runs: all of them or, if one does not apply, none.

    Raises:
        UserError: the plant does not apply to this tree any more.
    """
    changes = planted(plant, tree)
    before = {path: (path.read_bytes(), path.stat()) for path in changes}
    try:
        for path, content in changes.items():
            path.write_text(content, encoding="utf-8")
        yield
    finally:
        for path, (content_before, stat) in before.items():
            path.write_bytes(content_before)
            # With the time it had, so that what was compiled of it still counts.
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def first_line(text: str) -> str:
    return text.strip().splitlines()[0]
