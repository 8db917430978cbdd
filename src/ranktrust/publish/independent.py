"""The block that sets the model beside methods that share nothing with it."""

from typing import TYPE_CHECKING, Final

from ranktrust.evidence import Independent, disagreements, independent_sentences
from ranktrust.league import LeagueTable
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.sensitivity import section, section_table, who
from ranktrust.words import interval_text, natural_text

if TYPE_CHECKING:
    import pandas as pd

    from ranktrust.vocabulary import Kind

_HEADING: Final = ("What other methods say of the same figures", "independent")
_LEVELS: Final = (("alone", "Alone"), ("empirical_bayes", "Empirical Bayes"), ("pooled", "This model"))
_BANDS: Final = (("funnel_band", "Funnel"), ("model_band", "This model predicts"), ("official_band", "Official band"))
_SETS: Final = (("frequentist", "Rank set, repeated samples"), ("posterior", "Rank set, posterior"))


def comparison_with_others(table: LeagueTable, found: Independent | None) -> Html:
    """Agreement and disagreement in words, the trusts on which methods differ, and all of them to open."""
    if found is None:
        return section(*_HEADING, ["Not compared: the run holds no other method's numbers. Run the study again."])
    facts = table.facts
    said = independent_sentences(found, kind=facts.kind, noun=facts.noun, covariates=facts.covariates)
    apart, noun = disagreements(found), facts.noun
    parts = []
    if len(apart):
        caption = f"The {noun}s that two methods put into different bands: higher, lower, or as expected."
        parts.append(_rows(table, found, apart, caption))
    caption = f"Every {noun} by every method: levels in the period's figures with 95% intervals; counts have 1/2 added."
    every = _rows(table, found, found.table.loc[table.rows.index.intersection(found.table.index)], caption)
    parts.append(fragment("details", summary=f"All {facts.n} {noun}s by every method", body=every))
    return section(*_HEADING, said, *parts)


def _rows(table: LeagueTable, found: Independent, frame: "pd.DataFrame", caption: str) -> Html:
    names, kind = table.rows["trust_name"].to_dict(), table.facts.kind
    bands = [(name, head) for name, head in _BANDS if (found.table[name] != "").any()]
    sets = [(name, head) for name, head in _SETS if found.table[f"{name}_lower"].notna().all()]
    rows = []
    for trust, row in frame.iterrows():
        levels = [_level(row, name, kind) for name, _ in _LEVELS]
        places = [f"{row[f'{name}_lower']:.0f} to {row[f'{name}_upper']:.0f} of {table.facts.n}" for name, _ in sets]
        rows.append([who(str(trust), str(names.get(trust, ""))), *levels, *(row[name] for name, _ in bands), *places])
    heads = [table.facts.noun.capitalize(), *(head for _, head in (*_LEVELS, *bands, *sets))]
    return section_table(caption, heads, rows, "independent")


def _level(row: "pd.Series", name: str, kind: "Kind") -> str:
    value = natural_text(kind, float(row[name]))
    return f"{value} ({interval_text(kind, float(row[f'{name}_lower']), float(row[f'{name}_upper']))})"
