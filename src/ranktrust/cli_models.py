"""The commands `ranktrust models`: begin, list and check model files. Rooms are imported inside the commands."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ranktrust.vocabulary import Exit

if TYPE_CHECKING:
    from ranktrust.model import ModelFile

models = typer.Typer(no_args_is_help=True, help="Begin, list and check model files.")
CALIBRATED_PERIODS = 4
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
    simulations: Annotated[
        int, typer.Option(min=0, help="Simulated panels to calibrate it on, once the contract is kept; 0 for none.")
    ] = 20,
) -> None:
    """Check that a model file keeps the contract, then that its claims come true, on small made-up panels.

    Exits 2 where the contract is broken, 4 where the calibration fails.
    """
    from ranktrust.contract import check_contract  # noqa: PLC0415
    from ranktrust.model import load_model, read_model  # noqa: PLC0415

    model_file = read_model(Path(name)) if name.endswith(".py") else load_model(name, beside=beside and beside.parent)
    failed = False
    for judged in check_contract(model_file):
        typer.echo(f"{'failed' if judged.faults else 'passed'}: {judged.name}")
        typer.echo("".join(f"  {fault}\n" for fault in judged.faults), nl=False)
        failed |= bool(judged.faults)
    if failed:
        sys.exit(Exit.USAGE)
    if simulations and not _calibrated(model_file, simulations):
        sys.exit(Exit.GATE_FAILED)


def _calibrated(model_file: "ModelFile", simulations: int) -> bool:
    """Whether no finding of a small calibration on a made-up panel failed; each is printed."""
    from ranktrust.contract import calibration_panel  # noqa: PLC0415
    from ranktrust.run import calibrate_statement  # noqa: PLC0415

    periods = CALIBRATED_PERIODS if "period_idx" in model_file.needs else 1
    said = f"calibrating on {simulations} simulated panels"
    typer.echo(f"{said} (a minute or two; --simulations 0 leaves it out)", err=True)
    panel = calibration_panel(model_file.needs, periods=periods)
    findings = calibrate_statement(model_file, panel, simulations=simulations)
    for finding in findings:
        typer.echo(f"{finding.verdict}: {finding.name}\n  {finding.sentence}")
    return all(finding.verdict != "failed" for finding in findings)
