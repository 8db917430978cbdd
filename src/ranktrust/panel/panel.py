"""`Panel`: a frozen value with named dimensions (trust, indicator, period), checked when it is made."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranktrust.errors import DataError, Fault
from ranktrust.panel.indicator import Indicator
from ranktrust.panel.periods import period_times
from ranktrust.panel.schema import faults_in, faults_of_groups
from ranktrust.vocabulary import (
    COVARIATE,
    ICB,
    INDICATOR,
    KIND_COLUMNS,
    NESTED_IDX,
    OBSERVATION,
    PERIOD,
    REGION,
    TRUST,
    Kind,
)

_MISSING = ("trust", "indicator", "period", "reason", "note")
_LEFT_OUT = ("trust", "indicator", "rows", "reason")
_GROUP_OF = {field: group for group, field in NESTED_IDX.items()}
_INDEX_DIMS = {"trust_idx": TRUST, "indicator_idx": INDICATOR, "period_idx": PERIOD}


@dataclass(frozen=True, eq=False)
class Panel:
    """The observations of a study, in long form: a gap is an absent row, never a NaN.

    Make one with `check_panel`; every table it hands out is a copy, so nothing can be changed behind it.
    Trusts stand in the order of `trusts`; periods in the order of time; `nested` names the groups
    that a statement may nest above trusts (none, "region", "icb", or both).
    """

    indicators: Mapping[str, Indicator]
    nested: tuple[str, ...]
    _frames: Mapping[str, pd.DataFrame]

    @property
    def observations(self) -> pd.DataFrame:
        """Columns trust, indicator, period and the figures of each kind; one row an observation."""
        return self._frames["observations"].copy(deep=False)

    @property
    def trusts(self) -> pd.DataFrame:
        """Indexed by trust: name, region, icb, type, subtype, note (what is odd about its covariates)."""
        return self._frames["trusts"].copy(deep=False)

    @property
    def context(self) -> pd.DataFrame:
        """Indexed by trust: one standardised covariate a column; no column when nothing is adjusted for."""
        return self._frames["context"].copy(deep=False)

    @property
    def missing(self) -> pd.DataFrame:
        """Columns trust, indicator, period, reason, note: the observations that are not there, and why."""
        return self._frames["missing"].copy(deep=False)

    @property
    def left_out(self) -> pd.DataFrame:
        """Figures read but outside the comparison set, with the columns trust, indicator, rows and reason."""
        return self._frames["left_out"].copy(deep=False)

    @property
    def periods(self) -> tuple[str, ...]:
        """Labels of the periods observed, in time order."""
        return tuple(sorted(self._frames["observations"]["period"].unique()))

    @property
    def coords(self) -> dict[str, list[Any]]:
        """Coordinates of every dimension a model file may name; `region` and `icb` are empty unless nested.

        `observation_<kind>` holds the positions of that kind's observations, for statements of mixed kinds, and
        `other_indicator` the indicators again, for matrices of them.
        """
        trusts = self._frames["trusts"]
        groups = {name: sorted(trusts[name].unique()) if name in self.nested else [] for name in (REGION, ICB)}
        return {
            TRUST: list(trusts.index),
            INDICATOR: list(self.indicators),
            PERIOD: list(self.periods),
            OBSERVATION: list(range(len(self._frames["observations"]))),
            **{f"{OBSERVATION}_{kind}": self.rows(kind).tolist() for kind in KIND_COLUMNS},
            f"other_{INDICATOR}": list(self.indicators),
            COVARIATE: list(self._frames["context"].columns),
            **groups,
        }

    def dims(self, name: str) -> tuple[str, ...]:
        """The dimensions of the field `name`, as a model file passes them to `pm.Data`."""
        if name == "context":
            return (TRUST, COVARIATE)
        if name in {"period_time", "kind_idx"}:
            return (PERIOD,) if name == "period_time" else (INDICATOR,)
        return (TRUST,) if name in _GROUP_OF else (OBSERVATION,)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The field `name` as a read-only array with the dimensions `dims(name)`.

        Fields are the figures of the kinds, `trust_idx`, `indicator_idx`, `period_idx` (by observation),
        `region_idx` and `icb_idx` (by trust; zeros unless nested), `context` (trust by covariate), `period_time`
        (by period: its start since the first one's, in units of the shortest step between two periods) and `kind_idx`
        (by indicator: its place among ratio, proportion, estimate). A figure of another kind's row is NaN.
        Raises KeyError for another name.
        """
        values = self._field(name)
        values.flags.writeable = False
        return values

    def _field(self, name: str) -> NDArray[Any]:
        if name == "context":
            return self._frames["context"].to_numpy(dtype=np.float64, copy=True)
        if name == "period_time":
            return period_times(self.periods)
        if name == "kind_idx":
            kinds = list(KIND_COLUMNS)
            return np.array([kinds.index(item.kind) for item in self.indicators.values()], dtype=np.int32)
        if name in _GROUP_OF:
            group = _GROUP_OF[name]
            return self._positions(self._frames["trusts"][group], self.coords[group])
        observations = self._frames["observations"]
        if name in _INDEX_DIMS:
            dim = _INDEX_DIMS[name]
            return self._positions(observations[dim], self.coords[dim])
        if name not in observations or observations[name].isna().all():
            raise KeyError(f"this panel has no field {name!r}")
        return observations[name].to_numpy(dtype=np.float64, copy=True)

    @staticmethod
    def _positions(labels: pd.Series, places: Sequence[Any]) -> NDArray[np.int32]:
        if not places:
            return np.zeros(len(labels), dtype=np.int32)
        return np.array(pd.Index(places).get_indexer(pd.Index(labels)), dtype=np.int32)

    def rows(self, kind: Kind) -> NDArray[np.int64]:
        """Positions of the observations whose indicator is of `kind`, in order; none where no indicator is."""
        kinds = {name: indicator.kind for name, indicator in self.indicators.items()}
        of_kind = self._frames["observations"]["indicator"].map(kinds) == kind
        return np.flatnonzero(of_kind.to_numpy())

    def one(self, indicator: str) -> "Panel":
        """The panel of one indicator, with the trusts that have at least one observation of it."""
        if indicator not in self.indicators:
            raise KeyError(f"no indicator {indicator!r} in this panel; there are: {', '.join(self.indicators)}")
        rows = self._frames["observations"].query("indicator == @indicator")
        seen = set(rows["trust"])
        keep = [trust for trust in self._frames["trusts"].index if trust in seen]
        return self.derive(
            indicators={indicator: self.indicators[indicator]},
            observations=rows.dropna(axis=1, how="all"),
            trusts=self._frames["trusts"].loc[keep],
            context=self._frames["context"].loc[keep],
            missing=self._frames["missing"].query("indicator == @indicator"),
            left_out=self._frames["left_out"].query("indicator == @indicator"),
        )

    def derive(self, indicators: Mapping[str, Indicator] | None = None, **frames: pd.DataFrame) -> "Panel":
        """A new panel with some tables or the indicators replaced, checked like any other."""
        parts = {**self._frames, **frames}
        return check_panel(
            observations=parts["observations"],
            trusts=parts["trusts"],
            indicators=indicators or self.indicators,
            context=parts["context"],
            missing=parts["missing"],
            left_out=parts["left_out"],
            nested=self.nested,
        )

    @property
    def only(self) -> Indicator:
        """The indicator of a panel that has just one. Raises ValueError otherwise."""
        (indicator,) = self.indicators.values()
        return indicator

    @property
    def sha256(self) -> str:
        """A digest of everything a fit can depend on: figures, trusts, context, nesting, shares."""
        digest = hashlib.sha256()
        for name in ("observations", "trusts", "context"):
            digest.update(self._frames[name].to_csv().encode())
        shares = {name: sorted(item.shares.items()) for name, item in self.indicators.items()}
        digest.update(repr((self.nested, shares)).encode())
        return digest.hexdigest()


def check_panel(  # noqa: PLR0913 - a panel has these parts, all named
    *,
    observations: pd.DataFrame,
    trusts: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    context: pd.DataFrame | None = None,
    missing: pd.DataFrame | None = None,
    left_out: pd.DataFrame | None = None,
    nested: Iterable[str] = (),
    files: Mapping[str, str] | None = None,
) -> Panel:
    """A panel of these tables, or every fault in them at once.

    `observations` has trust, indicator, period and the figures of each indicator's kind; `trusts` is indexed
    by trust; `context` is standardised and indexed by trust; `nested` names region, icb or both; `files` names
    the table of each indicator for messages. Raises DataError listing all faults.
    """
    observations = _sorted(observations, trusts)
    context = pd.DataFrame(index=trusts.index) if context is None else context
    files = files or {}
    faults = [
        *_unknown(observations, trusts, indicators),
        *_faults_of_trusts(trusts, context),
        *faults_of_groups(trusts, tuple(nested)),
        *(
            fault
            for name, indicator in indicators.items()
            for fault in faults_in(
                observations.query("indicator == @name"), indicator.kind, file=files.get(name, f"figures of {name}")
            )
        ),
    ]
    if faults:
        raise DataError(faults)
    frames = {
        "observations": observations.reset_index(drop=True),
        "trusts": trusts if "note" in trusts else trusts.assign(note=""),
        "context": context.reindex(trusts.index),
        "missing": _table(missing, _MISSING),
        "left_out": _table(left_out, _LEFT_OUT),
    }
    copies = {name: frame.copy() for name, frame in frames.items()}
    return Panel(MappingProxyType(dict(indicators)), tuple(nested), MappingProxyType(copies))


def _table(frame: pd.DataFrame | None, columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in columns}, dtype=object) if frame is None else frame[list(columns)]


def _sorted(observations: pd.DataFrame, trusts: pd.DataFrame) -> pd.DataFrame:
    """The observations by indicator, period and trust, whole numbers as floats like all other figures."""
    figures = {name for columns in KIND_COLUMNS.values() for name in columns}
    whole = [name for name in figures & set(observations) if observations[name].dtype.kind in "iu"]
    order = pd.Series(range(len(trusts)), index=trusts.index)
    order = order[~order.index.duplicated()]
    return (
        observations.astype(dict.fromkeys(whole, float))
        .assign(_place=observations["trust"].map(order))
        .sort_values(["indicator", "period", "_place"], kind="stable")
        .drop(columns="_place")
    )


def _unknown(observations: pd.DataFrame, trusts: pd.DataFrame, indicators: Mapping[str, Indicator]) -> list[Fault]:
    strangers = sorted(set(observations["trust"].astype(str)) - set(trusts.index))
    unasked = sorted(set(observations["indicator"].astype(str)) - set(indicators))
    empty = [name for name in indicators if name not in set(observations["indicator"])]
    return [
        *(
            Fault(
                "observations", f"trust {code}", "is not in the table of trusts", "Add it there, or leave its rows out"
            )
            for code in strangers
        ),
        *(
            Fault("observations", f"indicator {name}", "is not defined", "Define it, or leave its rows out")
            for name in unasked
        ),
        *(
            Fault(
                "observations",
                f"indicator {name}",
                "has no observation",
                "Take it out of the study, or add its figures",
            )
            for name in empty
        ),
    ]


def _faults_of_trusts(trusts: pd.DataFrame, context: pd.DataFrame) -> list[Fault]:
    doubled = [
        (file, code)
        for file, index in (("trusts", trusts.index), ("context", context.index))
        for code in sorted(set(index[index.duplicated()]))
    ]
    without = sorted(set(trusts.index) - set(context.index))
    return [
        *(Fault(file, f"trust {code}", "occurs more than once", "Keep one row") for file, code in doubled),
        *(Fault("context", f"trust {code}", "has no row", "Add its covariates") for code in without),
        *_faults_of_covariates(context),
    ]


def _faults_of_covariates(context: pd.DataFrame) -> list[Fault]:
    numbers = context.apply(lambda column: pd.to_numeric(column, errors="coerce")).to_numpy(dtype=np.float64)
    empty = context.isna().to_numpy()
    remedy = "Give a value, or declare the reference value"
    return [
        Fault(
            "context",
            f"trust {context.index[row]}, column {context.columns[column]}",
            "is empty" if empty[row, column] else f"{context.iloc[row, column]} is not a finite number",
            remedy,
        )
        for row, column in np.argwhere(~np.isfinite(numbers))
    ]


def kind_columns(panel: Panel) -> tuple[str, ...]:
    """The figure columns of a one-indicator panel."""
    return KIND_COLUMNS[panel.only.kind]
