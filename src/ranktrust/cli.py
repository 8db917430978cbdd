"""The commands. Rooms are imported inside the command that needs them, so that --help is instant."""

import json
import os
import sys
import time
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ranktrust import __version__
from ranktrust.cli_compare import diff, explain
from ranktrust.cli_models import models
from ranktrust.cli_rank import rank
from ranktrust.cli_review import reproduce, review, sign
from ranktrust.cli_runs import doctor, runs
from ranktrust.errors import RanktrustError, UsageError
from ranktrust.vocabulary import CalibrationKind, Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ranktrust.worker import Scatter

Workers = Annotated[int, typer.Option(min=1, help="Processes of this machine that work at the same time.")]
Scheduler = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler whose workers do the work; docs/scale.md says how.")
]
PUBLISHED = "Published files, or folders of them, in any layout of docs/intake.md."

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Probabilistic league tables of NHS trusts.",
)
app.add_typer(models, name="models")
app.command()(rank)
app.command()(review)
app.command()(sign)
app.command()(reproduce)
app.command()(diff)
app.command()(explain)
app.command()(runs)
app.command()(doctor)


def main(arguments: "Sequence[str] | None" = None) -> None:
    """Run a command and exit with its code (see vocabulary.Exit); an error's message goes to stderr."""
    try:
        app(args=arguments, prog_name="ranktrust")
    except RanktrustError as error:
        typer.echo(f"ranktrust: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


def script() -> None:
    """Run a command as a program of its own.

    After a failed or interrupted fit the process ends at once, its output flushed: the sampler's threads may still be
    running, and an interpreter that tears itself down beneath them crashes.
    """
    try:
        main()
    except SystemExit as end:
        if end.code not in {int(Exit.FIT_FAILED), int(Exit.INTERRUPTED)}:
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ranktrust {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print and stop.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


@app.command()
def run(  # noqa: PLR0913 - one parameter an option
    study: Annotated[Path, typer.Argument(help="A study file, such as studies/acute.toml, or the name of a study.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of all runs.")] = Path("outputs"),
    allow_failed_gate: Annotated[
        str | None, typer.Option(help="Why to publish although a fit fails its gate; printed on top of every page.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and why; do nothing.")] = False,
    trusted_models: Annotated[
        list[str] | None,
        typer.Option(help="SHA-256 of a program that may run; repeatable. Any other of the study's is refused."),
    ] = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Run a study: fit its models, judge them, rank trusts, and write its pages.

    What an earlier run finished, or a stopped one, is taken up where nothing it rests on has changed. Prints where the
    first page is. Exits 4 when a fit failed its gate: the pages are written and say so. With a reason to allow that it
    exits 0, and the pages say both.
    """
    from ranktrust.assets import find_asset  # noqa: PLC0415
    from ranktrust.cli_runs import outlook_lines, run_facts  # noqa: PLC0415
    from ranktrust.model import trusting  # noqa: PLC0415
    from ranktrust.run import outlook, run_study  # noqa: PLC0415
    from ranktrust.study import read_study  # noqa: PLC0415

    checked = read_study(study if study.suffix == ".toml" else find_asset("studies", str(study)))
    with trusting(trusted_models) if trusted_models else nullcontext():
        if dry_run:
            found = outlook(checked, out)
            typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(outlook_lines(found)))
            return
        with _progress() as report, _elsewhere(workers, scheduler) as scatter:
            folder, passed = run_study(
                checked, out, allow_failed_gate=allow_failed_gate, scatter=scatter, report=report
            )
    typer.echo(json.dumps(run_facts(folder), ensure_ascii=False) if as_json else str((folder / "index.html").resolve()))
    if not passed and allow_failed_gate is not None:
        typer.echo("ranktrust: the gate failed and was allowed; every page says so, and why", err=True)
    elif not passed:
        typer.echo("ranktrust: the gate failed; every page says so, and diagnostics say why", err=True)
        sys.exit(Exit.GATE_FAILED)


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(help="A run's folder, such as outputs/acute/latest.")],
    *,
    out: Annotated[Path, typer.Option(help="A new folder for the publication.")],
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Add the main report as a tagged PDF; needs ranktrust[pdf].")
    ] = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Write a run's publication: all pages, one a trust, spreadsheets and tidy data, in a folder to mail or to host.

    Nothing is fitted, and nothing in the folder needs a network or a script. Exits 4 for a run that failed its gate.
    """
    from ranktrust.publish import publish_run  # noqa: PLC0415

    with _progress() as report, _elsewhere(workers, scheduler) as scatter:
        render = None
        if scatter is not None:
            from ranktrust.run.rendering import render_scattered  # noqa: PLC0415

            render = partial(render_scattered, scatter, run.resolve())
        index = publish_run(run, out, pdf=pdf, render=render, report=report)
    typer.echo(str(index.resolve()))


@app.command()
def calibrate(  # noqa: PLR0913 - one parameter an option
    study: Annotated[Path, typer.Argument(help="A study file, or the name of one that ships.")],
    *,
    simulations: Annotated[int, typer.Option(min=2, help="How many panels to simulate.")] = 200,
    indicator: Annotated[list[str] | None, typer.Option(help="An indicator of the study; repeatable.")] = None,
    kind: Annotated[CalibrationKind, typer.Option(help="Where truths come from; docs/calibration.md says.")] = "prior",
    workers: Workers = 1,
    scheduler: Scheduler = None,
    out: Annotated[Path, typer.Option(help="Folder of the study's runs and calibrations.")] = Path("outputs"),
) -> None:
    """Check every claim of a study's pages on panels simulated by its own design; write a certificate and its page.

    A calibration that was stopped goes on where it stopped. Exits 4 if a claim failed.
    """
    from ranktrust.assets import find_asset  # noqa: PLC0415
    from ranktrust.run import calibrate_study  # noqa: PLC0415
    from ranktrust.study import read_study  # noqa: PLC0415

    checked = read_study(study if study.suffix == ".toml" else find_asset("studies", str(study)))
    names = indicator or [asked.name for asked in checked.indicator]
    verdicts = []
    with _elsewhere(workers, scheduler) as scatter:
        for name in names:
            with _progress() as report:
                folder, certificate = calibrate_study(
                    checked, name, kind, simulations=simulations, outputs=out, scatter=scatter, report=report
                )
            verdicts.append(certificate["verdict"])
            typer.echo(f"{name}: {certificate['verdict']}, {folder.resolve() / 'calibration.html'}")
    if "failed" in verdicts:
        typer.echo("ranktrust: a claim failed its calibration; the page says which", err=True)
        sys.exit(Exit.GATE_FAILED)


@contextmanager
def _elsewhere(workers: int, scheduler: str | None) -> "Iterator[Scatter | None]":
    """Where tasks are done: None for this process itself, which loads nothing of Dask."""
    if workers > 1 and scheduler is not None:
        raise UsageError("--workers starts processes here and --scheduler uses those that are there: give one of them")
    if workers == 1 and scheduler is None:
        yield None
        return
    from ranktrust.scatter import local_workers, running_cluster  # noqa: PLC0415

    with local_workers(workers) if scheduler is None else running_cluster(scheduler) as scatter:
        yield scatter


@contextmanager
def _progress() -> "Iterator[Callable[[str, float], None]]":
    """Show the step, the share done and the time left on stderr; one plain line a step where it is no terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_report()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading figures", total=1.0)
        yield lambda step, fraction: bar.update(task, description=step, completed=fraction)


def _plain_report() -> "Callable[[str, float], None]":
    started, said = time.monotonic(), [""]

    def report(step: str, fraction: float) -> None:
        if step == said[0]:
            return
        said[0] = step
        spent = time.monotonic() - started
        left = f", about {spent / fraction - spent:.0f} s left" if fraction > 0.05 else ""
        typer.echo(f"[{spent:4.0f} s{left}] {step}", err=True)

    return report


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(help="Published files, or folders of them, in any layout of docs/intake.md.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Say what published files are and what they hold, or everything that is wrong with them.

    Publication and period are taken from the content. Exits 3 if any file has a fault; nothing is written.
    """
    from ranktrust.intake.recognise import check_files, describe, sentences  # noqa: PLC0415

    checked = check_files(files)
    if as_json:
        typer.echo(json.dumps([describe(each) for each in checked], allow_nan=False, ensure_ascii=False))
    else:
        typer.echo("\n".join(line for each in checked for line in sentences(each)))
    if any(each.faults for each in checked):
        sys.exit(Exit.DATA_FAULTS)


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Published files, or folders of them, in any layout of docs/intake.md.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the tables and their passports.")],
    period: Annotated[
        list[str] | None,
        typer.Option(help="FIRST:LAST or FILE=FIRST:LAST, for files that do not state theirs; repeatable."),
    ] = None,
) -> None:
    """Take figures out of published files: tidy tables with passports, and a ledger of every row left out.

    A newer revision replaces its period and says so. Nothing is written if any file has a fault.
    """
    from ranktrust.intake.importing import import_files  # noqa: PLC0415

    typer.echo("\n".join(import_files(files, out, period or ())))
