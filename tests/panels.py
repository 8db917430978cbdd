"""The small panels that the contract's checks build on, for tests of models and fits."""

from ranktrust.contract import made_indicator, make_panel, panel_for

__all__ = ["made_indicator", "make_panel", "panel_for"]
