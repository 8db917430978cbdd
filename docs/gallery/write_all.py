"""Draw every figure of the gallery anew and write its page, README.md, with the words of each as its alternative text.

python docs/gallery/write_all.py
"""

import ast
import runpy

from examples import HERE, four_hours, shmi

NOT_FIGURES = {"examples", "write_all"}
HEAD = f"""# Gallery

One script per figure: its call, and the picture that it draws. `python docs/gallery/write_all.py` draws all anew.

The draws are stand-ins, made quickly from the figures of `data/` and a fixed seed (`examples.py`): no model is fitted,
and **nothing may be concluded about any trust or hospital from these pictures**. {four_hours().sizes["trust"]} general
acute trusts are drawn by A&E patients seen within four hours; the 12 hospitals are those of the Surgical example of
BUGS. The SHMI ({len(shmi()[0])} trusts) is drawn as a funnel only: its publisher says that it is no measure of quality
by itself and that ranking trusts by it is inappropriate. What a reader may not conclude from each figure stands in the
docstring of the function that draws it.
"""


def scripts():
    """The scripts of the figures, by name."""
    return [path for path in sorted(HERE.glob("*.py")) if path.stem not in NOT_FIGURES]


def section(script):
    """Title, sentence, picture with its words, and source of one figure."""
    title, _, sentence = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))).partition("\n\n")
    words = runpy.run_path(str(script))["drawn"].alt
    return f"\n## {title}\n\n{sentence} [{script.name}]({script.name})\n\n![{words}]({script.stem}.svg)\n"


if __name__ == "__main__":
    (HERE / "README.md").write_text(HEAD + "".join(map(section, scripts())), encoding="utf-8")
