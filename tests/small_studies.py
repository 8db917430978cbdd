"""The smallest study texts that read, and that run in seconds, for tests of what is added to them."""

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

HOSPITALS = """
schema_version = 1
name = "{name}"
title = "Twelve hospitals"
question = "{question}"
date = 2026-06-30
scenario = "none"

[trusts]
description = "the twelve hospitals of the published example"
table = "figures"
noun = "hospital"

[fit]
seed = 1
draws = {draws}
tune = 300

[[indicator]]
name = "surgical"
model = "{model}"
"""


def hospital_study(question, *, name="small", draws=1000, model="proportion_independent"):
    """A study of the twelve hospitals of the published example, which runs in seconds."""
    return HOSPITALS.format(question=question, name=name, draws=draws, model=model)


def small_study(*indicators, trusts=""):
    """A study that asks for these indicators; `trusts` are further lines of its section."""
    asked = "".join(f'\n[[indicator]]\nname = "{name}"\n' for name in indicators)
    return BEGINNING.format(trusts=trusts + "\n" if trusts else "") + asked


def written(folder, text):
    """The path of a study with this text."""
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path
