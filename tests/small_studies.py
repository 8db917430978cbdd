"""The smallest study text that reads, for tests of what is added to it."""

BEGINNING = """
schema_version = 1
name = "small"
title = "A title"
question = "A question?"
date = 2026-06-30

[trusts]
description = "some trusts"
{trusts}
[fit]
seed = 1
"""


def small_study(*indicators, trusts=""):
    """A study that asks for these indicators; `trusts` are further lines of its section."""
    asked = "".join(f'\n[[indicator]]\nname = "{name}"\n' for name in indicators)
    return BEGINNING.format(trusts=trusts + "\n" if trusts else "") + asked


def written(folder, text):
    """The path of a study with this text."""
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path
