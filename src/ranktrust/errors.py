"""Errors that say what is wrong, where, and what to do. Standard library only."""

from collections.abc import Iterable
from dataclasses import dataclass

from ranktrust.vocabulary import Exit


class RanktrustError(Exception):
    """An error meant for the person at the keyboard: its text is the whole message.

    `exit_code` is what the command line returns for it.
    """

    exit_code = Exit.USAGE


class UsageError(RanktrustError):
    """A command, an option or a name that does not exist."""


class StudyError(RanktrustError):
    """A study file that cannot be used as written."""


class ModelFileError(RanktrustError):
    """A model file that is absent, or breaks the contract of ARCHITECTURE.md."""


class FitError(RanktrustError):
    """A fit, or the environment it needs, failed."""

    exit_code = Exit.FIT_FAILED


class ClusterError(RanktrustError):
    """Workers that cannot be reached, were lost for good, or do not see the files that this process sees."""

    exit_code = Exit.FIT_FAILED


class RunError(RanktrustError):
    """A run folder that is absent, incomplete or damaged."""


class GateError(RanktrustError):
    """A run that failed its gate, where only one that passed will do."""

    exit_code = Exit.GATE_FAILED


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the data.

    `file` is the file's name; `place` a sheet, row, column or trust in it; `problem` what is wrong;
    `remedy` what to do about it.
    """

    file: str
    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.problem}. {self.remedy}"


class DataError(RanktrustError):
    """Every fault found in the data, all at once.

    `faults` is never empty. The message lists them one a line.
    """

    exit_code = Exit.DATA_FAULTS

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        if not self.faults:
            raise ValueError("a DataError needs at least one fault")
        count = len(self.faults)
        head = "1 fault in the data:" if count == 1 else f"{count} faults in the data:"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[type["DataError"], tuple[tuple[Fault, ...]]]:
        """Come back whole from another process: made anew from its faults, not from its message."""
        return type(self), (self.faults,)
