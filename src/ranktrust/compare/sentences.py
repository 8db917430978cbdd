"""What changed between two runs, in sentences made from the counts by fixed rules."""

from collections.abc import Iterator

from ranktrust.compare.causes import CAUSE_WORDS, attribution
from ranktrust.compare.moved import Moved
from ranktrust.compare.real import Real
from ranktrust.compare.runs import OneIndicator, RunsCompared
from ranktrust.words import count_text, expected_text, probability_text

_LISTED = 10


def difference_lines(found: RunsCompared) -> list[str]:
    """The whole comparison, one paragraph a line, headings without indent."""
    one, two = found.runs
    lines = [
        f"First run:  {one['run_id']} of {one['study']}, made {one['created']}",
        f"Second run: {two['run_id']} of {two['study']}, made {two['created']}",
    ]
    if one["study"] != two["study"]:
        lines.append("The two runs answer different studies: read every difference with that in mind.")
    lines += [line for item in found.indicators for line in ("", *indicator_lines(item))]
    lines += ["", *_score_lines(found)] if found.score else []
    for titles, which in zip(found.only, ("first", "second"), strict=True):
        lines += ["", f"Only in the {which} run: {'; '.join(titles)}."] if titles else []
    return lines


def indicator_lines(item: OneIndicator) -> list[str]:
    """One indicator: its title, why its tables may differ, how far they do, and how much of it is real."""
    lines = [item.title]
    lines += [f"  {CAUSE_WORDS[cause.name]}: {said}" for cause in item.causes for said in cause.said]
    lines.append(f"  {attribution(item.causes, changed=item.moved.any)}")
    lines += [f"  {said}" for said in (moved_sentences(item) if item.moved.any else ())]
    lines += [f"  {said}" for said in real_sentences(item.real, item.noun)]
    return lines


def moved_sentences(item: OneIndicator) -> Iterator[str]:
    """How far the two tables differ, as counts."""
    found, noun = item.moved, item.noun
    of = f"of {count_text(found.n, noun)}"
    yield f"Levels: the intervals of {found.estimates_apart} {of} do not overlap."
    if found.intervals is None:
        if found.crossed is not None:
            yield f"Against the standard: {found.crossed} {of} stand otherwise than before."
        yield "Ranks, bands and pairs are not compared: a table that states no order has none."
        return
    yield (
        f"Ranks: the interval of {found.intervals} {of} has another bound; of these, {len(found.apart)} have no place "
        f"in common. Expected ranks differ by {found.typical:g} places in the middle and {found.largest:g} at most; "
        f"{found.beyond_error} of them by more than {found.limit:g} Monte Carlo errors, which the computation alone "
        "would do for any of them in 5% of such comparisons."
    )
    yield from _named(found)
    yield from _pairs(found)


def _named(found: Moved) -> Iterator[str]:
    if not found.apart:
        return
    said = [f"{one.name}, {_span(one.before)} and then {_span(one.after)}" for one in found.apart[:_LISTED]]
    more = f"; and {len(found.apart) - _LISTED} more" if len(found.apart) > _LISTED else ""
    yield f"Without a place in common: {'; '.join(said)}{more}. Two fits apart do not say that a change is real."


def _span(ends: tuple[int, int]) -> str:
    return f"{ends[0]} to {ends[1]}"


def _pairs(found: Moved) -> Iterator[str]:
    assert found.bands is not None
    assert found.separated is not None
    assert found.told is not None
    kinds = (
        (f"Bands: {found.bands[0]}, then {found.bands[1]}.", "separated by bands", found.separated),
        ("Pairs:", "told apart with a probability of 95%", found.told),
    )
    for head, words, (one, two, same, opposite) in kinds:
        yield (
            f"{head} Of {found.pairs:,} pairs {one:,} are {words} in the first run and {two:,} in the second, {same:,} "
            f"the same way in both and {opposite:,} the other way round."
        )


def real_sentences(found: Real, noun: str) -> Iterator[str]:
    """How much of the change is real, or why that cannot be said."""
    if found.why_not:
        yield f"Real change: not available, because {found.why_not}."
        return
    wrong = expected_text(found.wrong)
    yield (
        f"Real change from {found.before} to {found.after}, national change included, by one joint fit: of "
        f"{count_text(found.n, noun)} with figures in both, {found.better} are better and {found.worse} are worse with "
        f"a probability of at least 97.5%; {wrong} expected to be wrong. The other "
        f"{found.n - found.better - found.worse} cannot be told."
    )
    for one in found.changed[:_LISTED]:
        p = one.p_improved if one.way == "better" else 1 - one.p_improved
        yield f"{one.name}: {one.way} with a probability of {probability_text(p, one.mcse, one.ess)}."
    if len(found.changed) > _LISTED:
        yield f"And {len(found.changed) - _LISTED} more, listed with --json."


def _score_lines(found: RunsCompared) -> list[str]:
    assert found.score is not None
    score = found.score
    weights = "the same weights" if score.same_weights else "other weights, so that no difference is the trusts' own"
    return [
        f"Composite: {score.name}",
        f"  The rank interval of {score.intervals} of {count_text(score.n, found.noun)} has another bound, and "
        f"{score.apart} have no place in common, with {weights}.",
        "  Real change: not available, because the runs were fitted apart.",
    ]
