"""The blocks of a league page, in the order they are read. Each takes a LeagueTable and gives Html."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ranktrust.decide import has_decisions, read_decisions
from ranktrust.league import (
    STANDARD_PROB,
    LeagueTable,
    band_tone,
    caution_sentences,
    headline,
    misordered_text,
    order_sentence,
    scenario_in_short,
    scenario_sentence,
    set_sentence,
    split_text,
    summary_sentences,
)
from ranktrust.publish.compare import chance_cell
from ranktrust.publish.html import Html, figure_block, fragment
from ranktrust.publish.loaded import pairs_of
from ranktrust.publish.names import sibling_pages
from ranktrust.publish.rows import edges_text, ranked_rows, standard_rows, unmeasured_rows
from ranktrust.publish.strip import rank_strip, rank_text, shade_labels
from ranktrust.publish.trust_more import pair_words
from ranktrust.words import interval_text, natural_text, short_name


def opening(table: LeagueTable) -> Html:
    """What is asked, the finding as the page's one heading, what may be taken from it, and a failed gate above all."""
    return fragment(
        "opening",
        facts=table.facts,
        title=headline(table),
        sentences=(*summary_sentences(table), set_sentence(table), scenario_in_short(table)),
        failed=[item for item in table.facts.findings if item["verdict"] == "failed"],
        pages=sibling_pages(table.facts.indicator),
    )


def caution(table: LeagueTable) -> Html:
    """The publisher's caution, why the study ranks nevertheless, or why it does not."""
    return fragment("caution", facts=table.facts, sentences=caution_sentences(table))


def reading(table: LeagueTable, run: Path | None = None) -> Html:
    """How to read a row, on a real one, with the legend of its picture, and how to read two.

    The pair's Monte Carlo error is that of the `run`'s own pairs where it has them.
    """
    return _read_ranks(table, run) if table.facts.ranked else _read_standard(table)


def _read_ranks(table: LeagueTable, run: Path | None) -> Html:
    rows, n = table.rows, table.facts.n
    width = rows["rank_upper"] - rows["rank_lower"]
    trust = str((width - width.median()).abs().idxmin())
    lower, upper = _rank_ends(table, trust)
    return fragment(
        "reading_ranks",
        facts=table.facts,
        name=rows["trust_name"][trust],
        interval=rank_text(lower, upper, n),
        strip=_strip(table, trust),
        pair=_read_pair(table, trust, run),
        shades=list(enumerate(shade_labels(), start=1)),
        quarters=[1, table.facts.top, round((n + 1) / 2), n - table.facts.bottom + 1, n],
        error=50 / float(rows["ess_rank"].min()) ** 0.5,
        percent=round(100 * table.facts.prob),
        band=f"Band {rows['band'][trust]} of {table.facts.bands}",
        band_class=f"tone t{band_tone(rows['band'][trust], table.facts.bands)}",
    )


def _strip(table: LeagueTable, trust: str) -> Markup:
    return rank_strip(table.rank_pmf.loc[trust].to_numpy(), *_rank_ends(table, trust), prob=table.facts.prob)


def _rank_ends(table: LeagueTable, trust: str) -> tuple[int, int]:
    return int(table.rows["rank_lower"][trust]), int(table.rows["rank_upper"][trust])


def _read_pair(table: LeagueTable, trust: str, run: Path | None) -> dict[str, Any] | None:
    """The example beside the row after it, or before it where it is the last; None where it is alone."""
    order = [str(code) for code in table.rows.index]
    if len(order) == 1:
        return None
    at = order.index(trust)
    other = order[at + 1] if trust != order[-1] else order[at - 1]
    names = [short_name(str(table.rows.at[code, "trust_name"])) for code in (trust, other)]
    chance = _pair_chance(table, trust, other, run)
    return {
        "names": names,
        "strip": _strip(table, other),
        "interval": rank_text(*_rank_ends(table, other), table.facts.n),
        "where": "after" if trust != order[-1] else "before",
        "cell": chance_cell(chance),
        "words": pair_words(chance, *names),
    }


def _pair_chance(table: LeagueTable, trust: str, other: str, run: Path | None) -> tuple[float, float, float]:
    """P(trust better than other), its error and ESS; without the run's pairs at the smaller ESS of the two ranks."""
    if run is not None and has_decisions(run / "tables", table.facts.indicator):
        pairs = read_decisions(run / "tables", table.facts.indicator).frames["pairs"]
        found = pairs_of(pairs).of(trust, other) if len(pairs) else None
        if found is not None:
            return found
    p, ess = float(table.p_above[other][trust]), float(table.rows.loc[[trust, other], "ess_rank"].min())
    return p, (p * (1 - p) / ess) ** 0.5, ess


def _read_standard(table: LeagueTable) -> Html:
    if table.facts.standard is None:
        return Html("")
    rows = table.rows
    width = rows["estimate_upper"] - rows["estimate_lower"]
    trust = (width - width.median()).abs().idxmin()
    shown = next(row for row in standard_rows(table) if row.code == trust)
    return fragment("reading_standard", facts=table.facts, row=shown, **_standard_words(table))


def _standard_words(table: LeagueTable) -> dict[str, Any]:
    facts = table.facts
    assert facts.standard is not None
    above, below = edges_text(table)
    zone = interval_text(facts.kind, facts.standard - facts.delta, facts.standard + facts.delta)
    return {
        "standard": natural_text(facts.kind, facts.standard),
        "above": above,
        "below": below,
        "zone": zone,
        "percent": round(100 * facts.prob),
        "certain": f"{100 * STANDARD_PROB:g}%",
        "over": f"{100 * (facts.standard + facts.delta - 1):.0f}",
        "under": f"{100 * (1 - facts.standard + facts.delta):.0f}",
    }


def league_rows(table: LeagueTable) -> Html:
    """The table itself: one row a trust, no rank without its interval."""
    facts = table.facts
    shared = {"facts": facts, "percent": round(100 * facts.prob), "errors": _largest_errors(table)}
    if facts.ranked:
        return fragment("table_ranked", rows=list(ranked_rows(table)), order=order_sentence(table), **shared)
    if facts.standard is None:
        return fragment("table_plain", rows=list(unmeasured_rows(table)), **shared)
    return fragment("table_standard", rows=list(standard_rows(table)), **shared | _standard_words(table))


def _largest_errors(table: LeagueTable) -> dict[str, str]:
    """The largest Monte Carlo error of each column of probabilities, in percentage points."""
    rows = table.rows
    columns = [str(name) for name in rows]
    names = [name.removesuffix("_mcse") for name in columns if name.startswith("p_") and name.endswith("_mcse")]
    largest = {name: rows[f"{name}_mcse"].max() for name in names}
    return {name: f"{100 * value:.2g}" for name, value in largest.items()}


def rank_block(table: LeagueTable, draw: Callable[[LeagueTable], Any]) -> Html:
    """Every rank as one picture made by `draw`; nothing where the table states no order."""
    if not table.facts.ranked:
        return Html("")
    return figure_block(draw(table), heading="Every rank, by itself and all at once", anchor="ranks")


def limits(table: LeagueTable) -> Html:
    """What the table cannot tell."""
    facts = table.facts
    right = misordered_text(facts, "p_bands_right") if facts.bands > 1 else ""
    return fragment("limits", facts=facts, scenario=scenario_in_short(table), right=right)


def adjustment(table: LeagueTable) -> Html:
    """What adjusting for context changes, how much variation context explains, and what adjusting may hide."""
    if not table.has_numbers:
        return Html("")
    facts, rows = table.facts, table.rows
    moved = (rows["performance"] - rows["estimate"]).abs()
    most = moved.idxmax()
    scale, unit = (100, "percentage points") if facts.kind == "proportion" else (1, "on the scale of the indicator")
    return fragment(
        "adjustment",
        facts=facts,
        share=None if facts.context_share is None else [share_text(value) for value in facts.context_share],
        half=f"{scale * moved.median():.2f}",
        most=f"{scale * moved.max():.2f}",
        unit=unit,
        name=rows.at[most, "trust_name"],
        percent=round(100 * facts.prob),
    )


def share_text(share: float) -> str:
    """A share in per cent, to a whole number from 1 % on: `< 0.1%`, `0.4%`, `5%`."""
    if share < 0.001:
        return "< 0.1%"
    return f"{100 * share:.1f}%" if share < 0.01 else f"{100 * share:.0f}%"


def method(table: LeagueTable) -> Html:
    """The model's statement word for word, the draws, and how sure the order is as a whole."""
    return fragment("method", facts=table.facts, scenario=scenario_sentence(table), of_bands=_of_bands(table))


def _of_bands(table: LeagueTable) -> list[tuple[str, str]]:
    """What the division into bands rests on and gets wrong, as pairs; nothing where the table is not ranked."""
    facts = table.facts
    if not facts.ranked:
        return []
    sizes = ", ".join(str(size) for size in facts.band_sizes)
    found = [
        ("Weight of a pair separated (lambda)", f"{facts.band_lambda:g}"),
        (f"{facts.noun}s of each band".capitalize(), sizes),
    ]
    if facts.bands == 1:
        return found
    return [
        *found,
        ("Share of all pairs that the bands separate", split_text(facts)),
        ("Of these, expected to be the wrong way round", misordered_text(facts, "misordered_split")),
        ("Of all pairs, expected to be separated the wrong way round", misordered_text(facts, "misordered")),
        ("Probability that every pair separated is the right way round", misordered_text(facts, "p_bands_right")),
    ]


def provenance(table: LeagueTable, manifest: Mapping[str, Any] | None) -> Html:
    """Where the figures come from and which run made the page; `manifest` is None where the run has none."""
    source = table.facts.source
    address = str(source.get("address", ""))
    return fragment(
        "provenance",
        facts=table.facts,
        source=source,
        address=address if address.startswith(("https://", "http://")) else "",
        run=_run_facts(manifest),
    )


def _run_facts(manifest: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The plain values of a manifest and of its `versions`, as pairs; nested records stay in the file."""
    if manifest is None:
        return []
    versions = manifest.get("versions")
    flat = {key: value for key, value in manifest.items() if isinstance(value, str | int | float)}
    named = {f"{key} version": value for key, value in versions.items()} if isinstance(versions, Mapping) else {}
    return [(key.replace("_", " "), str(value)) for key, value in (flat | named).items()]
