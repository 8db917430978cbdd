"""Many simulations: one record each, kept as they come, so that what was stopped goes on where it stopped."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import ClusterError, RunError, UsageError
from ranktrust.evidence.record import Record
from ranktrust.files import write_json
from ranktrust.worker import Scatter

Report = Callable[[str, float], None]
One = Callable[[int], Record]

DESIGN: Final = "design.json"
RECORDS: Final = "records.jsonl"


def open_folder(folder: Path, design: Mapping[str, Any]) -> Path:
    """The folder of a calibration, made or gone on with. `design` says what its records rest on.

    Raises RunError where the folder holds the records of another design: they are never mixed.
    """
    path = folder / DESIGN
    if not path.is_file():
        write_json(path, design)
        return folder
    kept = json.loads(path.read_text(encoding="utf-8"))
    wanted = json.loads(json.dumps(design))
    if kept != wanted:
        differing = sorted(name for name in {*kept, *wanted} if kept.get(name) != wanted.get(name))
        raise RunError(
            f"{folder} holds simulations of another design (it differs in {', '.join(differing)}); "
            "choose another folder, or remove this one"
        )
    return folder


def read_records(folder: Path) -> list[Record]:
    """The records of a calibration folder, by number; a last line that was cut off as it was written is left out.

    Raises RunError where another line is damaged.
    """
    path = folder / RECORDS
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    found: dict[int, Record] = {}
    for number, line in enumerate(lines, start=1):
        if number == len(lines) and not line.endswith(b"\n"):
            break
        try:
            record = json.loads(line)
            found.setdefault(int(record["simulation"]), record)
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path}, line {number} is no record of a simulation: {error}") from error
    return [found[index] for index in sorted(found)]


def run_simulations(
    one: One,
    count: int,
    *,
    folder: Path,
    scatter: Scatter | None = None,
    report: Report = lambda _step, _fraction: None,
) -> list[Record]:
    """The records of simulations 0 to `count` - 1, those that `folder` lacks computed by `one` and appended there.

    With `scatter` they are computed wherever it has them computed. A record depends on its number alone, so neither
    where it is computed nor an interruption changes it. `report` gets the step and the fraction done of what
    was left to do.
    """
    if count < 1:
        raise UsageError(f"at least one simulation is needed, not {count}")
    done = {int(record["simulation"]) for record in read_records(folder)}
    todo = [index for index in range(count) if index not in done]
    _drop_torn_line(folder / RECORDS)
    report(_step(count - len(todo), count), 0.0)
    for place, record in enumerate(_computed(one, todo, scatter), start=1):
        _append(folder / RECORDS, record)
        report(_step(count - len(todo) + place, count), place / len(todo))
    return [record for record in read_records(folder) if int(record["simulation"]) < count]


def _step(finished: int, count: int) -> str:
    return f"simulation {min(finished + 1, count)} of {count}"


def _computed(one: One, todo: Sequence[int], scatter: Scatter | None) -> Iterator[Record]:
    done = 0
    for record in map(one, todo) if scatter is None else scatter(one, todo):
        done += 1
        yield record
    if done < len(todo):
        raise ClusterError(
            f"{len(todo) - done} simulations ended their workers again and again: killed, or out of memory. Nothing "
            "that was finished is lost: run the command again, with fewer workers on each machine"
        )


def _append(path: Path, record: Record) -> None:
    """Add one line and flush it to disk."""
    line = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    try:
        with path.open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RunError(f"{path} could not be written: {error.strerror}; free space there and run again") from error


def _drop_torn_line(path: Path) -> None:
    """Cut off a last line that was not written to its end, so that the next one begins on a line of its own."""
    if path.is_file() and (whole := path.read_bytes()) and not whole.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(whole.rfind(b"\n") + 1)
