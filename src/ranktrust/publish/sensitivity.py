"""The blocks of the page on what survives other honest choices. Each takes the league table and its sensitivity."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from ranktrust.evidence import (
    PUBLISHED,
    Sensitivity,
    View,
    at_the_ends,
    comparison,
    has_scores,
    score_sentences,
    score_table,
)
from ranktrust.evidence import sentences as words
from ranktrust.league import LeagueTable
from ranktrust.publish.html import Html, fragment, markup
from ranktrust.publish.rows import edges_text
from ranktrust.words import count_text, short_name

_NOTHING: Final = "none"


def sensitivity_opening(table: LeagueTable, found: Sensitivity) -> Html:
    """How many published statements survive, as the page's one heading, and what was tried."""
    return fragment(
        "sensitivity_opening", facts=table.facts, title=words.headline(found), sentences=words.summary_sentences(found)
    )


def chip(table: LeagueTable, found: Sensitivity, band: str) -> Markup:
    """A band in words with its mark: an arrow up at the good end, down at the other, a ring between."""
    kind, label = band, words.capital(band)
    if found.ranked:
        kind = {found.bands[0]: "better", found.bands[-1]: "worse"}.get(band, "neither")
    else:
        above, below = edges_text(table)
        label = {"above": f"Above {above}", "below": f"Below {below}"}.get(band, "Not clearly either")
    return markup('<span class="chip {kind}">{label}</span>', kind=kind, label=label)


def survivors(table: LeagueTable, found: Sensitivity) -> Html:
    """Every trust in an end band by the choices that would move it, those that none moves first, and all to open."""
    ends = at_the_ends(found)
    heading, anchor = "Which statements survive", "survive"
    if ends.empty:
        return section(heading, anchor, [f"No {found.noun} is {found.placed}, so there is nothing to lose."])
    ends = ends.loc[[trust for trust in table.rows.index if trust in ends.index]]
    caption = f"The {count_text(len(ends), found.noun)} {found.placed}, by the choices that would change that."
    by_loss = section_table(caption, ("Changed by", "How many", "Which"), _loss_rows(table, found, ends), "losses")
    every = fragment(
        "details", summary=f"Every choice for each of the {len(ends)}", body=_every_cell(table, found, ends)
    )
    return section(heading, anchor, [], by_loss, every)


def _loss_rows(table: LeagueTable, found: Sensitivity, ends: pd.DataFrame) -> list[Sequence[object]]:
    """One row for each combination of choices that change a statement, nothing first, then the most frequent."""
    labels = {view.choice.name: view.choice.label for view in found.others}
    moved = [tuple(name for name in labels if row[name] != row[PUBLISHED]) for _, row in ends.iterrows()]
    groups = pd.Series(moved, index=ends.index)
    order = sorted(dict.fromkeys(moved), key=lambda names: (bool(names), -moved.count(names)))
    rows: list[Sequence[object]] = []
    for names in order:
        members = ends.loc[groups.index[[group == names for group in moved]]]
        changed = words.listed(labels[name] for name in names) if names else "No choice: these survive"
        head = markup('<span class="name">{changed}</span>', changed=changed)
        rows.append([head, f"{len(members)}", _by_band(table, found, members)])
    return rows


def _by_band(table: LeagueTable, found: Sensitivity, members: pd.DataFrame) -> Markup:
    """Names after the band that is published of them."""
    names = table.rows["trust_name"].to_dict()
    parts = [
        markup(
            "<p>{chip} {names}</p>",
            chip=chip(table, found, str(band)),
            names="; ".join(short_name(names[trust]) for trust in members.index[members[PUBLISHED] == band]),
        )
        for band in dict.fromkeys(members[PUBLISHED])
    ]
    return Markup("").join(parts)


def _every_cell(table: LeagueTable, found: Sensitivity, ends: pd.DataFrame) -> Html:
    names = table.rows["trust_name"].to_dict()
    heads = [found.noun.capitalize(), "Published", *(view.choice.label for view in found.others)]
    rows = [
        [
            who(str(trust), names[trust]),
            chip(table, found, row[PUBLISHED]),
            *(_instead(table, found, row[PUBLISHED], row[view.choice.name]) for view in found.others),
        ]
        for trust, row in ends.iterrows()
    ]
    return section_table(f"Where each {found.noun} would stand under each choice.", heads, rows, "cells")


def _instead(table: LeagueTable, found: Sensitivity, published: str, band: str) -> Markup:
    return markup('<span class="same">{same}</span>', same="same") if band == published else chip(table, found, band)


def choices_table(table: LeagueTable, found: Sensitivity) -> Html:
    """One row a choice: what it changes, what it makes of the order, and why where it gave no numbers."""
    said = [
        "A choice is honest if a careful analyst could have made it. Each is made with all else as published; two "
        "together may do more than both apart."
    ]
    if found.ranked:
        said.append(
            "POTH is the precision of the order: the correlation to be expected between two draws of it, with its "
            f"Monte Carlo error. Widths are in places of {found.n}; the middle is place {(found.n + 1) / 2:g}."
        )
    draws = f"{found.published.facts['draws']:,.0f}"
    caption = f"What each choice makes of the table. The published fit has {draws} draws, a refit fewer."
    rows = [_choice_row(table, found, view) for view in found.views]
    parts = [section_table(caption, _heads(found), rows, "choices"), *_shares(found), *_reasons(found)]
    return section("Choice by choice", "choices", said, *parts)


def _heads(found: Sensitivity) -> tuple[str, ...]:
    first = ("Choice", "What differs", found.placed.capitalize(), "Changed")
    if not found.ranked:
        return (*first, "Mean width of intervals")
    return (
        *first,
        "POTH",
        "Mean width of rank intervals",
        "Interval leaves out the middle",
        "Correlation of orders",
    )


def _choice_row(table: LeagueTable, found: Sensitivity, view: View) -> list[object]:
    name, width = view.choice.name, len(_heads(found))
    head = [markup('<span class="name">{label}</span>', label=view.choice.label), view.choice.change]
    if view.status != "fitted":
        why = "It failed the checks of the computation" if view.status == "failed" else "Not fitted"
        return [head[0], f"{view.choice.change}. {why}: {view.said.rstrip('.')}.", *[_NOTHING] * (width - 2)]
    row = comparison(found).to_dict("index")[name]
    cells: list[object] = [
        *head,
        f"{row['at_ends']:.0f}",
        "published" if name == PUBLISHED else f"{row['changed']:.0f} of {found.n}",
    ]
    if not found.ranked:
        return [*cells, _width(table, float(row["mean_width"]))]
    error = f"± {row['poth_mcse']:.3f}" if row["poth_mcse"] >= 0.0005 else "± < 0.001"
    poth = markup('{poth} <span class="code">{error}</span>', poth=words.poth_text(view), error=error)
    near = "> 0.999" if row["correlation"] > 0.9995 else f"{row['correlation']:.3f}"
    same = "1" if name == PUBLISHED else near
    return [*cells, poth, f"{row['mean_width']:.0f} places", f"{row['off_the_middle']:.0f} of {found.n}", same]


def _width(table: LeagueTable, width: float) -> str:
    return f"{100 * width:.1f} percentage points" if table.facts.kind == "proportion" else f"{width:.3f}"


def _shares(found: Sensitivity) -> list[Html]:
    """The sources of the shares, to open."""
    items = Markup("").join(
        markup(
            "<li><strong>{label}</strong>: {mean}% of the variance between, on average. {note}.</li>",
            label=view.choice.label,
            mean=f"{100 * view.facts.get('share_mean', 0.0):.2g}",
            note=words.capital(view.choice.note.rstrip(".")),
        )
        for view in found.fitted
        if view.choice.note and view.choice.group != "prior"
    )
    return (
        [fragment("details", summary="Where the shares set aside come from", body=Html(f"<ul>{items}</ul>"))]
        if items
        else []
    )


def _reasons(found: Sensitivity) -> list[Html]:
    """Why other priors are tried, to open."""
    items = Markup("").join(
        markup("<li><strong>{label}</strong>: {why}.</li>", label=each.label, why=words.capital(each.note.rstrip(".")))
        for each in (view.choice for view in found.views)
        if each.group == "prior"
    )
    body = Html(f"<ul>{items}</ul>")
    return [fragment("details", summary="Why other priors are tried", body=body)] if items else []


def own_agreement(found: Sensitivity) -> Html:
    """What the figures say of themselves, beside what the model claims."""
    said = list(words.reliability_sentences(found))
    rows = found.reliability
    rankable = rows[rows["method"] == "rankability"]
    if len(rankable):
        value = min(float(rankable["claimed"].iloc[0]), 0.999)
        said.append(
            f"By the model, the part of a typical {found.noun}'s difference from the others that is its outcome and "
            f"not noise or chance (rankability) is {value:.3f}."
        )
    if len(rows) > len(rankable):
        said.append(
            "Where a share was itself measured from such parts, agreement says no more than that the fit carries it "
            "faithfully. Noise that lasts longer than a part is not seen."
        )
    return section("Do the figures agree with themselves?", "reliability", said)


def predictive_scores(found: Sensitivity) -> Html:
    """Which statement predicts a trust that it has not seen best, and what each does to the bands."""
    heading, anchor = "Which statement predicts best", "scores"
    if not has_scores(found):
        return section(heading, anchor, ["Not compared: trusts cannot be left out of the published statement."])
    scores = score_table(found)
    labels = {view.choice.name: view.choice.label for view in found.fitted}
    rows = [
        [labels[name], f"{difference:+.1f} ± {error:.1f}", str(prediction), f"{moved} of {found.n}"]
        for name, difference, error, prediction, moved in scores.itertuples(index=False)
    ]
    said = [
        *(score_sentences(found) or ("No other statement was fitted with numbers to compare.",)),
        f"The score is the sum over {found.noun}s of the log probability of each figure given those of the others. A "
        "difference below 4, or below two standard errors, tells nothing; scenarios and levels leave the law of the "
        "figures as it is, so they have none.",
    ]
    heads = ("Choice", "Log score less that published", "Prediction", "Bands changed")
    table = section_table("Expected log scores, with standard errors.", heads, rows, "scores")
    return section(heading, anchor, said, *([table] if rows else []))


def power_scaling(found: Sensitivity) -> Html:
    """How far each quantity moves when a prior or the likelihood is made a little stronger."""
    if found.power.empty:
        return section("What the answer hangs on", "power", ["The fit does not hold what power-scaling needs."])
    parts = ("share_prior", "other_priors", "likelihood")
    rows = [[str(row["quantity"]), *(_moved(float(row[part])) for part in parts)] for _, row in found.power.iterrows()]
    said = [
        *words.power_sentences(found),
        "Each column makes one part of the model one per cent stronger or weaker and measures how far a quantity "
        "moves: from 0.05 on it moves noticeably (power-scaling, Kallioinen and others 2024). The declared share is a "
        "belief, so what it moves is belief too.",
    ]
    heads = ("Quantity", "Declared share", "Other priors", "Figures")
    caption = "Sensitivity to power-scaling of the declared share, of the other top-level priors, and of the figures."
    return section("What the answer hangs on", "power", said, section_table(caption, heads, rows, "power"))


def _moved(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else _NOTHING


def sensitivity_limits(found: Sensitivity) -> Html:
    """What a page of other choices cannot show."""
    return fragment("sensitivity_limits", noun=found.noun)


def who(code: str, name: str) -> Markup:
    """A trust's name and code."""
    return markup('<span class="name">{name}</span> <span class="code">{code}</span>', name=name, code=code)


def section_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]], kind: str) -> Html:
    """A table whose first cell of each row is its head; `kind` is its class."""
    return fragment("sensitivity_table", caption=caption, heads=heads, rows=rows, kind=kind)


def section(heading: str, anchor: str, sentences: Sequence[str], *parts: Html) -> Html:
    """Sentences and parts under a heading."""
    body = Html("".join(part.text for part in parts))
    return fragment("data_section", heading=heading, anchor=anchor, sentences=sentences, body=body)
