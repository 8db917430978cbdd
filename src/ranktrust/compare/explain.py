"""Why one trust stands where it stands: sentences made from a run's tables, one paragraph an indicator."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from ranktrust.compare.explain_more import change_said, region_said, scenarios_said
from ranktrust.errors import UsageError
from ranktrust.league import LeagueTable, Standing, standing_of
from ranktrust.publish import Loaded, benchmark_chance, load_run, rank_text, score_sentences, trust_headline
from ranktrust.words import count_text, expected_text, interval_text, natural_text, probability_text


@dataclass(frozen=True)
class Paragraph:
    """Sentences under a heading, and the numbers behind them, None where there is no figure.

    `about` is the indicator's name, empty for what is about none alone.
    """

    about: str
    heading: str
    sentences: tuple[str, ...]
    standing: Standing | None = None


@dataclass(frozen=True)
class Explanation:
    """Why `trust` stands where it stands in the run `run_id`, and what that does not say."""

    run_id: str
    trust: str
    name: str
    headline: str
    paragraphs: tuple[Paragraph, ...]
    limits: tuple[str, ...]


def explain_trust(run: Path, trust: str) -> Explanation:
    """Why a trust, by code or by name, stands where it stands in the run folder `run`.

    Raises UsageError where no trust or several have that name, and RunError for a damaged run.
    """
    loaded = load_run(run)
    code = code_of(loaded, trust)
    own = [_paragraph(loaded, table, code) for table in loaded.tables.values()]
    score = score_sentences(loaded, code)
    return Explanation(
        run_id=str((loaded.manifest or {}).get("run_id", "not recorded")),
        trust=code,
        name=str(loaded.trusts.loc[code, "trust_name"]),
        headline=trust_headline(loaded, code),
        paragraphs=(*own, *((Paragraph("", "Added up", score),) if score else ())),
        limits=_limits(loaded),
    )


def code_of(run: Loaded, asked: str) -> str:
    """The code of the trust asked for by code, name or part of one name. Raises UsageError with what there is."""
    names = {str(code): str(name) for code, name in run.trusts["trust_name"].items()}
    if asked.upper() in names:
        return asked.upper()
    wanted = asked.casefold().strip()
    exact = [code for code, name in names.items() if name.casefold() == wanted]
    found = exact or [code for code, name in names.items() if wanted and wanted in name.casefold()]
    if len(found) == 1:
        return found[0]
    near = found or [code for code, name in names.items() if name in get_close_matches(asked, names.values(), n=5)]
    listed = "; ".join(f"{code} {names[code]}" for code in near[:8])
    why = f"{len(found)} {run.first.facts.noun}s have" if found else f"no {run.first.facts.noun} of this run has"
    raise UsageError(f"{why} the code or name {asked!r}{': ' + listed if listed else ''}; give one code")


def _paragraph(run: Loaded, table: LeagueTable, trust: str) -> Paragraph:
    facts, standing = table.facts, standing_of(table, trust)
    if standing is None:
        said: tuple[str, ...] = ("It has no figure here, and so no place. A missing figure says nothing good or bad.",)
    else:
        said = tuple(_sentences(run, table, standing))
    return Paragraph(facts.indicator, f"{facts.title}, {facts.period}", said, standing)


def _sentences(run: Loaded, table: LeagueTable, at: Standing) -> Iterator[str]:
    facts = table.facts
    yield (
        f"Published: {at.figure}. Its level is {natural_text(facts.kind, at.estimate[0])}, with a "
        f"{100 * facts.prob:.0f}% interval of {interval_text(facts.kind, *at.estimate[1:])}."
    )
    if at.note:
        yield f"Note on the figure: {at.note}."
    yield from _adjusted(table, at)
    if at.ranks is None:
        yield from _against_standard(run, table, at)
        return
    yield from _placed(run, table, at)
    yield from scenarios_said(run, table, at.trust)
    yield from region_said(run, table, at.trust)
    yield from change_said(run, table, at.trust)


def _adjusted(table: LeagueTable, at: Standing) -> Iterator[str]:
    facts = table.facts
    if facts.covariates and facts.latent != "performance":
        yield (
            f"At the study's reference of {' and '.join(facts.covariates)} it would be "
            f"{natural_text(facts.kind, at.performance[0])} ({interval_text(facts.kind, *at.performance[1:])}); its "
            "place below is that of the level before this adjustment."
        )


def _against_standard(run: Loaded, table: LeagueTable, at: Standing) -> Iterator[str]:
    facts, row = table.facts, run.against[table.facts.indicator].get(at.trust)
    yield f"It has no rank: the publisher cautions against setting {facts.noun}s against each other by this figure."
    if row is not None:
        yield (
            f"Against the standard with its margin: {row.verdict}. It is below with a probability of {row.p_below[0]} "
            f"and above with one of {row.p_above[0]}."
        )


def _placed(run: Loaded, table: LeagueTable, at: Standing) -> Iterator[str]:
    """Its place, what makes its interval as wide as it is, and who stands above and below."""
    facts = table.facts
    assert at.ranks is not None
    yield (
        f"Its {100 * facts.prob:.0f}% rank interval is {rank_text(*at.ranks, facts.n)}, where 1 is the {facts.best} "
        f"value; it is in band {at.band} of {facts.bands}."
    )
    yield _width(table, at)
    yield (
        f"{len(at.better)} {facts.noun}s are better than it with a probability of at least 95% and {len(at.worse)} are "
        f"worse; of these, {expected_text(at.wrong)} expected to be the other way round. From {len(at.indistinct)} "
        "these data cannot tell it."
    )
    chance = benchmark_chance(run, facts.indicator, at.trust)
    if chance is not None and facts.benchmark is not None:
        way, p = ("better", chance[0]) if chance[0] >= 0.5 else ("worse", 1 - chance[0])
        yield (
            f"It is {way} than the benchmark of {natural_text(facts.kind, facts.benchmark)} with a probability of "
            f"{probability_text(p, *chance[1:])}."
        )


def _width(table: LeagueTable, at: Standing) -> str:
    """Why the rank interval is as wide as it is: the interval of its level, and how many others stand inside that."""
    rows, facts = table.rows, table.facts
    own = at.estimate[2] - at.estimate[1]
    typical = float((rows["estimate_upper"] - rows["estimate_lower"]).median())
    inside = _inside(rows, at.estimate) - 1
    usual = float(pd.Series([_inside(rows, _three(row)) - 1 for row in rows.itertuples()]).median())
    size = "as wide as" if abs(own / typical - 1) < 0.05 else f"{own / typical:.1f} times as wide as"
    return (
        f"The width of that interval has two sources. The interval of its level is {size} that of a typical "
        f"{facts.noun}, and the estimates of {count_text(inside, f'other {facts.noun}')} lie inside it, where "
        f"{usual:g} is typical."
    )


def _three(row: object) -> tuple[float, float, float]:
    return tuple(float(getattr(row, name)) for name in ("estimate", "estimate_lower", "estimate_upper"))  # type: ignore[return-value]


def _inside(rows: pd.DataFrame, level: tuple[float, float, float]) -> int:
    return int(rows["estimate"].between(level[1], level[2]).sum())


def _limits(run: Loaded) -> tuple[str, ...]:
    noun = run.first.facts.noun
    return (
        f"This says by which figures and with what probability the {noun} stands there, and nothing of why its figures "
        "are as they are: an outcome has many causes, and care is one of them.",
        "Every probability is right only if the model is. Its checks are on the pages of diagnostics.",
    )


def explanation_lines(found: Explanation) -> list[str]:
    """The explanation as text, one sentence a line under its headings."""
    lines = [f"{found.name} ({found.trust}), run {found.run_id}", found.headline + "."]
    for part in found.paragraphs:
        lines += ["", part.heading, *(f"  {sentence}" for sentence in part.sentences)]
    return [*lines, "", "What this cannot tell", *(f"  {sentence}" for sentence in found.limits)]
