"""The commands `ranktrust models`: begin, list and check model files. Rooms are imported inside the commands."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ranktrust.vocabulary import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ranktrust.contract import Judged
    from ranktrust.model import ModelFile

models = typer.Typer(no_args_is_help=True, help="Begin, list and check model files.")
Beside = Annotated[Path | None, typer.Option(help="A study file, in whose folder model files are looked for first.")]


@models.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the new model: a-z, 0-9 and _.")],
    *,
    like: Annotated[str, typer.Option(help="The model that it begins as.")] = "proportion",
    beside: Beside = None,
) -> None:
    """Begin a model file, commented, in models/ beside a study or here; a file that exists is left as it is."""
    from ranktrust.model import new_model  # noqa: PLC0415

    typer.echo(str(new_model(name, like=like, folder=_models_folder(beside))))
    again = "" if beside is None else f" --beside {beside}"
    typer.echo(f"write its docstring, edit it, then: ranktrust models check {name}{again}", err=True)


def _models_folder(beside: Path | None) -> Path:
    return (Path.cwd() if beside is None else beside.parent) / "models"


@models.command("list")
def list_(*, beside: Beside = None) -> None:
    """List every model by name, with the first line of its statement and where it lies."""
    from ranktrust.assets import list_assets  # noqa: PLC0415
    from ranktrust.model import first_line  # noqa: PLC0415

    for name, path in list_assets("models", beside=beside.parent if beside else None).items():
        typer.echo(f"{name}: {first_line(path)} [{path}]")


@models.command("check")
def check_model(
    name: Annotated[str, typer.Argument(help="Name of a model, or a path that ends in .py.")],
    *,
    beside: Beside = None,
) -> None:
    """Check that a model file keeps the contract, on small made-up panels; exits 2 where it does not."""
    from ranktrust.model import load_model, read_model  # noqa: PLC0415

    model_file = read_model(Path(name)) if name.endswith(".py") else load_model(name, beside=beside and beside.parent)
    failed = False
    for judged in _judged(model_file):
        typer.echo(f"{'failed' if judged.faults else 'passed'}: {judged.name}")
        typer.echo("".join(f"  {fault}\n" for fault in judged.faults), nl=False)
        failed |= bool(judged.faults)
    if failed:
        sys.exit(Exit.USAGE)


def _judged(model_file: "ModelFile") -> "Iterator[Judged]":
    """Everything that is asked of a model file, in order: what takes longer comes last."""
    from ranktrust.contract import check_contract  # noqa: PLC0415

    yield from check_contract(model_file)
