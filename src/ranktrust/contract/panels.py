"""Small simulated panels with known shapes, on which any statement can be built."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from ranktrust.errors import ModelFileError
from ranktrust.panel import NO_SHARE, Indicator, Panel, Share, check_panel
from ranktrust.vocabulary import KIND_COLUMNS, Kind

LAST_YEAR = 2025


def make_panel(  # noqa: PLR0913 - one parameter a feature of the panel
    kind: Kind,
    *,
    trusts: int = 8,
    periods: int = 1,
    covariates: int = 0,
    nested: tuple[str, ...] = (),
    halves: bool = False,
    seed: int = 1,
) -> Panel:
    """A one-indicator panel of simulated figures for trusts T00, T01, ... in three regions of two ICBs each.

    Every trust has one observation in each of the last `periods` years; with `halves` all its counts end in .5.
    """
    rng = np.random.default_rng(seed)
    codes = [f"T{place:02d}" for place in range(trusts)]
    names = pd.DataFrame({"name": codes, "type": "", "subtype": ""}, index=pd.Index(codes, name="trust"))
    for group, letter, count in (("region", "R", 3), ("icb", "I", 6)):
        names[group] = [f"{letter}{place % count}" for place in range(trusts)]
    level = rng.normal(0, 0.2, trusts)
    figures = [
        pd.DataFrame(_figures(kind, level, rng, halves=halves)).assign(
            trust=codes, indicator="made", period=f"{year}-01-01/{year}-12-31"
        )
        for year in range(LAST_YEAR, LAST_YEAR - periods, -1)
    ]
    context = pd.DataFrame({f"x{k}": rng.normal(size=trusts) for k in range(covariates)}, index=names.index)
    return check_panel(
        observations=pd.concat(figures),
        trusts=names,
        indicators={"made": made_indicator(kind)},
        context=context,
        nested=nested,
    )


def _figures(kind: Kind, level: np.ndarray, rng: np.random.Generator, *, halves: bool) -> dict[str, np.ndarray]:
    """One period's figures of trusts at these levels, by column."""
    size = rng.integers(80, 400, len(level)).astype(float)
    match kind:
        case "ratio":
            return {"observed": rng.poisson(size * np.exp(level)).astype(float), "expected": size}
        case "proportion":
            counts = rng.binomial(size.astype(int), 1 / (1 + np.exp(-level)))
            return {"numerator": counts + (0.5 if halves else 0.0), "denominator": size + (0.5 if halves else 0.0)}
        case "estimate":
            error = 1 / np.sqrt(size)
            return {"estimate": 6 + level + rng.normal(0, error), "standard_error": error}


def made_indicator(kind: Kind) -> Indicator:
    """An indicator of a kind, with a share in the headline scenario."""
    return Indicator(
        name="made", title="Made up", kind=kind, best="highest", unit="units", domain="made up", comparability="direct",
        shares={"none": NO_SHARE, "this_period": Share(2.0, 8.0, 1.0, "made up")},
    )  # fmt: skip


def make_profile(
    *, trusts: int = 8, periods: int = 1, covariates: int = 1, halves: bool = True, seed: int = 1
) -> Panel:
    """Three indicators, one a kind, of the same trusts: T01 has no figure of the first, T02 none of the second."""
    kinds = list(KIND_COLUMNS)
    panels = [
        make_panel(kind, trusts=trusts, periods=periods, covariates=covariates, halves=halves, seed=seed + place)
        for place, kind in enumerate(kinds)
    ]
    rows = pd.concat([panel.observations.assign(indicator=kind) for kind, panel in zip(kinds, panels, strict=True)])
    absent = rows["trust"].isin(["T01"]) & (rows["indicator"] == kinds[0])
    absent |= rows["trust"].isin(["T02"]) & (rows["indicator"] == kinds[1])
    indicators = {str(kind): replace(made_indicator(kind), name=kind) for kind in kinds}
    return panels[0].derive(observations=rows[~absent], indicators=indicators)


def panel_for(needs: Collection[str], *, halves: bool = False, periods: int = 1) -> Panel:
    """A panel with one covariate, regions and ICBs, of the kind whose figures `needs` names.

    A statement that reads `kind_idx` mixes kinds: it has an indicator of each.
    Raises ModelFileError where it names the figures of no kind.
    """
    if "kind_idx" in needs:
        return make_profile(halves=halves, periods=periods)
    return make_panel(kind_read(needs), covariates=1, nested=("region", "icb"), halves=halves, periods=periods)


def kind_read(needs: Collection[str]) -> Kind:
    """The kind whose figures `needs` names. Raises ModelFileError where it names those of none."""
    kinds = [kind for kind, columns in KIND_COLUMNS.items() if set(columns) & set(needs)]
    if not kinds:
        figures = "; ".join(", ".join(columns) for columns in KIND_COLUMNS.values())
        raise ModelFileError(f"NEEDS names no figures; a statement reads those of one kind: {figures}")
    return kinds[0]


def calibration_panel(needs: Collection[str], *, periods: int = 1, trusts: int = 40) -> Panel:
    """A panel to calibrate a statement on: trusts of the size of hospitals, one covariate, nothing nested.

    Its counting errors are near 0.015 on the link scale, small beside the spread of trusts that most priors draw.
    """
    if "kind_idx" in needs:
        panel = make_profile(trusts=trusts, periods=periods, halves=False)
    else:
        panel = make_panel(kind_read(needs), trusts=trusts, periods=periods, covariates=1)
    rows = panel.observations
    for name in {"observed", "expected", "numerator", "denominator"} & set(rows):
        rows[name] = 25 * rows[name]
    if "standard_error" in rows:
        rows["standard_error"] = rows["standard_error"] / 5
    return panel.derive(observations=rows)
