"""The commands `ranktrust diff` and `ranktrust explain`. Rooms are imported inside the commands."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ranktrust.cli_review import run_folder

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, every number in full.")]


def diff(
    one: Annotated[Path, typer.Argument(metavar="RUN1", help="A run's folder, or a study's with its latest run.")],
    two: Annotated[Path, typer.Argument(metavar="RUN2", help="The later run, in the same way.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say what changed from one run to another: data, study, model, ranks and bands, and how much of it is real.

    Differences are counted and put down to a cause. A real change is stated only where one joint fit holds both
    periods; otherwise it says why there is none. Nothing is fitted.
    """
    from ranktrust.compare import compare_runs, difference_lines  # noqa: PLC0415

    found = compare_runs(run_folder(one).resolve(), run_folder(two).resolve())
    typer.echo(_json(found) if as_json else "\n".join(difference_lines(found)))


def explain(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a study's, whose latest run is taken.")],
    trust: Annotated[str, typer.Argument(help="A trust's code, its name, or a part of its name.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say in sentences why a trust stands where it stands, indicator by indicator, and what that does not say."""
    from ranktrust.compare import explain_trust, explanation_lines  # noqa: PLC0415

    found = explain_trust(run_folder(run).resolve(), trust)
    typer.echo(_json(found) if as_json else "\n".join(explanation_lines(found)))


def _json(value: object) -> str:
    return json.dumps(asdict(value), ensure_ascii=False, allow_nan=False, indent=2)  # type: ignore[call-overload]
