"""Find, load, check and begin the files in models/: one file, one statistical statement."""

import ast
import hashlib
import importlib.util
import keyword
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from ranktrust.assets import find_asset, list_assets
from ranktrust.errors import ModelFileError, UsageError
from ranktrust.files import write_text

PriorNumbers = float | tuple[float, ...]
FIRST_LINE = "One line that says what is modelled, and for which data."
"""How the docstring of a skeleton begins, until its author has said it better."""
_TRUSTED: ContextVar[frozenset[str] | None] = ContextVar("trusted", default=None)
_GUIDE = {
    "NEEDS = ": "The fields of the panel that build reads; `ranktrust models check` names one that is missing.",
    "PRIORS = ": "Every prior number, by name. A study may override them, so none is written into build.",
    "def build": "The statement, line by line as in the docstring. No sampling, no files, no seeds.",
}


@contextmanager
def trusting(digests: Iterable[str]) -> Iterator[None]:
    """Inside, only programs whose SHA-256 is in `digests` are run. Raises UsageError for what is no such digest."""
    listed = [digest.lower() for digest in digests]
    odd = [digest for digest in listed if not re.fullmatch(r"[0-9a-f]{64}", digest)]
    if odd:
        raise UsageError(f"--trusted-models takes SHA-256 digests, 64 hexadecimal digits each, not {', '.join(odd)}")
    token = _TRUSTED.set(frozenset(listed))
    try:
        yield
    finally:
        _TRUSTED.reset(token)


def trusted_digests() -> frozenset[str] | None:
    """The digests of the programs that may run; None where all may."""
    return _TRUSTED.get()


def check_trusted(path: Path, text: bytes) -> None:
    """Raise ModelFileError where only listed programs may run and this one, of these bytes, is not among them."""
    trusted, digest = _TRUSTED.get(), hashlib.sha256(text).hexdigest()
    if trusted is not None and digest not in trusted:
        raise ModelFileError(
            f"{path.name} is a program that was not listed as trusted, and was not run: its SHA-256 is {digest}. "
            "Read it, then list that digest with --trusted-models"
        )


@dataclass(frozen=True)
class ModelFile:
    """One statement: its name, where it stands, a digest of its text, and what it declares.

    `statement` is the docstring, the mathematics; `needs` the panel fields it reads; `priors` its prior numbers;
    `build(panel, priors)` gives the pm.Model and does nothing else. `vague`, the optional `VAGUE`, says why the priors
    are too vague to simulate from, as those of a published example; it exempts the file from calibration by its prior.
    """

    name: str
    path: Path
    sha256: str
    statement: str
    needs: tuple[str, ...]
    priors: Mapping[str, PriorNumbers]
    build: Callable[..., Any]
    vague: str = ""

    def with_priors(self, overrides: Mapping[str, PriorNumbers]) -> dict[str, PriorNumbers]:
        """The file's prior numbers with a study's own in their place.

        A name the file does not have is left out here and refused by `check_priors`.
        """
        return {name: overrides.get(name, numbers) for name, numbers in self.priors.items()}

    def check_priors(self, overrides: Mapping[str, PriorNumbers], *, where: str) -> None:
        """Raise ModelFileError where `overrides` names a prior the file lacks, or has another count of numbers."""
        for name, numbers in overrides.items():
            if name not in self.priors:
                raise ModelFileError(
                    f"{where}: model {self.name!r} has no prior {name!r}; it has: {', '.join(self.priors)}"
                )
            wanted, given = _form(self.priors[name]), _form(numbers)
            if wanted != given:
                raise ModelFileError(f"{where}: prior {name!r} of model {self.name!r} takes {wanted}, not {given}")


def _form(numbers: PriorNumbers) -> str:
    """A number and a list of one are two things: the second has a dimension."""
    return f"a list of {len(numbers)}" if isinstance(numbers, tuple) else "one number"


def load_model(name: str, *, beside: Path | None = None) -> ModelFile:
    """The model file called `name`: the study's own folder first, then models/, then the installed ones.

    Raises ModelFileError when there is none, when it cannot be imported, or when it breaks the contract.
    """
    return read_model(find_asset("models", name, beside=beside))


def read_model(path: Path) -> ModelFile:
    """The model file at `path`, checked against the contract; all its breaches are in one error."""
    text = path.read_bytes()
    check_trusted(path, text)
    module = _import(path, text)
    breaches = _breaches(module)
    if breaches:
        raise ModelFileError(f"{path.name} breaks the model contract: {'; '.join(breaches)}")
    return ModelFile(
        name=path.stem,
        path=path,
        sha256=hashlib.sha256(text).hexdigest(),
        statement=str(module.__doc__),
        needs=tuple(module.NEEDS),
        priors=MappingProxyType(dict(module.PRIORS)),
        build=module.build,
        vague=getattr(module, "VAGUE", ""),
    )


def first_line(path: Path) -> str:
    """The first line of a file's docstring, without running the file; empty where it has none.

    Raises ModelFileError for a file that is not Python.
    """
    try:
        return (ast.get_docstring(ast.parse(path.read_bytes())) or "").partition("\n")[0]
    except SyntaxError as error:
        raise ModelFileError(f"{path.name} cannot be read: {error}") from error


def new_model(name: str, *, like: str, folder: Path) -> Path:
    """Begin a model file `folder`/`name`.py as a commented copy of the model called `like`; gives its path.

    Raises UsageError for a name that is no name or is taken, ModelFileError where there is no model `like`.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} cannot name a model: use a-z, 0-9 and _, beginning with a letter")
    path = folder / f"{name}.py"
    if path.exists():
        raise UsageError(f"{path} is there already and is left as it is; choose another name")
    if name in list_assets("models", beside=folder):
        raise UsageError(f"there is a model {name!r} already, whose place it would take; choose another name")
    return write_text(path, _skeleton(find_asset("models", like, beside=folder), like))


def _skeleton(path: Path, like: str) -> str:
    """The text of a model file with a first line to be replaced, and a comment above each part."""
    first, text = first_line(path), path.read_text(encoding="utf-8")
    if not first:
        raise ModelFileError(f"{path.name} has no docstring, so nothing can begin as {like}; name another model")
    text = text.replace(first, f"{FIRST_LINE}\n\n(Begun as {like}: {first})", 1)
    for start, said in _GUIDE.items():
        text = re.sub(rf"^(?={start})", f"# {said}\n", text, count=1, flags=re.MULTILINE)
    return text


def _import(path: Path, text: bytes) -> ModuleType:
    """The module of these very bytes: what was checked is what runs, never a compiled copy beside it."""
    spec = importlib.util.spec_from_file_location(f"ranktrust_model_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ModelFileError(f"{path.name} is not a Python file; a model file ends in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - a model file is a program
    except Exception as error:
        raise ModelFileError(f"{path.name} cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _breaches(module: ModuleType) -> list[str]:
    found = []
    if not (module.__doc__ or "").strip():
        found.append("it has no docstring; the docstring is the statement")
    needs = getattr(module, "NEEDS", None)
    if not isinstance(needs, tuple) or not all(isinstance(name, str) for name in needs):
        found.append("NEEDS must be a tuple of the field names it reads")
    priors = getattr(module, "PRIORS", None)
    if not isinstance(priors, dict) or not all(_is_prior(numbers) for numbers in priors.values()):
        found.append("PRIORS must be a dict of a finite number or a tuple of them by name")
    if not isinstance(getattr(module, "VAGUE", ""), str):
        found.append("VAGUE must be a text: why its priors are too vague to simulate from")
    if not callable(getattr(module, "build", None)):
        found.append("it has no function build(panel, priors=PRIORS)")
    return found


def _is_prior(numbers: object) -> bool:
    values = numbers if isinstance(numbers, tuple) else (numbers,)
    return len(values) > 0 and all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) for value in values
    )
