"""Records of simulations to findings: what calibration showed, in words and numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from ranktrust.evidence.bands import Curve
from ranktrust.evidence.curves import (
    coverage_table,
    grade_table,
    place_curves,
    rank_curves,
    rankings_of,
    reliabilities,
    score_table,
    segment_reliabilities,
    segments_stated,
)
from ranktrust.evidence.record import DATA_SCORE, Record
from ranktrust.gate import LATENT, Finding, Verdict

LEVEL: Final = 0.01
"""Chance that all the curves of one calibration together raise a false alarm."""
ERRORS: Final = 3.0
"""Standard errors over simulations that a number may be away from what is claimed (decision 23)."""
BELOW: Final = 2.0
"""Standard errors that coverage may be below the claim."""
UNRESOLVED: Final = 0.05
"""Share of simulations whose last fit may fail the computation gate."""

_REMEDY: Final = (
    "Do not publish from this statement before the cause is found: a sampler that misses part of the posterior, a "
    "statement whose code and text differ, or claims computed wrongly."
)


@dataclass(frozen=True)
class Judged:
    """What a calibration is judged on: the k of P(top k) and P(bottom k), and which groups of checks hold.

    `informational` names findings that are stated without a verdict; None means all of them.
    """

    sizes: tuple[int, int]
    informational: frozenset[str] | None = frozenset()


def judge(records: Sequence[Record], judged: Judged) -> tuple[Finding, ...]:
    """Every finding of a calibration: computation first, then places of the truth, coverage, probabilities, grades."""
    usable = [record for record in records if "pit" in record]
    computation = _computation(records)
    if len(usable) < 2:
        return (computation,)
    found = (
        *_curve_findings(usable, judged.sizes),
        *_coverage(coverage_table(usable), len(usable)),
        _grades(grade_table(usable), len(usable)),
        _scores(score_table(usable, judged.sizes), len(usable)),
    )
    return (computation, *(_as_informational(finding, judged) for finding in found))


def _as_informational(finding: Finding, judged: Judged) -> Finding:
    if judged.informational is None or finding.name in judged.informational:
        return replace(finding, verdict="informational")
    return finding


def _computation(records: Sequence[Record]) -> Finding:
    """Fits that failed the gate: how many at first, how many in the end. None is left out of what follows."""
    n = len(records)
    again = sum(record["attempts"] > 1 for record in records)
    left = [record for record in records if record["failed"] or "error" in record]
    broken = sum("error" in record for record in records)
    share = len(left) / n if n else 1.0
    verdict: Verdict = "failed" if share > UNRESOLVED or not n else "informational" if left else "passed"
    sentence = (
        f"{n} panels simulated; {again} fits failed the computation gate at first and were made longer, {len(left)} "
        f"failed to the end, {broken} gave no draws."
        + (" Those with draws are judged with the others." if left else "")
    )
    rows = [
        {"simulation": record["simulation"], "attempts": record["attempts"],
         "failed at first": ", ".join(record["first_failed"]), "failed at last": ", ".join(record["failed"]),
         "error": record.get("error", "")}
        for record in records if record["attempts"] > 1 or "error" in record
    ]  # fmt: skip
    remedy = "" if not left else "Look at the truths of these simulations: a prior may reach where no fit can go."
    return Finding("computation", verdict, sentence, remedy, pd.DataFrame(rows))


def _curve_findings(records: Sequence[Record], sizes: tuple[int, int]) -> tuple[Finding, ...]:
    """Findings from curves, which share the level LEVEL among all of them."""
    segments = len(segments_stated(records))
    count = len(records[0]["pit"]) + 4 * len(rankings_of(records)) + segments + bool(segments)
    prob = 1 - LEVEL / count
    places = place_curves(records, prob=prob)
    groups: Mapping[str, dict[str, Curve]] = {
        "parameters": {name: curve for name, curve in places.items() if name not in (*LATENT, DATA_SCORE)},
        "levels of trusts": {name: curve for name, curve in places.items() if name in LATENT},
        "learning from the data": {name: curve for name, curve in places.items() if name == DATA_SCORE},
        "place of the true rank": rank_curves(records, prob=prob),
        "stated probabilities": reliabilities(records, sizes, prob=prob),
        "official segments": segment_reliabilities(records, prob=prob),
    }
    n = len(records)
    return tuple(_of_curves(name, curves, n, 1 - prob) for name, curves in groups.items() if curves)


def _of_curves(name: str, curves: Mapping[str, Curve], n: int, level: float) -> Finding:
    rows = [
        {"curve": key or name, "p": curve.p, "largest distance": float(np.abs(curve.found - curve.expected).max()),
         "half-width of the band": float(np.median(curve.upper - curve.lower) / 2)}
        for key, curve in curves.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows).set_index("curve").sort_values("p")
    outside = [str(key) for key in table.index[table["p"] < level]]
    far = f"largest distance {table['largest distance'].max():.3f}, smallest p {table['p'].min():.4f}"
    seen = f"bands of {n} simulations reach {table['half-width of the band'].max():.3f} to either side"
    if outside:
        sentence = f"{', '.join(outside)}: outside the band; {far}; {seen}."
        return Finding(name, "failed", sentence, _REMEDY, table)
    what = f"All {len(rows)} curves lie" if len(rows) > 1 else "The curve lies"
    return Finding(name, "passed", f"{what} inside the band: {far}; {seen}.", "", table)


def _coverage(table: pd.DataFrame, n: int) -> tuple[Finding, ...]:
    return tuple(_coverage_finding(f"{what}s", rows, n) for what, rows in table.groupby("what", sort=False))


def _coverage_finding(name: str, rows: pd.DataFrame, n: int) -> Finding:
    """Coverage of intervals equals content within three errors; all is at least the claim less two (decision 23).

    Sets for all trusts at once are widened until they reach their level, so they may hold more than they contain.
    """
    conservative = (rows["what"] == "simultaneous set").to_numpy()
    unequal = (rows["away"].abs() > as_rare(ERRORS, n) * rows["error"]).to_numpy() & ~conservative
    short = (rows["covered"] < rows["claimed"] - as_rare(BELOW, n) * rows["covered_error"]).to_numpy()
    table = rows.assign(unequal=unequal, short=short)
    said = "; ".join(
        f"{100 * row['claimed']:.0f}%: {100 * row['covered']:.1f}% covered, {100 * row['content']:.1f}% contained "
        f"(difference {100 * row['away']:+.1f} points, error {100 * row['error']:.1f})"
        for row in _rows(rows)
    )
    bad = bool(unequal.any() or short.any())
    sees = f"With {n} simulations a difference of {100 * as_rare(ERRORS, n) * rows['error'].max():.1f} points is seen."
    return Finding(name, "failed" if bad else "passed", f"{said}. {sees}", _REMEDY if bad else "", table)


def as_rare(errors: float, n: int) -> float:
    """How many errors, estimated from `n` simulations, are exceeded as rarely as `errors` that are known.

    Student's t with n - 1 degrees of freedom in place of the normal law: 3 errors become 3.4 with 20 simulations.
    """
    return float(stats.t.isf(stats.norm.sf(errors), n - 1))


def _grades(table: pd.DataFrame, n: int) -> Finding:
    away = (table["away"].abs() > as_rare(ERRORS, n) * table["error"]).any()
    said = "; ".join(
        f"{row['ranking'] + ': ' if row['ranking'] else ''}{100 * row['separated']:.1f}% of pairs split, "
        f"{100 * row['promised']:.2f}% of all pairs promised the wrong way round, {100 * row['realised']:.2f}% were "
        f"(error {100 * row['error']:.2f})"
        for row in _rows(table)
    )
    sees = f"With {n} simulations a difference of {100 * as_rare(ERRORS, n) * table['error'].max():.2f} points is seen."
    return Finding("grades", "failed" if away else "passed", f"{said}. {sees}", _REMEDY if away else "", table)


def _scores(table: pd.DataFrame, n: int) -> Finding:
    bad = (table["away"].abs() > as_rare(ERRORS, n) * table["error"]).any()
    said = "; ".join(
        f"{row['statement']}{' of ' + row['ranking'] if row['ranking'] else ''} {row['score']} {row['found']:.4f}, "
        f"expected {row['expected']:.4f} (error {row['error']:.4f})"
        for row in _rows(table)
    )
    return Finding("scores", "failed" if bad else "passed", f"{said}.", _REMEDY if bad else "", table)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
