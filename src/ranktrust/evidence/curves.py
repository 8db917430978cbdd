"""Records of simulations to curves and tables that should lie where the claims put them."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranktrust.evidence.bands import Curve, mean_curve, pooled_curve, uniform_curve
from ranktrust.evidence.claims import PROBS, SEGMENTS, SET_PROB
from ranktrust.evidence.record import Record

type Floats = NDArray[np.float64]

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
ALL_SEGMENTS = "P(segment), all four"
LEAST_IN_BIN = 10
"""A bin of stated probabilities is judged where so many events, and as many of their opposites, are expected."""


def place_curves(records: Sequence[Record], *, prob: float) -> dict[str, Curve]:
    """The distribution of the place of the truth among its draws, by variable."""
    names = records[0]["pit"] if records else ()
    return {name: _curve(np.array([record["pit"][name] for record in records]), prob) for name in names}


def rank_curves(records: Sequence[Record], *, prob: float) -> dict[str, Curve]:
    """The distribution of the place of the true rank in its law, by ranking."""
    return {name: _curve(values(records, name, "rank_pit"), prob) for name in rankings_of(records)}


def _curve(places: Floats, prob: float) -> Curve:
    return uniform_curve(places[:, 0], prob=prob) if places.shape[1] == 1 else pooled_curve(places, prob=prob)


def rankings_of(records: Sequence[Record]) -> tuple[str, ...]:
    """The names of the rankings that were claimed; an only one is called ""."""
    return tuple(records[0]["ranks"]) if records else ()


def values(records: Sequence[Record], ranking: str, name: str) -> Floats:
    """One quantity of a ranking, (simulation, trust) or (simulation, pair)."""
    return np.array([record["ranks"][ranking][name] for record in records], dtype=np.float64)


def stated(records: Sequence[Record], ranking: str, sizes: tuple[int, int]) -> dict[str, tuple[Floats, Floats]]:
    """Probabilities as stated and whether each came true: P(top k), P(bottom k) with the two k, and P(above)."""
    rank = values(records, ranking, "true_rank")
    top, bottom = sizes
    return {
        "P(top)": (values(records, ranking, "p_top"), (rank <= top).astype(float)),
        "P(bottom)": (values(records, ranking, "p_bottom"), (rank > rank.shape[1] - bottom).astype(float)),
        "P(above)": (values(records, ranking, "p_above"), values(records, ranking, "is_above")),
    }


def reliability(said: Floats, true: Floats, *, prob: float) -> Curve | None:
    """How often statements came true, by how probable they were said to be; None where there are too few of them.

    Both are (simulation, statement). The band is by bootstrap over simulations, never narrower than that of as many
    independent statements.
    """
    edges = _edges(said)
    if not edges:
        return None
    member = np.searchsorted(edges[1:-1], said, side="right")[:, :, None] == np.arange(len(edges) - 1)
    count = member.sum(axis=(0, 1))
    mean = (said[:, :, None] * member).sum(axis=(0, 1)) / count
    away = ((true - said)[:, :, None] * member).sum(axis=1) * len(said) / count
    floor = np.sqrt(mean * (1 - mean) / count)
    curve = mean_curve(away, np.zeros(len(count)), mean, floor=floor, prob=prob)
    return Curve(mean, curve.found + mean, mean, curve.lower + mean, curve.upper + mean, curve.p)


def reliabilities(records: Sequence[Record], sizes: tuple[int, int], *, prob: float) -> dict[str, Curve]:
    """The reliability of every kind of stated probability, by its name and that of the ranking."""
    found = {}
    for ranking in rankings_of(records):
        for name, (said, true) in stated(records, ranking, sizes).items():
            curve = reliability(said, true, prob=prob)
            if curve is not None:
                found[f"{name} of {ranking}" if ranking else name] = curve
    return found


def segments_stated(records: Sequence[Record]) -> dict[str, tuple[Floats, Floats]]:
    """P(segment) of official scoring as stated and whether it came true; empty where a study has no such scoring."""
    if not records or "segments" not in records[0]:
        return {}
    said = np.array([record["segments"]["p"] for record in records], dtype=np.float64)
    true = np.array([record["segments"]["true"] for record in records])
    return {
        f"P(segment {segment})": (said[:, place], (true == segment).astype(np.float64))
        for place, segment in enumerate(SEGMENTS)
    }


def segment_reliabilities(records: Sequence[Record], *, prob: float) -> dict[str, Curve]:
    """The reliability of P(segment), by segment and of all four together, where there are enough such statements.

    One indicator leaves most segments certain. Of one segment there are then too few statements in between for bins of
    their own, and its curve compares sums; together they have bins.
    """
    stated_by = segments_stated(records)
    if stated_by:
        said, true = (np.concatenate(parts, axis=1) for parts in zip(*stated_by.values(), strict=True))
        stated_by[ALL_SEGMENTS] = said, true
    curves = {name: reliability(*pair, prob=prob) for name, pair in stated_by.items()}
    return {name: curve for name, curve in curves.items() if curve is not None}


def _edges(said: Floats) -> list[float]:
    """EDGES, neighbours joined from the left until each bin is due LEAST_IN_BIN events and as many opposites."""
    edges = [0.0]
    for edge in EDGES[1:]:
        inside = said[(said >= edges[-1]) & ((said < edge) | (edge == 1.0))]
        if min(inside.sum(), (1 - inside).sum()) >= LEAST_IN_BIN:
            edges.append(edge)
    if len(edges) == 1:
        return []
    return [*edges[:-1], 1.0]


def coverage_table(records: Sequence[Record]) -> pd.DataFrame:
    """Rank intervals and sets: how often they hold the truth, what they contain of the draws, and the error.

    A row a ranking and probability; `covered`, `content` and `width` are those of the intervals as published,
    `away` the coverage less the content on draws that did not cut them, `error` its standard error over simulations.
    """
    rows = []
    for ranking in rankings_of(records):
        for prob in PROBS:
            found = pd.DataFrame([record["ranks"][ranking]["intervals"][str(prob)] for record in records])
            trusts = len(records[0]["ranks"][ranking]["true_rank"])
            away = found["half_covered"] - found["half_content"]
            rows.append(_row(ranking, "rank interval", prob, found, away=away, independent=trusts))
        found = pd.DataFrame([record["ranks"][ranking]["set"] for record in records])
        away = found["covered"] - found["content"]
        rows.append(_row(ranking, "simultaneous set", SET_PROB, found, away=away, independent=1))
    return pd.DataFrame(rows)


def _row(  # noqa: PLR0913 - the columns of a row, in order
    ranking: str, what: str, prob: float, found: pd.DataFrame, *, away: pd.Series, independent: int
) -> dict[str, object]:
    mean = found.mean()
    return {
        "ranking": ranking,
        "what": what,
        "claimed": prob,
        "covered": mean["covered"],
        "covered_error": _error(found["covered"], mean["content"], independent),
        "content": mean["content"],
        "away": away.mean(),
        "error": _error(away, mean["content"], independent),
        "width": mean["width"],
    }


def _error(series: pd.Series, share: float, independent: int) -> float:
    """Standard error over simulations, at least that of independent trusts: few simulations may all be alike."""
    n = len(series)
    own = float(series.std(ddof=1) / np.sqrt(n)) if n > 1 else np.inf
    return max(own, float(np.sqrt(share * (1 - share) / (n * independent))))


def grade_table(records: Sequence[Record]) -> pd.DataFrame:
    """Grades: pairs split, and how many of all pairs were promised and turned out to be the wrong way round."""
    rows = []
    for ranking in rankings_of(records):
        found = pd.DataFrame([record["ranks"][ranking]["grades"] for record in records])
        away = found["realised"] - found["promised"]
        mean = found.mean()
        error = float(away.std(ddof=1) / np.sqrt(len(away))) if len(away) > 1 else np.inf
        rows.append({"ranking": ranking, **mean.to_dict(), "away": away.mean(), "error": error})
    return pd.DataFrame(rows)


def score_table(records: Sequence[Record], sizes: tuple[int, int]) -> pd.DataFrame:
    """Brier and log scores of the stated probabilities beside what they would be if each were exactly right.

    `away` is the score less the expected one, `error` its standard error over simulations. Probabilities of 0 and 1
    are scored as half a draw from them.
    """
    draws = np.array([record["draws"] for record in records])[:, None]
    said = [(ranking, pairs) for ranking in rankings_of(records) for pairs in stated(records, ranking, sizes).items()]
    said += [("", pairs) for pairs in segments_stated(records).items()]
    rows = []
    for ranking, (name, (probability, true)) in said:
        near = np.clip(probability, 0.5 / draws, 1 - 0.5 / draws)
        for score, rule in _RULES.items():
            rows.append({"ranking": ranking, "statement": name, "score": score, **_scored(near, true, rule)})
    return pd.DataFrame(rows)


def _scored(near: Floats, true: Floats, rule: Callable[[Floats, Floats], Floats]) -> dict[str, float]:
    got = rule(near, true).mean(axis=1)
    due = (near * rule(near, np.ones_like(near)) + (1 - near) * rule(near, np.zeros_like(near))).mean(axis=1)
    away = got - due
    error = float(away.std(ddof=1) / np.sqrt(len(away))) if len(away) > 1 else np.inf
    return {"found": got.mean(), "expected": due.mean(), "away": away.mean(), "error": error}


def _brier(said: Floats, true: Floats) -> Floats:
    return (said - true) ** 2


def _log(said: Floats, true: Floats) -> Floats:
    return np.where(true > 0.5, -np.log(said), -np.log1p(-said))


_RULES: dict[str, Callable[[Floats, Floats], Floats]] = {"Brier": _brier, "log": _log}
