"""What two runs were made from, and in what they differ: data, revision, set, study, model, computation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ranktrust.league import LeagueTable
from ranktrust.words import count_text

CAUSES: Final = ("period", "revision", "set", "study", "model", "computation")
"""Why two tables of one indicator may differ, in the order in which they are said (decision 15)."""
CAUSE_WORDS: Final[dict[str, str]] = {
    "period": "another period",
    "revision": "revised figures of the same period",
    "set": "another set compared",
    "study": "another question",
    "model": "another model or other priors",
    "computation": "the computation alone",
}
_ASKED: Final = {
    "scenario": "scenario", "latent": "level ranked", "prob": "probability of intervals",
    "band_lambda": "lambda of bands", "top": "k of the first quarter", "bottom": "k of the last quarter",
    "ranked": "whether an order is stated", "benchmark": "benchmark", "standard": "standard", "delta": "margin",
}  # fmt: skip
_SAMPLING: Final = ("ranktrust", "pymc", "nutpie", "pytensor", "numba", "numpy", "python")


@dataclass(frozen=True)
class Cause:
    """One reason why two tables may differ: its name among CAUSES, and what exactly differs, in words."""

    name: str
    said: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two runs, as far as one indicator goes: its table, and what the manifest says of it."""

    table: LeagueTable
    manifest: Mapping[str, Any]

    @property
    def entry(self) -> Mapping[str, Any]:
        """What the manifest says of this indicator's fit."""
        own = (item for item in self.manifest.get("indicators", ()) if item["name"] == self.table.facts.indicator)
        return next(own, {})


def causes_of(one: Side, two: Side) -> tuple[Cause, ...]:
    """Every reason why the tables may differ; none where both were made from the same, by the same draws."""
    said = {
        "period": _periods(one, two),
        "revision": _revisions(one, two),
        "set": _sets(one, two),
        "study": _questions(one, two),
        "model": _models(one, two),
        "computation": _computations(one, two),
    }
    return tuple(Cause(name, said[name]) for name in CAUSES if said[name])


def _periods(one: Side, two: Side) -> tuple[str, ...]:
    before, after = one.table.facts.period, two.table.facts.period
    return () if before == after else (f"{before}, then {after}",)


def _revisions(one: Side, two: Side) -> tuple[str, ...]:
    """Published figures of the same trust and period that differ; those of another period are no revision."""
    if one.table.facts.period != two.table.facts.period:
        return ()
    figures = [side.table.rows["figure"] for side in (one, two)]
    both = figures[0].index.intersection(figures[1].index)
    if _source(one) == _source(two):
        return ()
    changed = int((figures[0][both] != figures[1][both]).sum())
    shown = f"the published figures of {changed} of {count_text(len(both), one.table.facts.noun)} do"
    return (f"the file of figures differs, and {shown if changed else 'no figure shown does'}",)


def _source(side: Side) -> object:
    return side.table.facts.source.get("sha256")


def _sets(one: Side, two: Side) -> tuple[str, ...]:
    noun = one.table.facts.noun
    trusts = [set(side.table.rows.index) for side in (one, two)]
    gone, new = sorted(trusts[0] - trusts[1]), sorted(trusts[1] - trusts[0])
    said = [(gone, "only in the first"), (new, "only in the second")]
    return tuple(f"{count_text(len(codes), noun)} {where}: {', '.join(codes)}" for codes, where in said if codes)


def _questions(one: Side, two: Side) -> tuple[str, ...]:
    facts = one.table.facts, two.table.facts
    said = [
        f"{words}: {_value(getattr(facts[0], name))}, then {_value(getattr(facts[1], name))}"
        for name, words in _ASKED.items()
        if getattr(facts[0], name) != getattr(facts[1], name)
    ]
    if facts[0].period == facts[1].period and _source(one) == _source(two):
        said += _shown(one, two)
    dates = [str(side.manifest.get("settings", {}).get("date", "")) for side in (one, two)]
    return (*said, *((f"date of the study: {dates[0]}, then {dates[1]}",) if dates[0] != dates[1] else ()))


def _shown(one: Side, two: Side) -> list[str]:
    """Figures of one file that are shown otherwise, as another disclosure rule would."""
    figures = [side.table.rows["figure"] for side in (one, two)]
    both = figures[0].index.intersection(figures[1].index)
    changed = int((figures[0][both] != figures[1][both]).sum())
    noun = count_text(len(both), one.table.facts.noun)
    return [f"the figures of {changed} of {noun} are shown otherwise, from the same file"] if changed else []


def _models(one: Side, two: Side) -> tuple[str, ...]:
    said, facts = [], (one.table.facts, two.table.facts)
    if facts[0].model != facts[1].model:
        said.append(f"model {facts[0].model}, then {facts[1].model}")
    elif one.entry.get("model_sha256") != two.entry.get("model_sha256") or facts[0].statement != facts[1].statement:
        said.append(f"the file of model {facts[0].model} was changed")
    priors = [json.loads(json.dumps(dict(item.priors))) for item in facts]
    names = sorted({*priors[0], *priors[1]})
    said += [
        f"prior {name}: {_value(priors[0].get(name))}, then {_value(priors[1].get(name))}"
        for name in names
        if priors[0].get(name) != priors[1].get(name)
    ]
    for name, words in (("covariates", "adjusted for"), ("nested", "nested in")):
        lists = [", ".join(getattr(item, name)) or "nothing" for item in facts]
        said += [f"{words} {lists[0]}, then {lists[1]}"] if lists[0] != lists[1] else []
    return tuple(said)


def _computations(one: Side, two: Side) -> tuple[str, ...]:
    seeds, said = [_seed(side) for side in (one, two)], []
    if seeds[0] != seeds[1]:
        said.append("another seed")
    draws = [side.table.facts.draws for side in (one, two)]
    if draws[0] != draws[1]:
        said.append(f"{draws[0]:,} draws, then {draws[1]:,}")
    versions = [side.manifest.get("versions", {}) for side in (one, two)]
    names = [name for name in _SAMPLING if versions[0].get(name) != versions[1].get(name)]
    said += [f"{name} {versions[0].get(name, 'unknown')}, then {versions[1].get(name, 'unknown')}" for name in names]
    return tuple(said)


def _seed(side: Side) -> tuple[Any, ...]:
    fit = side.manifest.get("settings", {}).get("fit", {})
    return (fit.get("seed"), fit.get("sampler"), tuple(side.entry.get("seed_spawn_key", ())))


def _value(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def attribution(causes: tuple[Cause, ...], *, changed: bool) -> str:
    """To which cause the differences between the tables may be put down."""
    names = [CAUSE_WORDS[cause.name] for cause in causes]
    if not changed:
        return "The tables do not differ."
    if not names:
        return "Nothing that the runs record differs, so the tables should not; run both again with one version."
    if len(names) == 1:
        return f"All differences come from {names[0]}."
    return (
        f"{len(names)} things differ ({'; '.join(names)}), and two runs cannot divide the differences between them. "
        "Run the study again with one of them changed at a time."
    )
