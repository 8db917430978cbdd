"""data/indicators.toml: what each indicator is, whatever study asks for it."""

from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from ranktrust.panel import NO_SHARE, Indicator, Share
from ranktrust.study.toml import Declared, check_toml, read_toml
from ranktrust.vocabulary import Best, Comparability, Disclosure, Kind, Scenario


class DeclaredShare(Declared):
    """`unattributed_share = upper * Beta(alpha, beta)` with where it comes from."""

    alpha: Annotated[float, Field(gt=0)]
    beta: Annotated[float, Field(gt=0)]
    upper: Annotated[float, Field(ge=0, le=1)] = 1.0
    source: Annotated[str, Field(min_length=10)]
    guess: bool = False


class DeclaredIndicator(Declared):
    """One indicator as written in the file; `standard` names the default row of standards.csv."""

    title: str
    kind: Kind
    best: Best
    unit: str
    domain: str
    comparability: Comparability
    caution: str = ""
    caution_source: str = ""
    standard: str = ""
    delta: Annotated[float, Field(ge=0)] = 0.0
    disclosure: Disclosure = "none"
    unattributed_share: dict[Scenario, DeclaredShare] = Field(default_factory=dict)


class Definitions(Declared):
    """The file: one table an indicator."""

    indicator: dict[str, DeclaredIndicator]


def read_indicators(path: Path) -> tuple[dict[str, Indicator], dict[str, DeclaredIndicator]]:
    """The indicators defined in the file, and their declarations (for the default standard and delta).

    Benchmarks and standards are added when figures are read. Raises StudyError listing every fault.
    """
    declared = check_toml(Definitions, read_toml(path), file=path.name).indicator
    return {name: _indicator(name, item) for name, item in declared.items()}, declared


def _indicator(name: str, item: DeclaredIndicator) -> Indicator:
    shares: dict[Scenario, Share] = {"none": NO_SHARE}
    for scenario, share in item.unattributed_share.items():
        shares[scenario] = Share(share.alpha, share.beta, share.upper, share.source, share.guess)
    return Indicator(
        name=name,
        title=item.title,
        kind=item.kind,
        best=item.best,
        unit=item.unit,
        domain=item.domain,
        comparability=item.comparability,
        caution=item.caution,
        caution_source=item.caution_source,
        shares=MappingProxyType(shares),
        disclosure=item.disclosure,
    )
