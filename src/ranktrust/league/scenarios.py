"""What the scenarios of the unattributed share do to a table: the second half of the statistical gate (decision 17)."""

from dataclasses import replace

from ranktrust.gate import Finding
from ranktrust.league.build import ordered
from ranktrust.league.table import LeagueTable

NO_AGREEMENT = 0.0
"""The correlation of two rank draws below which no order is printed is above this."""


def with_scenarios(table: LeagueTable, reversed_bands: int, finding: Finding) -> LeagueTable:
    """The table with the verdict of the scenarios among its findings: by band and name where they reverse bands.

    `reversed_bands` trusts stand at one end in one scenario and at the other in another. The finding says so; it does
    not fail the computation.
    """
    said = {"name": finding.name, "verdict": finding.verdict, "sentence": finding.sentence, "remedy": finding.remedy}
    facts = replace(table.facts, reversed_bands=reversed_bands, findings=(*table.facts.findings, said))
    rows, pmf, pairs = table.rows, table.rank_pmf, table.p_above
    if reversed_bands and facts.ranked:
        rows = ordered(rows, ranked=True, spearman_low=NO_AGREEMENT)
        pmf, pairs = pmf.loc[rows.index], pairs.loc[rows.index, rows.index]
    return LeagueTable.of(facts, rows=rows, rank_pmf=pmf, p_above=pairs)
