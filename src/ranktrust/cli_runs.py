"""The commands `ranktrust runs` and `ranktrust doctor`. Rooms are imported inside the commands."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ranktrust.vocabulary import Exit

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Out = Annotated[Path, typer.Option(help="Folder of all runs.")]
_HEADS = ("study", "run", "state", "gate", "reviewed", "MB", "")


def runs(*, out: Out = Path("outputs"), as_json: AsJson = False) -> None:
    """List every run: its verdict, its size, whether it is whole, and what is kept of finished fits.

    A run that is being made, or was killed, is listed as unfinished; nothing of it is ever listed as a run.
    """
    from ranktrust.runs import kept_bytes, list_runs  # noqa: PLC0415

    found, kept = list_runs(out), kept_bytes(out)
    if as_json:
        typer.echo(json.dumps({"runs": [run.values for run in found], "kept_bytes": kept}, ensure_ascii=False))
        return
    rows = [_HEADS]
    for run in found:
        marks = "; ".join(filter(None, ("latest" if run.latest else "", run.note)))
        size, reviewed = f"{run.bytes / 1e6:.0f}", "yes" if run.reviewed else "no"
        rows.append((run.study, run.run, run.state, run.verdict, reviewed, size, marks))
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADS))]
    typer.echo("\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows))
    for study, held in kept.items():
        typer.echo(f"{study}: {held / 1e6:.0f} MB of finished fits, tables and pages are kept for the next run")


def doctor(*, out: Out = Path("outputs"), as_json: AsJson = False) -> None:
    """Say whether this machine can run a study: Python, packages, lock, compilers, caches, disk, fonts, browser.

    Exits 5 where something would stop a run.
    """
    from ranktrust.doctor import examine  # noqa: PLC0415

    checks = examine(out)
    if as_json:
        typer.echo(json.dumps([vars(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            remedy = f": {check.remedy}" if check.remedy else ""
            typer.echo(f"{check.verdict:4}  {check.name:14}  {check.found}{remedy}")
    if any(check.verdict == "bad" for check in checks):
        sys.exit(Exit.FIT_FAILED)


def outlook_lines(found: dict[str, Any]) -> list[str]:
    """What a run would do, in lines."""
    width = max(len(step["piece"]) for step in found["steps"])
    lines = [f"{step['do']:7}  {step['piece']:{width}}  {step['why']}" for step in found["steps"]]
    programs = [f"program  {name:{width}}  {digest}" for name, digest in found["models"].items()]
    return [*lines, f"pages: {found['pages']}", *programs, "nothing was fitted, and nothing written"]


def run_facts(folder: Path) -> dict[str, Any]:
    """What became of a run, for --json."""
    from ranktrust.manifest import read_manifest  # noqa: PLC0415

    manifest = read_manifest(folder)
    kept = {name: piece["taken_up"] for name, piece in manifest["pieces"].items()}
    return {
        "study": manifest["study"]["name"],
        "run": manifest["run_id"],
        "index": str((folder / "index.html").resolve()),
        "gate_passed": manifest["gate_passed"],
        "taken_up": kept,
        "pages_rendered": manifest["pages_rendered"],
        "seconds": round(sum(manifest["seconds"].values()), 1),
    }
