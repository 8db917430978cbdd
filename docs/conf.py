"""The documentation site: every page lies where it lies in the project, so that links hold in a checkout as well.

`make docs` builds it into dist/docs (tools/site.py).
"""

from ranktrust import __version__

project = "ranktrust"
author = "The ranktrust authors"
copyright = author  # noqa: A001 - the name that Sphinx reads
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "docs/*/*.md", "[bdmnos]*/README.md"]
exclude_patterns = ["docs/worked/template.md", ".*", "dist", "build", "outputs/[!R]*", "src", "tests", "tools"]

myst_heading_anchors = 4
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_mock_imports = ["arviz", "arviz_base", "arviz_stats", "nutpie", "pymc", "pytensor"]
default_role = "code"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"ranktrust {release}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"footer_icons": []}
