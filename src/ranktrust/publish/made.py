"""The blocks of the page on the method: what is asked, who chose what, by which models, and how it was computed."""

from collections.abc import Mapping
from typing import Any, Final

from ranktrust.evidence import FitChecks
from ranktrust.league import LeagueTable, scenario_sentence
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded
from ranktrust.publish.names import league_page, review_page
from ranktrust.words import count_text, natural_text

_LEVELS: Final = {
    "total": "the level in the period's figures, its noise in it",
    "outcome": "outcome: the level less what is no trust's own",
    "performance": "performance: the outcome less what the covariates explain",
}


def method_opening(run: Loaded) -> Html:
    """How many models, draws and checks the pages rest on, and where each part is written."""
    facts = run.first.facts
    return fragment(
        "page_opening",
        facts=facts,
        kicker="how these pages were made",
        title=method_headline(run),
        sentences=(
            f"Compared are {facts.set_description}. One model a figure gives every {facts.noun} a level with its whole "
            "uncertainty; every statement about order counts the draws in which it holds.",
            "What is a choice is named as one below, with who made it. What follows from other choices stands on the "
            "pages of what survives.",
        ),
        failed=[table.facts.title for table in run.tables.values() if not table.facts.gate_passed],
    )


def method_headline(run: Loaded) -> str:
    """The number of indicators, models and draws, and whether all checks of the computation passed."""
    tables = list(run.tables.values())
    models = {table.facts.model for table in tables}
    draws = [table.facts.draws for table in tables]
    span = f"{min(draws):,}" if min(draws) == max(draws) else f"{min(draws):,} to {max(draws):,}"
    failed = sum(not table.facts.gate_passed for table in tables)
    checks = "the computation passed" if not failed else f"the computation failed on {failed}"
    misfits = sum(_misfits(found) for found in run.fit_checks.values())
    checks += f", checks of fit failed on {misfits}" if misfits else ""
    return f"{count_text(len(tables), 'indicator')}, {count_text(len(models), 'model')}, {span} draws of each: {checks}"


def _misfits(checks: FitChecks | None) -> bool:
    return checks is not None and any(item.verdict == "failed" for item in checks.findings)


def method_indicators(run: Loaded) -> Html:
    """One row an indicator: what is compared, with what, in which scenario, by which model."""
    heads = ("Indicator", "Order", "Benchmark", "Scenario", "Model")
    rows = [_indicator(table) for table in run.tables.values()]
    body = fragment("data_table", caption="What each league table shows.", heads=heads, rows=rows)
    return fragment("data_section", heading="What is compared with what", anchor="compared", sentences=(), body=body)


def _indicator(table: LeagueTable) -> tuple[Any, ...]:
    facts = table.facts
    link = fragment("method_link", page=league_page(facts.indicator), title=facts.title, period=facts.period)
    order = f"rank 1 is the {facts.best} value" if facts.ranked else "none: its publisher cautions against it"
    benchmark = "none" if facts.benchmark is None else natural_text(facts.kind, facts.benchmark)
    basis = f" ({facts.benchmark_basis})" if facts.benchmark_basis else ""
    return (link, order, f"{benchmark}{basis}", scenario_sentence(table), facts.model)


def method_choices(run: Loaded) -> Html:
    """What is nobody's finding but a choice: who made it and why."""
    choices = [*_choices(run), *_weights(run)]
    heads = ("Choice", "What was chosen", "By whom, and why")
    body = fragment("data_table", caption="Choices behind these pages.", heads=heads, rows=choices)
    said = ("Another choice gives another table. None of these follows from the figures.",)
    return fragment("data_section", heading="Who chose what", anchor="choices", sentences=said, body=body)


def _choices(run: Loaded) -> list[tuple[str, str, str]]:
    facts = run.first.facts
    adjusted = ", ".join(facts.covariates) or "nothing"
    despite = [table.facts for table in run.tables.values() if table.facts.rank_reason]
    found = [
        ("Set compared", facts.set_description, "the study"),
        ("Level ranked", _LEVELS[facts.latent], "the study"),
        ("Adjusted for", f"{adjusted}; the adjusted level stands beside the other", "the study"),
        ("Scenario", facts.scenario.replace("_", " "), "the study; the shares that it sets aside have their sources"),
        ("Intervals", f"{100 * facts.prob:g}%", "the study"),
        ("Lambda of bands", f"{facts.band_lambda:g}: a border is at least {100 / (1 + facts.band_lambda):.3g}% sure on "
         "average", "the study"),
        ("Better or worse is said", "from 95% of a pair, from 97.5% against a benchmark or over time", "this software"),
    ]  # fmt: skip
    return [*found, *((f"{item.title} ranked despite a caution", "yes", str(item.rank_reason)) for item in despite)]


def _weights(run: Loaded) -> list[tuple[str, str, str]]:
    """The weights of the composite and of the official score."""
    found = []
    if run.composite is not None:
        facts = run.composite.facts
        weights = "; ".join(f"{item['name']} {100 * item['weight']:.0f}%" for item in facts["domains"])
        found.append(("Weights of the composite", weights, f"the study: {facts['why']}"))
    if run.official is not None:
        found.append(("Weights of the official score", "those of its rules", "NHS England"))
    return found


def method_models(run: Loaded) -> Html:
    """Every model word for word, once, with the priors each indicator gave it."""
    models: dict[str, list[LeagueTable]] = {}
    for table in run.tables.values():
        models.setdefault(table.facts.model, []).append(table)
    shown = [
        {
            "name": name,
            "statement": tables[0].facts.statement,
            "uses": [(one.facts.title, review_page(one.facts.indicator), _priors(one.facts.priors)) for one in tables],
        }
        for name, tables in models.items()
    ]
    return fragment("method_models", shown=shown)


def _priors(priors: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {_numbers(value)}" for name, value in priors.items()) or "those of its file"


def _numbers(value: Any) -> str:
    numbers = value if isinstance(value, list | tuple) else [value]
    return ", ".join(f"{float(number):g}" for number in numbers)


def method_computed(run: Loaded) -> Html:
    """What the run rests on: identity, versions, digests."""
    manifest = run.manifest or {}
    versions = manifest.get("versions", {})
    rows = [
        (words, str(manifest.get(name, "not recorded"))) for words, name in (("Run", "run_id"), ("Made", "created"))
    ]
    rows += [(f"Digest of {name}", str(digest)) for name, digest in manifest.get("figures", {}).items()]
    rows += [(f"Version of {name}", str(version)) for name, version in versions.items()]
    body = fragment("data_table", caption="What the run rests on.", heads=("What", "Value"), rows=rows)
    said = ("manifest.json of the run has these and more: the study's settings, seeds, and the digest of every file.",)
    return fragment("data_section", heading="How it was computed", anchor="computed", sentences=said, body=body)


def method_limits(run: Loaded) -> Html:
    """What the method cannot do."""
    noun = run.first.facts.noun
    items = [
        ("Not the quality of care.", "A level is an outcome as published, with chance in counting taken out. It has "
         "many causes, and care is one of them."),
        ("Not the share that is no trust's own.".replace("trust", noun), "One period's figures cannot show it. It is "
         "declared, with its source, and called a guess where it is one."),
        ("Not a fair comparison by itself.", "Adjustment takes out what its covariates explain on average and nothing "
         "else; what it hides and what it misses is not known."),
        ("Not more than the model.", "Calibration and checks of fit can find a model wrong and cannot find it right."),
    ]  # fmt: skip
    return fragment("score_limits", items=items)
