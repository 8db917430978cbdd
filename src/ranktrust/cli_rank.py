"""The command `ranktrust rank`. Rooms are imported inside the command."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ranktrust.errors import UsageError
from ranktrust.vocabulary import SCHEMA_VERSION, Best

if TYPE_CHECKING:
    from ranktrust.ranks import More, RankReport, RankSummary

_MORE = "More can be said if you give"
ENOUGH_ESS = 400
"""Below this effective sample size of a rank the command warns (docs/statistics.md, decision 16)."""


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
    for line in (_note(report.summary), *_too_few(report.summary)):
        typer.echo(line, err=True)
    files = write_rank_tables(report, more, out)
    typer.echo(f"written: {', '.join(str(file) for file in files)}", err=True)
    if as_json:
        typer.echo(json.dumps(_as_json(report, more), allow_nan=False, default=str))


def _earlier(draws: Path, before: str, picked: dict[str, str]) -> dict[str, Any]:
    """Where the draws of the earlier period are: a file, or another value picked of this one."""
    if Path(before).is_file() or "=" not in before:
        return {"path": Path(before), "select": picked}
    return {"path": draws, "select": picked | _pairs([before])}


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


def _too_few(summary: "RankSummary") -> list[str]:
    """A warning where draws are too few for their own Monte Carlo errors to be known."""
    smallest = _smallest_ess(summary)
    if smallest is not None and smallest >= ENOUGH_ESS:
        return []
    said = "is not available" if smallest is None else f"is {smallest:.0f}"
    return [
        f"warning: the smallest effective sample size of a rank {said}, under {ENOUGH_ESS}: Monte Carlo errors are "
        "themselves unsure, and these ranks are not fit to publish. Take more draws, or find out why they mix slowly"
    ]


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
