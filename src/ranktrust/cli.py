"""The commands. Rooms are imported inside the command that needs them, so that --help is instant."""

import json
import math
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ranktrust import __version__
from ranktrust.cli_models import models
from ranktrust.errors import RanktrustError, UsageError
from ranktrust.vocabulary import SCHEMA_VERSION, Best, CalibrationKind, Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ranktrust.ranks import More, RankReport, RankSummary

_MORE = "More can be said if you give"

PUBLISHED = "Published files, or folders of them, in any layout of docs/intake.md."

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Probabilistic league tables of NHS trusts.",
)
app.add_typer(models, name="models")


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
def rank(  # noqa: PLR0913 - one parameter an option
    draws: Annotated[
        Path, typer.Argument(help="netCDF with a group `posterior`, or a CSV: a column a trust, a row a draw.")
    ],
    *,
    best: Annotated[Best, typer.Option(help="The good end of the scale that the draws are on.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables, made if need be.")],
    top: Annotated[int | None, typer.Option(help="k of P(top k).", show_default="a quarter")] = None,
    bottom: Annotated[int | None, typer.Option(help="k of P(bottom k).", show_default="a quarter")] = None,
    prob: Annotated[float, typer.Option(help="Probability of the rank interval.")] = 0.95,
    set_prob: Annotated[
        float, typer.Option(help="Probability of what holds for all trusts at once: rank sets and certain pairs.")
    ] = 0.95,
    var: Annotated[str, typer.Option(help="Variable of a netCDF file.")] = "outcome",
    select: Annotated[
        list[str] | None, typer.Option(help="dim=value: pick one value of a dimension; repeatable.")
    ] = None,
    fdr: Annotated[float, typer.Option(help="Limit on the expected share of trusts named wrongly.")] = 0.05,
    capacity: Annotated[
        int | None, typer.Option(help="Most trusts to name.", show_default="k; by --target all")
    ] = None,
    delta: Annotated[float | None, typer.Option(help="Margin that does not matter.", rich_help_panel=_MORE)] = None,
    target: Annotated[float | None, typer.Option(help="Value to compare with.", rich_help_panel=_MORE)] = None,
    estimates: Annotated[
        Path | None, typer.Option(help="CSV: trust, estimate, standard_error.", rich_help_panel=_MORE)
    ] = None,
    groups: Annotated[
        Path | None, typer.Option(help="CSV: trust, group, perhaps volume.", rich_help_panel=_MORE)
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(help="Draws of an earlier period: a file, or dim=value of the same one.", rich_help_panel=_MORE),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary and ranks.csv as JSON.")] = False,
) -> None:
    """Rank trusts draw by draw, and write all that can be said of the ranks as tables.

    docs/ranks.md explains them. Rank 1 is best. Rows come in the order of the trusts in the draws. A trust's name is
    written as it is: a name that begins with = is a formula to a spreadsheet program.
    """
    from ranktrust.ranks import Asked, more_statements, report_ranks  # noqa: PLC0415
    from ranktrust.ranks.files import read_draws  # noqa: PLC0415
    from ranktrust.ranks.tables import write_rank_tables  # noqa: PLC0415

    picked = _pairs(select or [])
    chosen = read_draws(draws, variable=var, select=picked)
    earlier = None if before is None else read_draws(**_earlier(draws, before, picked), variable=var)
    report = report_ranks(chosen, best=best, top=top, bottom=bottom, prob=prob, set_prob=set_prob)
    asked = Asked(delta, target, fdr, capacity, estimates, groups, earlier)
    more = more_statements(chosen, report.summary, asked, set_prob=set_prob)
    typer.echo(_note(report.summary), err=True)
    files = write_rank_tables(report, more, out)
    typer.echo(f"written: {', '.join(str(file) for file in files)}", err=True)
    if as_json:
        typer.echo(json.dumps(_as_json(report, more), allow_nan=False, default=str))


def _earlier(draws: Path, before: str, picked: dict[str, str]) -> dict[str, Any]:
    """Where the draws of the earlier period are: a file, or another value picked of this one."""
    if Path(before).is_file() or "=" not in before:
        return {"path": Path(before), "select": picked}
    return {"path": draws, "select": picked | _pairs([before])}


@app.command()
def run(
    study: Annotated[Path, typer.Argument(help="A study file, such as studies/acute.toml, or the name of a study.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of all runs.")] = Path("outputs"),
) -> None:
    """Run a study: fit its models, judge them, rank trusts, and write its pages.

    Prints where the first page is. Exits 4 when a fit failed its gate: the pages are written and say so.
    """
    from ranktrust.assets import find_asset  # noqa: PLC0415
    from ranktrust.run import run_study  # noqa: PLC0415
    from ranktrust.study import read_study  # noqa: PLC0415

    path = study if study.suffix == ".toml" else find_asset("studies", str(study))
    checked = read_study(path)
    with _progress() as report:
        folder, passed = run_study(checked, out, report=report)
    typer.echo(str((folder / "index.html").resolve()))
    if not passed:
        typer.echo("ranktrust: the gate failed; every page says so, and diagnostics say why", err=True)
        sys.exit(Exit.GATE_FAILED)


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(help="A run's folder, such as outputs/acute/latest.")],
    *,
    out: Annotated[Path, typer.Option(help="A new folder for the publication.")],
) -> None:
    """Write a run's publication: all pages, one a trust, a workbook and tidy data, in a folder to mail or to host.

    Nothing is fitted, and nothing in the folder needs a network or a script. Exits 4 for a run that failed its gate.
    """
    from ranktrust.publish import publish_run  # noqa: PLC0415

    with _progress() as report:
        index = publish_run(run, out, report=report)
    typer.echo(str(index.resolve()))


@app.command()
def calibrate(  # noqa: PLR0913 - one parameter an option
    study: Annotated[Path, typer.Argument(help="A study file, or the name of one that ships.")],
    *,
    simulations: Annotated[int, typer.Option(min=2, help="How many panels to simulate.")] = 200,
    indicator: Annotated[list[str] | None, typer.Option(help="An indicator of the study; repeatable.")] = None,
    kind: Annotated[CalibrationKind, typer.Option(help="Where truths come from; docs/calibration.md says.")] = "prior",
    workers: Annotated[int, typer.Option(min=1, help="Processes that fit at the same time.")] = 1,
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
    for name in names:
        with _progress() as report:
            folder, certificate = calibrate_study(
                checked, name, kind, simulations=simulations, outputs=out, workers=workers, report=report
            )
        verdicts.append(certificate["verdict"])
        typer.echo(f"{name}: {certificate['verdict']}, {folder.resolve() / 'calibration.html'}")
    if "failed" in verdicts:
        typer.echo("ranktrust: a claim failed its calibration; the page says which", err=True)
        sys.exit(Exit.GATE_FAILED)


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


def _pairs(select: list[str]) -> dict[str, str]:
    pairs = {}
    for text in select:
        dim, equals, value = text.partition("=")
        if not (dim and equals and value):
            raise UsageError(f"--select takes dim=value, not {text!r}")
        if dim in pairs:
            raise UsageError(f"--select names {dim} twice")
        pairs[dim] = value
    return pairs


def _note(summary: "RankSummary") -> str:
    names = [str(name) for name in summary.table[summary.trust_dim].to_numpy()]
    ends = names if len(names) <= 6 else [*names[:3], "...", *names[-2:]]
    chains = "1 chain" if summary.chains == 1 else f"{summary.chains} chains"
    smallest = _smallest_ess(summary)
    return (
        f"ranking {summary.n} ({', '.join(ends)}), best {summary.best}, "
        f"top {summary.top}, bottom {summary.bottom}; {summary.samples} draws in {chains}, "
        f"smallest ESS of a rank {'not available' if smallest is None else round(smallest)}"
    )


def _smallest_ess(summary: "RankSummary") -> float | None:
    return min((ess for ess in summary.table["ess_rank"].to_numpy().tolist() if not math.isnan(ess)), default=None)


def _as_json(report: "RankReport", more: "More") -> dict[str, object]:
    from ranktrust.ranks.tables import precision_table, rank_rows  # noqa: PLC0415

    summary, precision = report.summary, precision_table(report, more).to_dict("records")
    names = ("best", "top", "bottom", "prob", "n", "chains", "samples")
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: getattr(summary, name) for name in names},
        "set_prob": report.sets.prob,
        "top_set_by_order": report.top.by_order,
        "top_set_by_list": report.top.by_list,
        "named": more.named,
        "smallest_ess_rank": _smallest_ess(summary),
        "ranks": [{name: _finite(value) for name, value in row.items()} for row in rank_rows(report)],
        "precision": [{name: _finite(value) for name, value in row.items()} for row in precision],
    }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


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
