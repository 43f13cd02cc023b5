"""Says how the documentation is built.

`sphinx-build --fail-on-warning --keep-going --nitpicky docs build/docs` builds it, as a test does.
Nothing is fetched: links to the outside are plain, and no other project's inventory is read.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # this module's neighbours, and this checkout

import ser_plugins  # noqa: E402  this checkout's

project = "ser-plugins"
release = version = ser_plugins.__version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "from_registry",
]

# Markdown; a notebook is shown as it was saved, and run by a test.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"
copybutton_prompt_text = ">>> "

# Docstrings: a single backtick is code, as in Markdown, and `Shape:` is a section of ours.
default_role = "literal"
napoleon_custom_sections = ["Shape"]
autodoc_member_order = "bysource"
add_module_names = False
maximum_signature_line_length = 88
# Types that have no page: of other projects, and what only passes through.
nitpick_ignore_regex = [
    ("py:class", r"(torch|numpy|pathlib|collections|_?pytest)\..+"),
    ("py:class", r"ser_plugins\.core\.(systems\.System|recordings\.Recording)"),
]

html_theme = "furo"
html_title = project
html_show_copyright = False
html_show_sourcelink = False
