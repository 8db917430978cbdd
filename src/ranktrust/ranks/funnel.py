"""Funnel limits with over-dispersion: the officials' way of saying who differs, a baseline without a posterior.

Figures are transformed so that their sampling error is known, the spread beyond it is estimated from the middle of
the trusts, and limits for a trust that does not differ are drawn about the target (Spiegelhalter 2005, Stat Med
24:1185-1202; Spiegelhalter 2005, Qual Saf Health Care 14:347-351). There is no ranking and no direction here: bands
are of the natural scale.

| form | figure | transformed, Y | its sampling error, s | target |
|---|---|---|---|---|
| "log" (SHMI) | O / E | ln(O / E) | 1 / sqrt(E) | ratio 1 |
| "square_root" (CQC) | O / E | sqrt(O / E) | 1 / (2 sqrt(E)) | ratio 1 |
| "arcsine" | r / n | asin sqrt(r / n) | 1 / (2 sqrt(n)) | sum r / sum n |
| "ratio" | (A + 1/2) / (B + 1/2) | its logarithm | sqrt(A / (A + 1/2)^2 + B / (B + 1/2)^2) | sum A / sum B |
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from ranktrust.errors import UsageError
from ranktrust.ranks.draws import listed

type Form = Literal["log", "square_root", "arcsine", "ratio"]
type Outliers = Literal["drop", "winsorise"]
type Floats = NDArray[np.float64]

TRIM = 0.1
OVERDISPERSED = 0.95
POISSON = 0.998


@dataclass(frozen=True)
class Transform:
    """One row of the table above; `transformed` and `error` take numerator and denominator."""

    transformed: Callable[[Floats, Floats], Floats]
    error: Callable[[Floats, Floats], Floats]
    forward: Callable[[float], float]
    back: Callable[[Floats], Floats]


def _half(count: Floats) -> Floats:
    return count / (count + 0.5) ** 2


TRANSFORMS: dict[str, Transform] = {
    "log": Transform(lambda o, e: np.log(o / e), lambda _, e: 1 / np.sqrt(e), np.log, np.exp),
    "square_root": Transform(
        lambda o, e: np.sqrt(o / e), lambda _, e: 1 / (2 * np.sqrt(e)), np.sqrt, lambda y: np.maximum(y, 0) ** 2
    ),
    "arcsine": Transform(
        lambda r, n: np.arcsin(np.sqrt(r / n)),
        lambda _, n: 1 / (2 * np.sqrt(n)),
        lambda share: float(np.arcsin(np.sqrt(share))),
        lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2,
    ),
    "ratio": Transform(
        lambda a, b: np.log((a + 0.5) / (b + 0.5)), lambda a, b: np.sqrt(_half(a) + _half(b)), np.log, np.exp
    ),
}


@dataclass(frozen=True)
class Funnel:
    """Figures in their funnel.

    `table` has a row a trust: `value`, on the natural scale; `z`, its distance from the target in sampling errors;
    `kept`, whether it was among those from which the spread was estimated; `lower`, `upper`, the over-dispersed limits
    at `prob`; `band`, "higher", "as expected" or "lower" by these. `phi` is the mean of z squared over those kept (or
    winsorised), 1 if there were sampling error alone; `tau_squared` the variance beyond it, on the transformed scale;
    `target` on the natural scale.
    """

    table: pd.DataFrame
    form: Form
    target: float
    phi: float
    tau_squared: float
    prob: float


def funnel_bands(  # noqa: PLR0913 - every argument but the figures and their form has its default
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    form: Form,
    target: float | None = None,
    trim: float = TRIM,
    outliers: Outliers = "drop",
    prob: float = OVERDISPERSED,
) -> Funnel:
    """Over-dispersed funnel of figures with the same names; the defaults with form "log" are the SHMI's own method.

    `outliers` "drop" leaves floor(trim n) trusts out at each end of z, by count; "winsorise" draws z in to its `trim`
    and 1 - `trim` quantiles. phi = mean z^2 over the N left, and with w = 1 / s^2 of them
    tau^2 = max(0, (N phi - (N - 1)) / (sum w - sum w^2 / sum w)). Limits: target +- z sqrt(s^2 + tau^2), transformed
    back.

    Raises UsageError when names or words do not fit or a figure has no such transform.
    """
    _check_words(form, trim, outliers, prob)
    _check_figures(numerator, denominator, form)
    of, to = numerator.to_numpy(dtype=np.float64), denominator.to_numpy(dtype=np.float64)
    goal = _target(form, of, to) if target is None else target
    _check_target(goal, form)
    transform = TRANSFORMS[form]
    error = transform.error(of, to)
    z = (transform.transformed(of, to) - transform.forward(goal)) / error
    kept = _kept(z, trim) if outliers == "drop" else np.ones(len(z), dtype=np.bool_)
    phi, tau_squared = dispersion(z[kept] if outliers == "drop" else _winsorised(z, trim), error[kept])
    lower, upper = overdispersed_limits(error, form=form, target=goal, tau_squared=tau_squared, prob=prob)
    value = (of + 0.5) / (to + 0.5) if form == "ratio" else of / to
    columns = {"value": value, "z": z, "kept": kept, "lower": lower, "upper": upper}
    table = pd.DataFrame(columns, index=numerator.index).assign(band=band_of(value, lower, upper))
    return Funnel(table, form, goal, phi, tau_squared, prob)


def dispersion(z: Floats, error: Floats) -> tuple[float, float]:
    """Return phi and tau squared of trusts with standardised distances `z` and sampling errors `error`."""
    n, weight = len(z), error**-2
    phi = float(np.mean(z**2))
    spare = float(weight.sum() - (weight**2).sum() / weight.sum())
    return phi, max(0.0, (n * phi - (n - 1)) / spare)


def overdispersed_limits(
    error: Floats, *, form: Form, target: float, tau_squared: float, prob: float = OVERDISPERSED
) -> tuple[Floats, Floats]:
    """Limits on the natural scale for sampling errors `error` of the transformed figure; tau 0 gives the plain ones."""
    transform = TRANSFORMS[form]
    half = norm.ppf((1 + prob) / 2) * np.sqrt(error**2 + tau_squared)
    centre = transform.forward(target)
    return transform.back(centre - half), transform.back(centre + half)


def poisson_limits(expected: Floats, *, prob: float = POISSON) -> tuple[Floats, Floats]:
    """Exact limits of O / E under Poisson variation alone: chi2(a, 2E) / 2E and chi2(1 - a, 2(E + 1)) / 2E."""
    tail = (1 - prob) / 2
    return chi2.ppf(tail, 2 * expected) / (2 * expected), chi2.ppf(1 - tail, 2 * (expected + 1)) / (2 * expected)


def band_of(value: Floats, lower: Floats, upper: Floats) -> NDArray[np.str_]:
    """Say "higher" above the upper limit (SHMI band 1), "lower" below the lower (3), else "as expected" (2)."""
    return np.where(value > upper, "higher", np.where(value < lower, "lower", "as expected"))


def _target(form: Form, numerator: Floats, denominator: Floats) -> float:
    return float(numerator.sum() / denominator.sum()) if form in {"arcsine", "ratio"} else 1.0


def _kept(z: Floats, trim: float) -> NDArray[np.bool_]:
    """All but floor(trim n) at each end."""
    away = int(np.floor(trim * len(z) + 1e-9))
    kept = np.ones(len(z), dtype=np.bool_)
    order = np.argsort(z, kind="stable")
    kept[order[:away]] = False
    kept[order[len(z) - away :]] = False
    return kept


def _winsorised(z: Floats, trim: float) -> Floats:
    return np.clip(z, np.quantile(z, trim), np.quantile(z, 1 - trim))


def _check_words(form: str, trim: float, outliers: str, prob: float) -> None:
    if form not in TRANSFORMS:
        raise UsageError(f"form must be one of {listed(TRANSFORMS)}, not {form!r}")
    if outliers not in get_args(Outliers.__value__):
        raise UsageError(f'outliers must be "drop" or "winsorise", not {outliers!r}')
    if not 0 <= trim < 0.5:
        raise UsageError(f"trim must lie between 0 and a half, and is {trim}")
    if not 0 < prob < 1:
        raise UsageError(f"prob must lie between 0 and 1, and is {prob}")


def _check_figures(numerator: pd.Series, denominator: pd.Series, form: Form) -> None:
    if any(not isinstance(each, pd.Series) for each in (numerator, denominator)):
        raise UsageError("numerator and denominator must be pandas.Series with the trusts as their index")
    if not numerator.index.equals(denominator.index) or not numerator.index.is_unique:
        raise UsageError("numerator and denominator must have the same unique names in the same order")
    if len(numerator) < 3:
        raise UsageError(f"a spread needs at least three trusts, and there are {len(numerator)}")
    of, to = numerator.to_numpy(dtype=np.float64), denominator.to_numpy(dtype=np.float64)
    wrong = ~(np.isfinite(of) & np.isfinite(to) & (of >= 0) & _valid(of, to, form))
    if wrong.any():
        raise UsageError(f'figures of {listed(numerator.index[wrong])} have no transform of form "{form}"')


def _valid(numerator: Floats, denominator: Floats, form: Form) -> NDArray[np.bool_]:
    """Whether transform and error are finite."""
    if form == "log":
        return (denominator > 0) & (numerator > 0)
    if form == "arcsine":
        return (denominator > 0) & (numerator <= denominator)
    return (denominator > 0) if form == "square_root" else (denominator >= 0) & (numerator + denominator > 0)


def _check_target(target: float, form: Form) -> None:
    if not (np.isfinite(target) and target > 0 and (form != "arcsine" or target <= 1)):
        raise UsageError(f'the target {target} is not on the scale of form "{form}"')
