"""The blocks of the page on a run's data: what came in, what is missing or left out and why, what the checks found."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import pandas as pd
from markupsafe import Markup

from ranktrust.ledger import Covariate, Ledger, Source
from ranktrust.panel import UNDATED, period_label, period_text
from ranktrust.publish.html import Html, fragment, markup
from ranktrust.words import count_text

_CHECKS: Final = {
    "missing_submission": "no figure",
    "sudden_change": "sudden change of what it rests on",
    "implausible_value": "far from all others",
    "repeated_value": "same figures as the period before",
    "zero_events": "no event, or nothing else",
    "odd_error": "standard error does not fit its base",
    "heaping": "heaped just above a target",
    "differing_total": "differs from the published total",
}


def data_opening(ledger: Ledger) -> Html:
    """How complete the figures are, as the page's one heading, and what was done with them."""
    return fragment("data_opening", ledger=ledger, title=data_headline(ledger), sentences=_summary(ledger))


def data_headline(ledger: Ledger) -> str:
    """How many pairs of trust and indicator lack figures."""
    cells, (part, none) = len(ledger.coverage), _gaps(ledger.coverage)
    pairs = f"{cells:,} pairs of {ledger.noun} and indicator"
    if not part + none:
        return f"Figures are complete for all {pairs}"
    lacking = [
        f"{count_text(number, 'lacks', 'lack').replace('no lacks', 'none lacks')} {what}"
        for number, what in ((none, "any figure"), (part, "some periods"))
        if number
    ]
    return f"Of {pairs}, {' and '.join(lacking)}"


def _gaps(coverage: pd.DataFrame) -> tuple[int, int]:
    """How many trusts and indicators have only some periods, and how many none."""
    none = coverage["periods"] == 0
    return int((~none & (coverage["periods"] < coverage["of"])).sum()), int(none.sum())


def _summary(ledger: Ledger) -> tuple[str, ...]:
    used, rows = (sum(getattr(source, name) for source in ledger.sources) for name in ("rows_used", "rows"))
    findings, out = ledger.returns, ledger.left_out
    outside = out.loc[out["trust"] != "", "trust"].nunique()
    where = findings["trust"].loc[findings["trust"] != ""].nunique()
    return (
        f"Compared are {ledger.set_description}, those open on {_day(ledger.date)}, under the codes and in the regions "
        f"of that day; names are those of the newest list. The files hold {rows:,} rows, a row being one "
        f"{ledger.noun}, indicator and period; {used:,} of them count in the league tables.",
        f"Rows of {count_text(outside, 'organisation')} are not used, or count under another code after a merger; each "
        "is listed below with its reason.",
        f"Checks on the returns themselves gave {count_text(len(findings), 'finding')} about "
        f"{count_text(where, ledger.noun)}. A finding is a reason to ask, not proof of an error: nothing was excluded "
        "or altered because of one.",
    )


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def data_sources(ledger: Ledger) -> Html:
    """What came in: one row an indicator, and the notes of each source to open."""
    rows = [_source_row(source) for source in ledger.sources]
    heads = ("Indicator", "Published", "Compared", f"{ledger.noun.capitalize()}s", "Rows used")
    table = _table("The figures of each indicator, and the part of them that its league table uses.", heads, rows)
    notes = fragment("data_notes", sources=ledger.sources)
    return _section("What came in", "sources", [], table, notes)


def _source_row(source: Source) -> tuple[object, ...]:
    joined = f", {source.rows_joined} of them from a merged predecessor" if source.rows_joined else ""
    publisher = markup('<span class="code">{publisher}</span>', publisher=source.publisher)
    if source.address.startswith(("https://", "http://")):
        publisher = markup(
            '<a class="code" href="{address}">{publisher}</a>', address=source.address, publisher=source.publisher
        )
    return (
        markup('<span class="name">{title}</span><br>{publisher}', title=source.title, publisher=publisher),
        f"{_capital(period_text(_label(source.published)))}, {count_text(source.periods, 'period')}",
        f"{_capital(period_text(_label(source.window)))}, {count_text(source.periods_used, 'period')}",
        f"{source.trusts:,}",
        f"{source.rows_used:,} of {source.rows:,}{joined}",
    )


def _label(ends: tuple[str, str]) -> str:
    return period_label(*ends)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def data_gaps(ledger: Ledger) -> Html:
    """Every figure of the periods compared that is missing, with its reason."""
    if ledger.missing.empty:
        return _section("What is missing", "missing", [f"No {ledger.noun} lacks a figure in the periods compared."])
    titles = _titles(ledger)
    rows = [
        (
            _who(str(trust), str(name)),
            titles[str(indicator)],
            _list(_dated(str(row.period), str(row.reason)) for row in group.itertuples()),
        )
        for (indicator, trust, name), group in ledger.missing.groupby(["indicator", "trust", "trust_name"], sort=False)
    ]
    heads = (ledger.noun.capitalize(), "Indicator", "Periods without a figure, and why")
    said = f"A {ledger.noun} with some periods is compared on those; one without any stands in no league table."
    table = _table("Figures missing in the periods compared, and what the publisher says of them.", heads, rows)
    return _section("What is missing", "missing", [said], table)


def data_left_out(ledger: Ledger) -> Html:
    """Why rows are not used, by reason, and every code to open."""
    out = ledger.left_out
    if out.empty:
        return _section("What was left out, and why", "left-out", ["Every row of the files is used."])
    table = _table(
        "Rows not used under their own code, by reason.", ("Reason", "Organisations", "Rows"), _by_reason(out)
    )
    every = _table(
        "Every organisation with rows that are not used under its code.",
        ("Organisation", "Indicator: rows", "Reason"),
        _by_code(ledger),
    )
    listed = out.loc[out["trust"] != "", "trust"].nunique()
    details = fragment("details", summary=f"All {count_text(listed, 'organisation')}", body=every)
    return _section("What was left out, and why", "left-out", [], table, details)


def _by_reason(out: pd.DataFrame) -> list[tuple[object, ...]]:
    kinds = out.assign(kind=[_kind(str(reason)) for reason in out["reason"]])
    return [
        (
            _capital(str(kind)),
            ", ".join(sorted({str(code) for code in group["trust"]} - {""})) or "all compared",
            f"{group['rows'].sum():,}",
        )
        for kind, group in kinds.groupby("kind")
    ]


def _kind(reason: str) -> str:
    """A reason without what differs between indicators: the rows in the periods compared, and these periods."""
    if reason.startswith("outside"):
        return reason
    return reason.partition(":")[0]


def _by_code(ledger: Ledger) -> list[tuple[object, ...]]:
    titles = _titles(ledger)
    out = ledger.left_out.query("trust != ''").sort_values(["trust", "reason"], kind="stable")
    return [
        (
            _who(str(code), str(name)),
            _list(f"{titles[str(row.indicator)]}: {row.rows:,}" for row in group.itertuples()),
            _capital(str(reason)),
        )
        for (code, name, reason), group in out.groupby(["trust", "trust_name", "reason"], sort=False)
    ]


def data_context(ledger: Ledger) -> Html:
    """What is adjusted for: each covariate with its source and reference, and the trusts without a sound value."""
    heading, anchor = f"What {ledger.noun}s are adjusted for", "context"
    if not ledger.covariates:
        return _section(heading, anchor, ["Nothing: the study declares no covariate."])
    tables = [_covariate(ledger, covariate) for covariate in ledger.covariates]
    said = [
        "A covariate describes a trust's surroundings, not its care. It enters the models as (value - reference) / "
        "scale, with a reference that the study fixes; league tables show each level before and after adjustment.",
    ]
    return _section(heading, anchor, said, *tables)


def _covariate(ledger: Ledger, covariate: Covariate) -> Html:
    rows = ledger.context.query("covariate == @covariate.name")
    odd = rows[(rows["value"] == "") | (rows["note"] != "")]
    without = "set to the reference" if covariate.missing == "reference" else "none"
    cells = [
        (_who(str(row.trust), str(row.trust_name)), str(row.value)[:7] or f"none: {without}", str(row.note))
        for row in odd.itertuples()
    ]
    known = int((rows["value"] != "").sum())
    said = f"{known} of {len(rows)} {ledger.noun}s have a value; these have none, or one with a note."
    caption = f"{_capital(covariate.name)}: {said}"
    facts = fragment("data_covariate", covariate=covariate, noun=ledger.noun)
    return Html(facts.text + _table(caption, (ledger.noun.capitalize(), "Value", "Note"), cells).text)


def data_returns(ledger: Ledger) -> Html:
    """What the checks on the returns found, by indicator and trust."""
    said = [
        "These are checks on what was submitted, period by period, in all periods of the files: a missing return, a "
        "sudden change of what a figure rests on (a denominator, an expected count, the base of a survey), a value far "
        "from all others, figures repeated, no event where ten or more would be expected (an event is what the "
        "indicator counts), a standard error that does not fit its base, heaping just above a target, and sums that "
        "are not the country's. Nothing was excluded because of them.",
    ]
    if ledger.returns.empty:
        return _section("What the checks on the returns found", "returns", [*said, "They found nothing."])
    heads = (ledger.noun.capitalize(), "Indicator", "Check", "Found", "In the periods compared")
    table = _table("Findings about the returns, in the order of the indicators.", heads, _return_rows(ledger))
    return _section("What the checks on the returns found", "returns", said, table)


def _return_rows(ledger: Ledger) -> list[tuple[object, ...]]:
    titles, keys = _titles(ledger), ["indicator", "trust", "trust_name", "check"]
    return [
        (
            _who(str(trust), str(name)),
            titles[str(indicator)],
            _CHECKS.get(str(check), str(check)),
            _list(_finding(str(trust), str(row.period), str(row.sentence)) for row in group.itertuples()),
            ", ".join(sorted(set(group["in_window"]), reverse=True)),
        )
        for (indicator, trust, name, check), group in ledger.returns.groupby(keys, sort=False)
    ]


def _finding(trust: str, period: str, sentence: str) -> Markup:
    """One finding as a line: the period, then the sentence without the code, which stands in the row's head."""
    said = sentence.removeprefix(trust).removeprefix("'s").strip()
    return _dated(period, said)


def _dated(period: str, said: str) -> Markup:
    return markup('<span class="when">{when}</span> {said}', when=f"{_when(period)}:", said=said)


def _when(period: str) -> str:
    """A period of a ledger in words: `2024-11-01 to 2024-11-30` and `2024-11-01/2024-11-30` are November 2024."""
    label = period.replace(" to ", "/")
    return _capital(period_text(label)) if "/" in label or label == UNDATED else "All periods"


def _titles(ledger: Ledger) -> dict[str, str]:
    return {source.indicator: source.title for source in ledger.sources}


def _who(code: str, name: str) -> Markup:
    if not code:
        return markup('<span class="name">{all}</span>', all="All")
    return markup(
        '<span class="name">{name}</span> <span class="code">{code}</span>', name=name or "Name not known", code=code
    )


def _list(items: Iterable[object]) -> Markup:
    lines = Markup("").join(markup("<li>{item}</li>", item=item) for item in items)
    return markup('<ul class="plain-list">{lines}</ul>', lines=lines)


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    return fragment("data_table", caption=caption, heads=heads, rows=rows)


def _section(heading: str, anchor: str, sentences: Sequence[str], *parts: Html) -> Html:
    body = Html("".join(part.text for part in parts))
    return fragment("data_section", heading=heading, anchor=anchor, sentences=sentences, body=body)
