"""A study and the figures in data/ to panels: whose figures, under which code, and what was left out."""

from ranktrust.assemble.build import assemble, figures_used
from ranktrust.assemble.ledger import ledger_of
from ranktrust.assemble.official_bands import official_bands
from ranktrust.assemble.tables import read_table
from ranktrust.assemble.trajectories import assemble_trajectories

__all__ = ["assemble", "assemble_trajectories", "figures_used", "ledger_of", "official_bands", "read_table"]
