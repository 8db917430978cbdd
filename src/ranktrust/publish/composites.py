"""The blocks of the page on a composite: what it weighs, who stands where, what moves it, and what it cannot tell."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ranktrust.composite import ScoreTables
from ranktrust.league import band_tone
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.rows import probability_cell
from ranktrust.publish.strip import rank_strip, rank_text
from ranktrust.words import count_text

_KINDS: Final = {
    "level": "Adjusted for context (performance in place of the level ranked)",
    "missing": "Missing figures taken as one standard deviation below the mean",
    "caution": "Without the indicators under a publisher's caution",
    "indicator": "Without",
    "domain": "Without the domain",
}
_POORER: Final = (
    "Figures not submitted taken as one standard deviation below the mean, or below the imputed level if lower"
)
_APART: Final = (
    "Indicators were fitted one by one, so what two of them share within a trust beyond their figures is not modelled."
)
_JOINT: Final = (
    "Indicators were fitted together: each draw holds all of them, with what goes with what. The page on the profile "
    "says what that is, and how much of each indicator's variation is then set aside as nobody's own."
)
_MOVES: Final = 3


def composite_opening(tables: ScoreTables) -> Html:
    """How sure the order of the composite is, and which indicator drives it."""
    facts = tables.facts
    return fragment("score_opening", facts=facts, title=composite_headline(tables), sentences=_summary(tables))


def composite_headline(tables: ScoreTables) -> str:
    """How wide the rank intervals are, in places."""
    rows, facts = tables.frames["rows"], tables.facts
    width = (rows["rank_upper"] - rows["rank_lower"] + 1).median()
    return (
        f"With these weights, half of {facts['n']} {facts['noun']}s can be placed to within "
        f"{count_text(int(width), 'place')}; other weights give another order"
    )


def _summary(tables: ScoreTables) -> tuple[str, ...]:
    facts, indicators = tables.facts, tables.frames["indicators"]
    rows = tables.frames["rows"]
    return (
        f"Compared are {facts['set_description']}. The score is the weighted mean of {len(indicators)} indicators, "
        "each turned so that more is better, set against its national value, and divided by the spread between "
        f"{facts['noun']}s: 0 is the national value on all of them, 1 one standard deviation better on all of them.",
        f"Weights are a choice. Those of this study: {facts['why']}.",
        *_drivers(tables),
        f"As a whole the order has a precision (POTH) of {_poth(facts)}, where 0 is no order and 1 a certain one. "
        f"The narrowest {round(100 * facts['prob'])}% rank interval spans "
        f"{count_text(int((rows['rank_upper'] - rows['rank_lower']).min()) + 1, 'place')}, the widest "
        f"{int((rows['rank_upper'] - rows['rank_lower']).max()) + 1}.",
        _JOINT if facts["joint"] else _APART,
    )


def _drivers(tables: ScoreTables) -> tuple[str, ...]:
    """Which two indicators pull ranks most; nothing to say of one indicator alone."""
    indicators, noun = tables.frames["indicators"], tables.facts["noun"]
    if len(indicators) == 1:
        return ()
    pulls = [(indicators["title"][str(name)], size) for name, size in indicators["mean_pull"].nlargest(2).items()]
    (first, most), (second, next_most) = pulls
    return (
        f"The order follows {first} most: holding it at the average would move a {noun} by {most:.1f} places in the "
        f"mean; next is {second} ({next_most:.1f}).",
    )


def composite_caution(tables: ScoreTables) -> Html:
    """The publishers' cautions against ranking, and why the study adds those indicators up nevertheless."""
    facts, indicators = tables.facts, tables.frames["indicators"]
    if not facts["under_caution"]:
        return Html("")
    named = " and ".join(f"\u201c{indicators.loc[name, 'title']}\u201d" for name in facts["under_caution"])
    variants = tables.frames["variants"]
    beside: list[str] = []
    if "caution" in variants.index:
        row = variants.loc["caution"]
        beside = [
            f"Without them the expected rank moves by {row['mean_change']:.1f} places in the mean and by up to "
            f"{row['largest_change']:.0f}; the table has each {facts['noun']}'s change in its last column."
        ]
    sentences = (
        f"The publishers of {named} caution against ranking {facts['noun']}s by them; their words stand on the pages "
        "of these indicators.",
        f"They are part of this composite because {facts['despite_caution']}.",
        *beside,
    )
    return fragment("score_caution", title="Before you read a rank", sentences=sentences)


def composite_weights(tables: ScoreTables) -> Html:
    """What is added up: one row an indicator, with weight, standardising constants and pull."""
    facts = tables.facts
    rows = [
        (
            row.title,
            row.domain,
            f"{100 * row.weight:.1f}%",
            f"{row.centre:.3f} ({row.centre_from})".replace("-", "\u2212"),
            f"{row.scale:.3f}" + (" (study)" if row.scale_from == "study" else ""),
            f"{row.mean_pull:.1f} places",
            f"{row.spearman:.2f}",
        )
        for row in _records(tables.frames["indicators"])
    ]
    heads = (
        "Indicator",
        "Domain",
        "Weight",
        "Centre",
        "Spread",
        "Mean pull on a rank",
        "Correlation with the composite",
    )
    pulls, spearman = tables.frames["influence"]["mcse"], tables.frames["indicators"]["spearman_mcse"]
    table = fragment(
        "data_table",
        caption="Centre and spread are on the scale of the model: logarithms of odds or of ratios, or the score itself."
        " The spread is the posterior median of the standard deviation between trusts. Pull: change of expected rank "
        "when the indicator is held at the trusts' average, with a Monte Carlo error of at most "
        f"{_error(pulls)} places for one trust. Correlation: Spearman's, mean over draws, with an error of at most "
        f"{_error(spearman)}.",
        heads=heads,
        rows=rows,
    )
    said = [_weights_sentence(facts)]
    body = Html(table.text)
    return fragment("data_section", heading="What is added up", anchor="weights", sentences=said, body=body)


def _poth(facts: Mapping[str, Any]) -> str:
    error = facts["poth_mcse"]
    return f"{facts['poth']:.2f} (Monte Carlo error {'below 0.001' if error < 0.001 else f'{error:.3f}'})"


def _error(errors: pd.Series) -> str:
    return f"{errors.max():.2g}"


def _records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples, `Index` the first column."""
    yield from frame.itertuples()


def _weights_sentence(facts: Mapping[str, Any]) -> str:
    if facts["concentration"] is None:
        return "Weights are fixed: their uncertainty is not part of the intervals."
    return (
        "The weights of the domains are uncertain: each draw has its own, from a Dirichlet distribution with "
        f"concentration {facts['concentration']:g} around the weights below."
    )


def composite_rows(tables: ScoreTables) -> Html:
    """The table itself: one row a trust, no rank without its interval."""
    facts, rows = tables.facts, tables.frames["rows"]
    worst = 100 * rows[["p_top_quarter_mcse", "p_bottom_quarter_mcse"]].max().max()
    caption = (
        f"{facts['title']}. {facts['n']} {facts['noun']}s: {facts['set_description']}. Rows stand in the order of "
        f"expected rank. Monte Carlo error of a probability: at most {worst:.2g} points; of an expected rank: at most "
        f"{rows['expected_rank_mcse'].max():.2g} places.{_bands(tables)}"
    )
    caution = bool(rows["change_no_caution"].notna().any())
    shown = [_row(tables, row) for row in _records(rows)]
    percent = round(100 * facts["prob"])
    return fragment("composite_rows", facts=facts, rows=shown, caption=caption, caution=caution, percent=percent)


def _bands(tables: ScoreTables) -> str:
    """How often bands are wrong: the mean P(worse is above better) over the pairs that they separate."""
    band = tables.frames["rows"]["band"].dropna()
    above = tables.frames["p_above"].loc[band.index, band.index].to_numpy(float)
    apart = band.to_numpy()[:, None] < band.to_numpy()[None, :]
    if not apart.any():
        return ""
    return (
        f" Bands hold on average, not pair by pair: {100 * (1 - above[apart]).mean():.2g}% of the pairs that they "
        "separate are expected to be the wrong way round."
    )


def _row(tables: ScoreTables, row: Any) -> dict[str, Any]:
    pmf, facts = tables.frames["rank_pmf"].loc[row.Index].to_numpy(float), tables.facts
    titles, bands = tables.frames["indicators"]["title"], int(tables.frames["rows"]["band"].max())
    lacking = [str(titles[name]) for name in str(row.missing).split()]
    return {
        "code": row.Index,
        "name": row.trust_name,
        "region": row.region,
        "note": f"no figure on {', '.join(lacking)}: {facts['missing_words']}" if lacking else "",
        "score": _signed(row.score, 2),
        "interval": f"{_signed(row.score_lower, 2)} to {_signed(row.score_upper, 2)}",
        "strip": rank_strip(pmf, row.rank_lower, row.rank_upper, prob=facts["prob"]),
        "ranks": rank_text(row.rank_lower, row.rank_upper, facts["n"]),
        "p_top": probability_cell(row, "p_top_quarter", row.ess_rank),
        "p_bottom": probability_cell(row, "p_bottom_quarter", row.ess_rank),
        "band": f"Band {row.band} of {bands}",
        "band_class": f"tone t{band_tone(row.band, bands)}",
        "moved": _moved(tables, str(row.Index)),
        "caution": "" if np.isnan(row.change_no_caution) else places_moved(row.change_no_caution),
    }


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "\u2212")


def places_moved(change: float) -> str:
    """A change of expected rank in words: a positive one is further down."""
    if abs(change) < 0.5:
        return "less than one place"
    places = count_text(round(abs(change)), "place")
    return f"{places} {'down' if change > 0 else 'up'}"


def _moved(tables: ScoreTables, trust: str) -> str:
    """The indicators that pull a trust's rank most, with the places they lift it (+) or push it down."""
    pull = tables.frames["influence"].loc[[trust]].set_index("indicator")["rank_change"]
    pull = pull.drop(index=str(tables.frames["rows"]["missing"][trust]).split())
    order = [str(name) for name in pull.abs().sort_values(ascending=False).index[:_MOVES]]
    names = _short_titles(tables)
    return "; ".join(f"{names[name]} {_signed(pull[name], 0)}" for name in order if abs(pull[name]) >= 0.5) or "nothing"


def _short_titles(tables: ScoreTables) -> dict[str, str]:
    """The title of each indicator up to its colon, where no other indicator's begins with the same words."""
    titles = tables.frames["indicators"]["title"].astype(str)
    heads = titles.str.partition(":")[0]
    return dict(titles.where(heads.duplicated(keep=False), heads))


def composite_variants(tables: ScoreTables) -> Html:
    """How the order changes with other choices: levels, missing figures, and parts left out."""
    rows = [_variant(tables, str(kind), row) for kind, row in tables.frames["variants"].iterrows()]
    heads = ("Composite", "Correlation with the full one", "POTH", "Mean change of expected rank", "Largest change")
    table = fragment(
        "data_table",
        caption="Each variant is ranked draw by draw with the same draws and weights. The weight of an indicator left "
        "out goes to the rest of its domain, that of a domain to the others. Correlation: Spearman's, mean over draws.",
        heads=heads,
        rows=rows,
    )
    return fragment("data_section", heading="The same with other choices", anchor="variants", sentences=[], body=table)


def _variant(tables: ScoreTables, kind: str, row: pd.Series) -> Sequence[str]:
    words = _POORER if kind == "missing" and tables.facts["missing_rule"] == "impute" else _KINDS[kind]
    if kind in {"indicator", "domain"}:
        name = str(row["name"])
        words += " " + (str(tables.frames["indicators"]["title"][name]) if kind == "indicator" else name)
    error = "below 0.001" if row["spearman_mcse"] < 0.001 else f"{row['spearman_mcse']:.3f}"
    spearman = f"{row['spearman']:.3f} (error {error})"
    changes = (f"{row['mean_change']:.1f} places", f"{row['largest_change']:.0f} places")
    return words, spearman, f"{row['poth']:.2f}", *changes


def composite_limits(tables: ScoreTables) -> Html:
    """What a composite cannot tell."""
    facts = tables.facts
    absent = ", ".join(f"{item['name']} ({100 * item['missing_weight']:.0f}%)" for item in facts["not_ranked"])
    items = [
        ("Not the quality of care.", "Adding outcomes up does not make care of them; each has many causes."),
        (
            "Not one right order.",
            "Weights say what matters. Who weighs otherwise has another order, as true as this.",
        ),
        (
            "Not the sum of separate questions.",
            "A low place may come from one indicator alone. The last columns and the picture say from which; the "
            "indicator's own page says how sure that is.",
        ),
        (
            "Not more than the figures.",
            f"A {facts['noun']} that lacks more than {100 * facts['missing_limit']:.0f}% of the weight, or to which an "
            f"indicator does not apply, has no rank: {absent or 'none here'}. Otherwise {facts['missing_words']}.",
        ),
    ]
    return fragment("score_limits", items=items)


def composite_method(tables: ScoreTables, manifest: Mapping[str, Any] | None) -> Html:
    """The draws, the rule for missing figures, the constants' place, and the run."""
    facts = tables.facts
    pairs = [
        ("Draws", f"{facts['draws']:,}"),
        ("Smallest effective sample size of a rank", f"{facts['smallest_ess']:,.0f}"),
        ("Precision of the whole order (POTH)", _poth(facts)),
        ("Rank correlation of two draws, 5% point", f"{facts['spearman_low']:.2f}"),
        ("Level added up", facts["latent"]),
        ("Scenario", str(facts["scenario"]).replace("_", " ")),
        ("Missing figures", facts["missing_words"]),
        ("Computation", "passed its checks" if facts["gate_passed"] else "failed its checks"),
        ("Run", str((manifest or {}).get("run_id", "not recorded"))),
    ]
    said = [
        "Centre and spread of each indicator are the same for every draw and variant; the run's manifest keeps them."
    ]
    return fragment("score_method", sentences=said, pairs=pairs)
