"""The rows of the table on a page of change over time: text and pictures made by rule from a trajectory's numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from ranktrust.league import Trajectory, change_interval_text, change_text, moved
from ranktrust.panel import period_text
from ranktrust.publish.html import markup
from ranktrust.publish.strip import rank_text
from ranktrust.vocabulary import Kind
from ranktrust.words import interval_text, natural_text, probability_text

MOVED_LABELS: Final = {"better": "very probably better", "worse": "very probably worse", "open": "cannot be told"}
MOVED_CLASSES: Final = {"better": "better", "worse": "worse", "open": "neither"}


@dataclass(frozen=True)
class Change:
    """One sense of a trust's change: its size with interval, P(improved) with its error, and its class in words."""

    value: str
    interval: str
    probability: tuple[str, str]
    words: str
    word_class: str


@dataclass(frozen=True)
class PathWords:
    """The numbers of a trust's path: the ends of the picture's scale, and four values with their periods."""

    scale: tuple[str, str]
    first: str
    last: str
    lowest: str
    highest: str


@dataclass(frozen=True)
class ChangeRow:
    """One trust; `ranks` are rank intervals of the latest period, the mean and the change, "" where there is none."""

    code: str
    name: str
    region: str
    picture: Markup
    path: PathWords | None
    latest: str
    latest_interval: str
    mean: str
    mean_interval: str
    ranks: tuple[str, ...]
    absolute: Change | None
    relative: Change | None


def change_rows(trajectory: Trajectory) -> Iterator[ChangeRow]:
    """The rows of the table; a trust has no cell for what it has no figures for."""
    paths = {str(trust): path for trust, path in trajectory.frame("paths").groupby("trust", sort=False)}
    picture = _pictures(trajectory)
    order = list(trajectory.latest.rows.index)
    rest = sorted(set(paths) - set(order))
    for trust in (*order, *rest):
        yield _row(trajectory, trust, paths[trust], picture(paths[trust]))


def _row(trajectory: Trajectory, trust: str, path: pd.DataFrame, picture: Markup) -> ChangeRow:
    kind, name = trajectory.latest.facts.kind, path.iloc[0].to_dict()
    tables = (trajectory.latest.rows, trajectory.window.rows, trajectory.change)
    found = [table.loc[trust].to_dict() if trust in table.index else None for table in tables]
    latest, mean = (_level(row, kind) for row in found[:2])
    return ChangeRow(
        code=trust,
        name=name["trust_name"],
        region=name["region"],
        picture=picture,
        path=_path_words(trajectory, path),
        latest=latest[0],
        latest_interval=latest[1],
        mean=mean[0],
        mean_interval=mean[1],
        ranks=tuple(_rank(row, len(table)) for row, table in zip(found, tables, strict=True)),
        absolute=_change(found[2], "absolute", kind),
        relative=_change(found[2], "relative", kind),
    )


def _path_words(trajectory: Trajectory, path: pd.DataFrame) -> PathWords | None:
    kind, values = trajectory.latest.facts.kind, path.set_index("period")["outcome"].dropna()
    if values.empty:
        return None
    places = (str(values.index[0]), str(values.index[-1]), str(values.idxmin()), str(values.idxmax()))
    first, last, lowest, highest = (f"{natural_text(kind, values[at])} in {period_text(at)}" for at in places)
    bottom, top = (natural_text(kind, end) for end in _ends(trajectory))
    return PathWords((bottom, top), first, last, lowest, highest)


def _ends(trajectory: Trajectory) -> tuple[float, float]:
    """The scale of every picture: the lowest and the highest end of any interval."""
    frame = trajectory.frame("paths")
    return float(frame["outcome_lower"].min()), float(frame["outcome_upper"].max())


def _level(row: dict[Any, Any] | None, kind: Kind) -> tuple[str, str]:
    if row is None:
        return "", ""
    return natural_text(kind, row["estimate"]), interval_text(kind, row["estimate_lower"], row["estimate_upper"])


def _rank(row: dict[Any, Any] | None, n: int) -> str:
    return "" if row is None or pd.isna(row["rank_lower"]) else rank_text(row["rank_lower"], row["rank_upper"], n)


def _change(row: dict[Any, Any] | None, sense: str, kind: Kind) -> Change | None:
    if row is None:
        return None
    chance, mcse, ess = (row[f"p_{sense}{tail}"] for tail in ("", "_mcse", "_ess"))
    way = str(moved(pd.Series([chance])).iloc[0])
    return Change(
        value=change_text(kind, row[sense]),
        interval=change_interval_text(kind, row[f"{sense}_lower"], row[f"{sense}_upper"]),
        probability=(probability_text(chance, mcse, ess), f"Monte Carlo error {100 * mcse:.2g} points"),
        words=MOVED_LABELS[way],
        word_class=MOVED_CLASSES[way],
    )


def _pictures(trajectory: Trajectory) -> Any:
    """A function from a trust's path to its picture; every row's picture has one scale, and a gap stays a gap."""
    facts, ends = trajectory.facts, _ends(trajectory)
    national = trajectory.frame("national").set_index("period")["national"].loc[list(facts.periods)].to_numpy()
    kind, noun = trajectory.latest.facts.kind, trajectory.latest.facts.noun
    path_of_set = "L".join(_points(national, ends))

    def picture(path: pd.DataFrame) -> Markup:
        rows = path.set_index("period").loc[list(facts.periods)]
        upper, lower, own = (_points(rows[name].to_numpy(), ends) for name in
                             ("outcome_upper", "outcome_lower", "outcome"))  # fmt: skip
        runs = _runs(rows["outcome"].notna().to_numpy())
        said = [natural_text(kind, value) for value in rows["outcome"].dropna().iloc[[0, -1]]]
        return markup(
            '<svg class="strip path" role="img" aria-label="{label}" viewBox="0 0 200 100" preserveAspectRatio="none">'
            '<path class="path-band" d="{band}"/><path class="path-set" d="M{path}"/>'
            '<path class="path-own" d="{own}"/></svg>',
            label=f"path of the {noun} from {said[0]} to {said[1]}, with that of the set",
            band="".join(f"M{'L'.join([*upper[a:b], *reversed(lower[a:b])])}z" for a, b in runs),
            path=path_of_set, own="".join(f"M{'L'.join(own[a:b])}" for a, b in runs),
        )  # fmt: skip

    return picture


def _points(values: Any, ends: tuple[float, float]) -> list[str]:
    """Places of the values from left to right in a picture of 200 by 100, `ends` being the scale."""
    heights = 100.0 * (ends[1] - values) / (ends[1] - ends[0])
    return [f"{x:.4g} {y:.4g}" for x, y in zip(np.linspace(0, 200, len(heights)), heights, strict=True)]


def _runs(there: Any) -> list[tuple[int, int]]:
    """Start and end of each stretch of periods with a figure."""
    edges = np.flatnonzero(np.diff(np.r_[0, there.astype(int), 0]))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
