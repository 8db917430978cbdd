"""The blocks of a trust's own page, in the order they are read: what is known, how sure, what changed."""

from collections.abc import Mapping
from functools import lru_cache
from math import isnan
from types import MappingProxyType
from typing import Any

from ranktrust.league import (
    CERTAIN,
    LeagueTable,
    Standing,
    band_tone,
    misordered_text,
    source_sentence,
    standard_classes,
    standing_of,
)
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded
from ranktrust.publish.names import league_page, trajectory_page, trust_page
from ranktrust.publish.strip import rank_strip, rank_text
from ranktrust.vocabulary import Kind
from ranktrust.words import count_text, expected_text, interval_text, natural_text, probability_text, short_name


def trust_opening(run: Loaded, trust: str) -> Html:
    """The finding as the page's one heading, and what a board may take from the page."""
    facts = run.first.facts
    return fragment(
        "trust_opening",
        facts=facts,
        place=_place(run, trust),
        title=trust_headline(run, trust),
        sentences=_summary(run, trust),
        failed=[table.facts.title for table in run.tables.values() if not table.facts.gate_passed],
    )


def name_of(run: Loaded, trust: str) -> str:
    """The trust's name as its figures give it."""
    return str(run.trusts.loc[trust, "trust_name"])


def _place(run: Loaded, trust: str) -> list[str]:
    """Code, region, board and subtype, those that are known."""
    known = [trust, str(run.trusts.loc[trust, "region"])]
    for found in run.decisions.values():
        if trust in found.frames["trusts"].index:
            known += [str(found.frames["trusts"].loc[trust, name]) for name in ("icb", "subtype")]
            break
    return [text for text in known if text]


def sides(run: Loaded, trust: str) -> dict[str, str]:
    """`better`, `worse` or `open` of each ranked indicator with a benchmark, at a probability of 97.5 %."""
    found = {}
    for name in run.ranked():
        p = benchmark_chance(run, name, trust)
        if p is not None:
            found[name] = "better" if p[0] >= CERTAIN else "worse" if p[0] <= 1 - CERTAIN else "open"
    return found


def benchmark_chance(run: Loaded, indicator: str, trust: str) -> tuple[float, float, float] | None:
    """P(better than the benchmark), its Monte Carlo error and ESS; None where the run does not say."""
    if indicator not in run.decisions or trust not in run.decisions[indicator].frames["trusts"].index:
        return None
    row = run.decisions[indicator].frames["trusts"].loc[trust].to_dict()
    p, mcse, ess = (float(row[f"p_better{tail}"]) for tail in ("", "_mcse", "_ess"))
    return None if isnan(p) else (p, mcse, ess)


def trust_headline(run: Loaded, trust: str) -> str:
    """On how many indicators the trust is better or worse than the benchmark, and on how many it is not clear."""
    found, name = list(sides(run, trust).values()), short_name(name_of(run, trust))
    if not found:
        return f"{name}: what these figures can say"
    better, worse, still = (found.count(side) for side in ("better", "worse", "open"))
    return (
        f"{name}: better than the benchmark on {better} of {count_text(len(found), 'ranked indicator')}, "
        f"worse on {worse}, not clearly either on {still}"
    )


def _summary(run: Loaded, trust: str) -> tuple[str, ...]:
    found = sides(run, trust)
    chances = [benchmark_chance(run, name, trust) for name, side in found.items() if side != "open"]
    wrong = sum(min(p[0], 1 - p[0]) for p in chances if p is not None)
    rule = (
        f"Better or worse is said only at a probability of at least {100 * CERTAIN:g}%. Of the {len(chances)} said "
        f"here, {expected_text(wrong)} expected to be wrong, if the models are right."
    )
    return (*((rule,) if chances else ()), *_width(run, trust), *_apart(run, trust), *_moved(run, trust))


@lru_cache(maxsize=8)
def _standings(run: Loaded, trust: str) -> Mapping[str, Standing]:
    """Where the trust stands on each ranked indicator that has a row for it; several blocks of one page ask."""
    found = {name: standing_of(run.tables[name], trust) for name in run.ranked()}
    return MappingProxyType({name: standing for name, standing in found.items() if standing is not None})


def _width(run: Loaded, trust: str) -> tuple[str, ...]:
    widths = {
        name: standing.ranks[1] - standing.ranks[0] + 1
        for name, standing in _standings(run, trust).items()
        if standing.ranks is not None
    }
    if not widths:
        return ()
    least, most = min(widths, key=widths.__getitem__), max(widths, key=widths.__getitem__)
    facts = run.tables[most].facts
    said = f"Its {100 * facts.prob:.0f}% rank intervals span {_places(widths[least])} ({run.tables[least].facts.title})"
    if least == most:
        return (f"{said} of {facts.n}: quote no rank without its interval.",)
    return (f"{said} to {_places(widths[most])} ({facts.title}) of {facts.n}: quote no rank without its interval.",)


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def _apart(run: Loaded, trust: str) -> tuple[str, ...]:
    counts = {name: len(standing.indistinct) for name, standing in _standings(run, trust).items()}
    if not counts:
        return ()
    noun = run.first.facts.noun
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    others = count_text(counts[least], f"other {noun}")
    said = f"These figures cannot tell it from {others} ({run.tables[least].facts.title})"
    if least == most:
        return (f"{said}: neither is better with a probability of at least 95%.",)
    wide = f"{said} to {counts[most]} ({run.tables[most].facts.title})"
    return (f"{wide}: neither is better with a probability of at least 95%.",)


def _moved(run: Loaded, trust: str) -> tuple[str, ...]:
    """One sentence on each indicator that is followed over time and has figures of the trust at both ends."""
    found = [(name, rows[trust].absolute) for name, rows in run.changes.items() if trust in rows]
    return tuple(
        f"{run.tables[name].facts.title} changed by {change.value} (interval {change.interval}) over "
        f"{count_text(run.trajectories[name].facts.change_months, 'month')} to "
        f"{run.trajectories[name].latest.facts.period}; it improved with a probability of {change.probability[0]}."
        for name, change in found
        if change is not None
    )


def trust_rows(run: Loaded, trust: str) -> Html:
    """Every indicator on one row: level, places, P(better than the benchmark), band."""
    ranked = [_ranked_row(run, run.tables[name], standing) for name, standing in _standings(run, trust).items()]
    others = [row for name in run.tables if name not in run.ranked() for row in _standard_row(run, name, trust)]
    absent = [table.facts.title for table in run.tables.values() if trust not in table.rows.index]
    facts, common = run.first.facts, _said_of_all([*ranked, *others])
    return fragment(
        "trust_rows",
        facts=facts,
        common=common,
        percent=round(100 * facts.prob),
        ranked=ranked,
        others=others,
        absent=absent,
        bands=_band_errors(run),
        error=_largest_error(run, trust),
    )


def _said_of_all(rows: list[dict[str, Any]]) -> str:
    """What the notes of all rows have in common, which is then taken from each; nothing of a single row."""
    parts = [str(row["note"]).split("; ") for row in rows]
    common = [part for part in parts[0] if part and all(part in of for of in parts)] if len(parts) > 1 else []
    for row, own in zip(rows, parts, strict=True):
        row["note"] = "; ".join(part for part in own if part not in common)
    return "; ".join(common)


def _largest_error(run: Loaded, trust: str) -> str:
    chances = [benchmark_chance(run, name, trust) for name in run.ranked()]
    errors = [100 * p[1] for p in chances if p is not None]
    return f"{max(errors):.2g}" if errors else ""


def _band_errors(run: Loaded) -> str:
    """How often bands are wrong, indicator by indicator; empty where there is one band."""
    return "; ".join(
        f"{run.tables[name].facts.title} {misordered_text(run.tables[name].facts, 'misordered_split')}"
        for name in run.ranked()
        if run.tables[name].facts.bands > 1
    )


def _ranked_row(run: Loaded, table: LeagueTable, standing: Standing) -> dict[str, Any]:
    facts = table.facts
    assert standing.ranks is not None
    assert standing.band is not None
    chance = benchmark_chance(run, facts.indicator, standing.trust)
    return {
        **_level(table, standing),
        "strip": rank_strip(table.rank_pmf.loc[standing.trust].to_numpy(), *standing.ranks, prob=table.facts.prob),
        "ranks": rank_text(*standing.ranks, facts.n),
        "first": f"1: {facts.best} value",
        "chance": _pair(chance),
        "benchmark": "" if facts.benchmark is None else natural_text(facts.kind, facts.benchmark),
        "basis": facts.benchmark_basis or "",
        "band": f"Band {standing.band} of {facts.bands}",
        "band_class": f"tone t{band_tone(standing.band, facts.bands)}",
        "indistinct": len(standing.indistinct),
        "n": facts.n,
    }


def _pair(chance: tuple[float, float, float] | None) -> tuple[str, str]:
    if chance is None:
        return "not known", ""
    return probability_text(*chance), f"Monte Carlo error {100 * chance[1]:.2g} points"


def _level(table: LeagueTable, standing: Standing) -> dict[str, Any]:
    facts, kind = table.facts, table.facts.kind
    adjusted = bool(facts.covariates) and facts.latent != "performance"
    return {
        "title": facts.title,
        "page": league_page(facts.indicator),
        "period": facts.period,
        "figure": standing.figure,
        "note": standing.note,
        "estimate": natural_text(kind, standing.estimate[0]),
        "interval": interval_text(kind, *standing.estimate[1:]),
        "adjusted": _three(kind, standing.performance) if adjusted else "",
        "covariates": ", ".join(facts.covariates),
    }


def _three(kind: Kind, values: tuple[float, float, float]) -> str:
    return f"{natural_text(kind, values[0])} ({interval_text(kind, *values[1:])})"


def _standard_row(run: Loaded, indicator: str, trust: str) -> list[dict[str, Any]]:
    """The row of an indicator that states no order; none where it has no figure of this trust."""
    table = run.tables[indicator]
    standing = standing_of(table, trust)
    if standing is None:
        return []
    shown = {**_level(table, standing), "standard": "", "words": "", "chances": (), "strip": "", "side": "neither"}
    row = run.against[indicator].get(trust)
    if row is None or table.facts.standard is None:
        return [shown]
    side = str(standard_classes(table)[trust])
    return [
        shown
        | {
            "standard": natural_text(table.facts.kind, table.facts.standard),
            "words": row.verdict,
            "side": side,
            "chances": (row.p_below, row.p_above),
            "edges": _edges(table),
            "strip": row.strip,
        }
    ]


def _edges(table: LeagueTable) -> tuple[str, str]:
    facts = table.facts
    assert facts.standard is not None
    low, high = facts.standard - facts.delta, facts.standard + facts.delta
    return natural_text(facts.kind, low), natural_text(facts.kind, high)


def trust_apart(run: Loaded, trust: str) -> Html:
    """Of each indicator the trusts it cannot be told from, and those better or worse with at least 95 %, folded."""
    names = run.trusts["trust_name"]
    shown = []
    for indicator, standing in _standings(run, trust).items():
        groups = [
            ("cannot be told from it (neither is better with 95%)", standing.indistinct),
            ("better than it with a probability of at least 95%", standing.better),
            ("worse than it with a probability of at least 95%", standing.worse),
        ]
        shown.append(
            {
                "title": run.tables[indicator].facts.title,
                "groups": [(words, [(trust_page(code), names[code]) for code in codes]) for words, codes in groups],
                "said": len(standing.better) + len(standing.worse),
                "wrong": expected_text(standing.wrong),
            }
        )
    return fragment("trust_apart", facts=run.first.facts, shown=shown) if shown else Html("")


def trust_change(run: Loaded, trust: str) -> Html:
    """What changed, on each indicator that the study follows over time; a sentence where it follows none."""
    shown = []
    for indicator, rows in run.changes.items():
        found, facts = run.trajectories[indicator], run.tables[indicator].facts
        shown.append(
            {
                "title": facts.title,
                "page": trajectory_page(indicator),
                "span": found.facts.span_text,
                "months": count_text(found.facts.change_months, "month"),
                "latest": found.latest.facts.period,
                "percent": round(100 * found.facts.prob),
                "row": rows.get(trust),
                "source": source_sentence(found.latest.facts, period=found.facts.span_text),
            }
        )
    rest = [table.facts.title for name, table in run.tables.items() if name not in run.changes]
    return fragment("trust_change", shown=shown, rest=rest, facts=run.first.facts)
