"""Each named mistake of a statement fails a named check of calibration; the statement without it fails none.

One place too many in P(top k) is in test_calibration.py, a wrong likelihood in code in test_second_statements.py.
"""

import mutants
import pytest
from mutants import Statement

from ranktrust.evidence import findings_of

MUTANTS = {
    "wrong likelihood": (20, 8, Statement(squared=True), {"levels of trusts", "rank intervals"}),
    "prior scale doubled": (100, 2, Statement(scale=2 * mutants.SCALE), {"parameters"}),
    "swapped direction": (20, 8, Statement(sign=-1), {"learning from the data", "rank intervals"}),
    "trust effects shared": (20, 8, Statement(shared=True), {"place of the true rank", "learning from the data"}),
    "period noise dropped": (30, 8, Statement(noise=0.0), {"levels of trusts", "rank intervals"}),
}


def failed(records):
    found = findings_of(records, kind="prior", top=1, bottom=1)
    return {finding.name for finding in found if finding.verdict == "failed"}


@pytest.mark.parametrize(("simulations", "trusts"), [(30, 8), (100, 2)])
def test_the_right_statement_fails_nothing(simulations, trusts):
    assert failed(mutants.records(simulations, trusts=trusts)) == set()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_fails_its_check(name):
    simulations, trusts, believed, checks = MUTANTS[name]
    assert checks <= failed(mutants.records(simulations, believed, trusts=trusts))
