"""The commands `ranktrust review`, `sign` and `reproduce`. Rooms are imported inside the commands."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from ranktrust.vocabulary import Exit

Run = Annotated[Path, typer.Argument(help="A run's folder, or a study's, whose latest run is taken.")]


def review(
    run: Run,
    *,
    browse: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open the diagnostics pages in a browser; by default at a terminal."),
    ] = None,
) -> None:
    """Print the verdicts of a run on one screen, who reviewed it, and open its diagnostics pages.

    Exits 4 when a fit failed its gate and no reason allows it, 2 when the run is not as it was written.
    """
    from ranktrust.manifest import ALLOWED, changed_files, read_manifest  # noqa: PLC0415
    from ranktrust.publish import review_lines, write_record  # noqa: PLC0415

    folder = run_folder(run)
    typer.echo("\n".join(review_lines(folder)))
    write_record(folder)
    if sys.stdout.isatty() if browse is None else browse:
        for page in sorted((folder / "pages").glob("diagnostics_*.html")):
            webbrowser.open(page.resolve().as_uri())
    manifest = read_manifest(folder)
    if changed_files(folder):
        sys.exit(Exit.USAGE)
    if not manifest["gate_passed"] and manifest.get(ALLOWED) is None:
        sys.exit(Exit.GATE_FAILED)


def sign(
    run: Run,
    *,
    reviewer: Annotated[str, typer.Option(help="Who has reviewed the run.")],
    decision: Annotated[str, typer.Option(help="accept or reject.")],
    note: Annotated[str, typer.Option(help="What the decision rests on.")],
) -> None:
    """Write down a decision on a run, bound to its digests: any later change of the run voids it.

    review.html beside the index shows it, and every page of the run links to that.
    """
    from ranktrust.evidence import sign_run  # noqa: PLC0415
    from ranktrust.publish import write_record  # noqa: PLC0415

    folder = run_folder(run)
    made = sign_run(folder, reviewer=reviewer, decision=decision, note=note)
    typer.echo(f"{made.decision}ed by {made.reviewer}: {write_record(folder).resolve()}")


def run_folder(path: Path) -> Path:
    """The run's own folder, or the latest run of a study's folder."""
    from ranktrust.manifest import MANIFEST  # noqa: PLC0415

    latest = path / "latest"
    return path if (path / MANIFEST).is_file() or not latest.is_dir() else latest.resolve()


def reproduce(
    *,
    out: Annotated[Path, typer.Option(help="Folder of all runs; the page goes into its reproductions/.")] = Path(
        "outputs"
    ),
) -> None:
    """Repeat published results with this software, and write a page that sets each figure beside the published one.

    Exits 4 where one is not reproduced.
    """
    from ranktrust.run import reproduce as repeat  # noqa: PLC0415

    page, table = repeat(out, report=lambda step, _fraction: typer.echo(step, err=True))
    for _, row in table.iterrows():
        typer.echo(f"{row['verdict']}: {row['study']}, {row['what']}: {row['published']}, ours {row['ours']}")
    typer.echo(str(page.resolve()))
    if (table["verdict"] != "reproduced").any():
        sys.exit(Exit.GATE_FAILED)
