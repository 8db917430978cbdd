"""The blocks of the page on a profile: what goes with what, what is borrowed, what was missing, what it cannot tell."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from ranktrust.composite import ScoreTables, clear_pairs
from ranktrust.publish.html import Html, fragment
from ranktrust.words import count_text, interval_text, natural_text, probability_text

_REASONS: Final = {
    "not_applicable": "not applicable: never imputed",
    "by_design": "missing by design: imputed",
    "not_submitted": "not submitted: imputed",
    "suppressed": "suppressed by its publisher: imputed",
    "unknown": "no reason given: imputed",
}
_MOST_NAMED: Final = 3


def _records(frame: Any) -> Iterator[Any]:
    yield from frame.reset_index().itertuples()


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


def profile_opening(tables: ScoreTables) -> Html:
    """How many pairs of indicators go together, and what that may be used for."""
    return fragment("score_opening", facts=tables.facts, title=profile_headline(tables), sentences=_summary(tables))


def profile_headline(tables: ScoreTables) -> str:
    """How many pairs have a correlation that is clearly positive or negative."""
    up, down = clear_pairs(tables.frames["correlations"])
    total = len(tables.frames["correlations"])
    against = f", in {len(down)} with worse on the other" if len(down) else ""
    if len(up) + len(down) == 0:
        return f"In none of {total} pairs of indicators is it clear that one goes with the other"
    return f"In {len(up)} of {total} pairs of indicators better on one clearly goes with better on the other{against}"


def _summary(tables: ScoreTables) -> tuple[str, ...]:
    facts = tables.facts
    (up, down), missing = clear_pairs(tables.frames["correlations"]), tables.frames["missing"]
    return (
        f"All {len(facts['indicators'])} indicators of {facts['set_description']} were fitted together. A correlation "
        f"is that of outcomes across {facts['noun']}s, after chance in the counts and unattributed variation are taken "
        "out. Every one is turned so that positive means that better on one goes with better on the other, whichever "
        "end of the figures is the good one. Clear is a direction with a probability over 97.5% by more than twice its "
        "Monte Carlo error.",
        *_named("Clearest together", up, tables),
        *_named("Clearest against each other", down, tables),
        f"{count_text(len(missing), 'figure')} of {facts['trusts'] * len(facts['indicators']):,} "
        f"{'is' if len(missing) == 1 else 'are'} missing; each stands below with its reason.",
        "Correlation is not cause: neither of two indicators that go together need act on the other.",
    )


def _named(words: str, rows: Any, tables: ScoreTables) -> tuple[str, ...]:
    if rows.empty:
        return ()
    titles = tables.facts["titles"]
    pairs = [
        f"{titles[row.indicator]} with {titles[row.other]} ({_signed(row.correlation)}, "
        f"{_signed(row.lower)} to {_signed(row.upper)})"
        for row in rows.head(_MOST_NAMED).itertuples()
    ]
    return (f"{words}: {'; '.join(pairs)}.",)


def profile_pairs(tables: ScoreTables) -> Html:
    """Every pair with its correlation, interval, P(> 0), and the number of trusts with both figures."""
    facts, rows = tables.facts, tables.frames["correlations"]
    titles = facts["titles"]
    order = rows.reset_index().sort_values("correlation", ascending=False, kind="stable")
    cells = [
        (
            f"{titles[row.indicator]} with {titles[row.other]}",
            _signed(row.correlation),
            f"{_signed(row.lower)} to {_signed(row.upper)}",
            probability_text(row.p_positive, row.p_positive_mcse, row.p_positive_ess),
            "none: prior only" if row.prior_only else f"{row.both}",
        )
        for row in _records(order.set_index("indicator"))
    ]
    percent = round(100 * facts["prob"])
    heads = ("Pair", "Correlation", f"{percent}% interval", "P(positive)", f"{facts['noun'].capitalize()}s with both")
    table = fragment(
        "data_table",
        caption="Positive: better goes with better. Monte Carlo error of a correlation: at most "
        f"{rows['mcse'].max():.2g}.",
        heads=heads,
        rows=cells,
    )
    said = list(_never_together(tables))
    return fragment("data_section", heading="Every pair", anchor="the-table", sentences=said, body=table)


def _never_together(tables: ScoreTables) -> tuple[str, ...]:
    rows = tables.frames["correlations"].reset_index()
    alone, titles = rows[rows["prior_only"]], tables.facts["titles"]
    if alone.empty:
        noun = tables.facts["noun"]
        return (f"Some {noun}s have both figures of every pair, so that no correlation rests on the prior alone.",)
    pairs = "; ".join(f"{titles[row.indicator]} with {titles[row.other]}" for row in alone.itertuples())
    return (f"Never observed together, so that the correlation is the prior's and that of chains of others: {pairs}.",)


def profile_loadings(tables: ScoreTables) -> Html:
    """What the one factor carries, where the statement has one."""
    if "loadings" not in tables.frames:
        return Html("")
    rows = tables.frames["loadings"]
    cells = [
        (
            row.title,
            _signed(row.loading),
            f"{_signed(row.lower)} to {_signed(row.upper)}",
            probability_text(row.p_positive, row.p_positive_mcse, row.p_positive_ess),
            f"{100 * row.loading**2:.0f}%",
        )
        for row in _records(rows)
    ]
    percent = round(100 * tables.facts["prob"])
    heads = ("Indicator", "Loading", f"{percent}% interval", "P(positive)", "Its square")
    table = fragment(
        "data_table",
        caption="Turned so that more of the factor is better on the first indicator. The square of the mean loading is "
        "about the part of an indicator's outcomes that the factor carries.",
        heads=heads,
        rows=cells,
    )
    return fragment("data_section", heading="One factor", anchor="factor", sentences=[], body=table)


def profile_borrowed(tables: ScoreTables) -> Html:
    """What each indicator gains by the others: widths, precision of the order, bands, expected ranks."""
    facts, rows = tables.facts, tables.frames["borrowed"]
    cells = [_borrowed_cells(row, str(facts["kinds"][row.indicator])) for row in _records(rows)]
    heads = (
        "Indicator", "Share set aside", "Mean width of a level's interval", "POTH", "Mean width of a rank interval",
        "Largest change of expected rank", "Bands", "Pairs that bands part otherwise",
    )  # fmt: skip
    error = rows["change_mcse"].max()
    table = fragment(
        "data_table",
        caption="Each pair of numbers: the indicator by itself, then with the others. Compared are the same "
        f"{facts['noun']}s, those with a figure."
        + (f" Monte Carlo error of a change: at most {error:.2g} places." if np.isfinite(error) else ""),
        heads=heads,
        rows=cells,
    )
    said = [
        f"An indicator borrows where its own figures are weak and others go with it: a {facts['noun']}'s level moves "
        "towards what its other levels suggest. Where figures are strong nothing moves. Ranks are compared only for "
        "indicators that the study ranks.",
        "The figures of one period cannot say how much of an indicator's variation is to be set aside as nobody's own, "
        "neither by itself nor together with others. So the share is held where it was declared; both shares are "
        "printed, and a difference is due to correlations that leave no room for a larger one.",
    ]
    return fragment("data_section", heading="What each borrows", anchor="borrowed", sentences=said, body=table)


def _borrowed_cells(row: Any, kind: str) -> tuple[str, ...]:
    scale, unit = (100.0, " points") if kind == "proportion" else (1.0, "")
    widths = f"{scale * row.width_own:.3g}{unit}, {scale * row.width:.3g}{unit}"
    shares = f"{100 * row.share_own:.1f}%, {100 * row.share:.1f}%"
    if not row.ranked:
        return row.title, shares, widths, *("not ranked",) * 5
    return (
        row.title,
        shares,
        widths,
        f"{row.poth_own:.3f}, {row.poth:.3f}",
        f"{row.rank_width_own:.1f}, {row.rank_width:.1f} places",
        f"{row.largest_change:.1f} places (mean {row.mean_change:.1f})",
        f"{row.bands_own:.0f}, {row.bands:.0f}",
        f"{100 * row.pairs_changed:.1f}%",
    )


def profile_missing(tables: ScoreTables) -> Html:
    """Every figure that is not there: its reason, and the level that the profile gives it."""
    facts, rows = tables.facts, tables.frames["missing"]
    cells = [
        (
            f"{row.trust_name} ({row.trust})",
            facts["titles"][row.indicator],
            _REASONS[row.reason],
            "none" if np.isnan(row.level) else natural_text(facts["kinds"][row.indicator], row.level),
            "none" if np.isnan(row.level) else interval_text(facts["kinds"][row.indicator], row.lower, row.upper),
            "flagged" if row.flagged else "",
        )
        for row in _records(rows)
    ]
    percent = round(100 * facts["prob"])
    heads = (facts["noun"].capitalize(), "Indicator", "Why", "Imputed level", f"{percent}% interval", "")
    said = [_missing_sentence(tables)]
    caption = "An imputed level is what the other indicators suggest; no figure stands behind it."
    body = fragment("data_table", caption=caption, heads=heads, rows=cells) if cells else Html("")
    return fragment("data_section", heading="What was missing", anchor="missing", sentences=said, body=body)


def _missing_sentence(tables: ScoreTables) -> str:
    rows, noun = tables.frames["missing"], tables.facts["noun"]
    if rows.empty:
        return f"Every {noun} has a figure of every indicator."
    return (
        f"A figure that should be there is flagged: {int(rows['flagged'].sum())} of these {len(rows)}. Silence must "
        f"not pay, so a composite also sets such a figure of a {noun} to a poor level and shows what that changes."
    )


def profile_limits(tables: ScoreTables) -> Html:
    """What a profile cannot tell."""
    noun = tables.facts["noun"]
    items = [
        (
            "Not cause.",
            f"A correlation across {noun}s does not say that one indicator acts on another, or that a {noun} that "
            "betters one will better the other. Size, place and patients may move both.",
        ),
        (
            "Not a change over time.",
            "Periods differ between indicators, and each is one period: what rises together over months is not here.",
        ),
        (
            "Not what unattributed variation shares.",
            "What is set aside in each indicator is taken as independent between indicators. If it is not, as when one "
            "bad winter moves several, correlations of outcomes are another size than these.",
        ),
        (
            "Not a figure.",
            f"An imputed level is a guess from other indicators, wide because it is one; it ranks no {noun} on the "
            "indicator that is missing.",
        ),
    ]
    return fragment("score_limits", items=items)


def profile_method(tables: ScoreTables, manifest: Mapping[str, Any] | None) -> Html:
    """The statement, the draws, the checks and the run."""
    facts = tables.facts
    failed = [item for item in facts["findings"] if item["verdict"] == "failed"]
    pairs = [
        ("Statement", facts["model"]),
        ("Draws", f"{facts['draws']:,}"),
        ("Level", facts["latent"]),
        ("Scenario", str(facts["scenario"]).replace("_", " ")),
        (f"{facts['noun'].capitalize()}s", f"{facts['trusts']}"),
        (
            "Computation",
            f"all {len(facts['findings'])} checks passed" if not failed else f"{len(failed)} checks failed",
        ),
        ("Run", str((manifest or {}).get("run_id", "not recorded"))),
    ]
    said = [item["sentence"] for item in failed] or [
        item["sentence"] for item in facts["findings"] if item["name"] in {"parameters", "levels of trusts"}
    ]
    if facts["nested"]:
        said.append(f"The profile nests no groups; fits of single indicators nest {' and '.join(facts['nested'])}.")
    return fragment("score_method", sentences=said, pairs=pairs)
