"""TOML read with a size cap and checked by pydantic; every fault is named with its place."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ranktrust.errors import StudyError

LARGEST = 1_000_000


class Declared(BaseModel):
    """A table of a TOML file: unknown keys, nan and inf are refused, values cannot change, blanks are no text."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of the file. Raises StudyError when it is absent, too large or not TOML."""
    if not path.is_file():
        raise StudyError(f"{path} does not exist; give the path of a TOML file")
    if path.stat().st_size > LARGEST:
        raise StudyError(f"{path.name} is larger than {LARGEST:,} bytes; no study needs that")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path.name} is not valid TOML: {error}") from error


def check_toml[T: Declared](shape: type[T], tables: dict[str, Any], *, file: str) -> T:
    """`tables` as a `shape`. Raises StudyError that lists every fault with its place in the file."""
    try:
        return shape.model_validate(tables)
    except ValidationError as error:
        lines = [f"  {_place(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise StudyError("\n".join([f"{file} cannot be used:", *lines])) from error


def _place(parts: tuple[int | str, ...]) -> str:
    return ".".join(map(str, parts)) or "the whole file"
