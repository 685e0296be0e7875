"""Settings of the site. Mechanisms are extensions in ``_ext``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "_ext")]

OWNER, _, REPO = os.environ.get("GITHUB_REPOSITORY", "").partition("/")

# -- Project ------------------------------------------------------------------

project = "cnn_tutorial"
author = "The cnn_tutorial developers"
project_copyright = f"%Y, {author}"
html_title = "CNNs, explained in code that runs"
language = "en"

extensions = [
    # Ours, in docs/_ext.
    *("build_facts", "figures", "isolated_gallery", "landing", "ledger"),
    *("lesson_pages", "maths", "named_objects", "notebook_text", "progress"),
    *("questions", "recordings"),
    *("reference", "site_wheel", "staleness", "theme_fixes", "thumbnails"),
    # Others'.
    *("myst_nb", "numpydoc", "sphinx_copybutton", "sphinx_design"),
    *("sphinx.ext.autodoc", "sphinx.ext.intersphinx", "sphinx.ext.viewcode"),
    *("sphinx_gallery.gen_gallery", "sphinxcontrib.bibtex", "sphinxext.opengraph"),
]

nitpicky = True
numfig = True
templates_path = ["_templates"]
exclude_patterns = [
    "_build",
    "node_modules",
    "**/.ipynb_checkpoints",
    # Sphinx-Gallery writes a notebook beside each page; MyST-NB would run it again.
    "auto_gallery/**.ipynb",
    "auto_gallery/**/*.ipynb",
]

# -- Building -----------------------------------------------------------------

#: What pages hang on besides their own text: see the extension staleness.
staleness_run = ["../cnn_tutorial"]
staleness_modules = ["figures", "lesson_process"]
staleness_versions = [
    *("matplotlib", "numpy", "pillow", "scikit-image", "scikit-learn", "scipy"),
    *("sphinx-gallery", "torch", "torchvision"),
]
staleness_site = ["_ext", "_static", "_templates", "conf.py", "package.json"]
staleness_site += ["../gallery/lessons.toml"]
staleness_generated = ["generated"]
#: A Python warning that points here is a warning of the build.
gallery_ours = [str(ROOT / "cnn_tutorial")]
#: Pages that show facts of the build: they are read in each.
ledger_pages = ["index", "reproducibility"]

# -- Reference ----------------------------------------------------------------

autodoc_typehints = "none"
autodoc_member_order = "bysource"
# As the source has them: `nn.BatchNorm2d`, not <class 'torch.nn.modules...'>.
autodoc_preserve_defaults = True
default_role = "named"
autosummary_generate = False
# Of napoleon and numpydoc the one that lets a type slot be prose: shape, units, range.
numpydoc_show_class_members = False

# Plain-text inventories of our own: a build needs no network.
intersphinx_mapping = {
    "python": ("https://docs.python.org/3", "inventories/python.txt"),
    "numpy": ("https://numpy.org/doc/stable", "inventories/numpy.txt"),
    "torch": ("https://docs.pytorch.org/docs/stable", "inventories/torch.txt"),
    "matplotlib": ("https://matplotlib.org/stable", "inventories/matplotlib.txt"),
}
bibtex_bibfiles = ["references.bib"]

# -- Pages --------------------------------------------------------------------

myst_enable_extensions = [
    *("amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"),
]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
# MyST-NB would add require.js from a CDN to every page.
nb_ipywidgets_js = {}
copybutton_exclude = ".linenos, .gp, .go"

# -- Gallery ------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "../gallery",
    "gallery_dirs": "auto_gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("cnn_tutorial",),
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "remove_config_comments": True,
    "show_signature": False,
    # Its pages pull style sheets and scripts from CDNs; the ledger has the times.
    "write_computation_times": False,
    "download_all_examples": False,
}

# -- HTML ---------------------------------------------------------------------

html_baseurl = os.environ.get("CNN_TUTORIAL_SITE_URL", "")
if not html_baseurl and REPO:
    html_baseurl = f"https://{OWNER}.github.io/{REPO}/"
html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
# Lists that nothing links to and nobody reads; the reference and the search do it.
html_use_index = False
html_domain_indices = False
html_css_files = ["colours.css", "text.css", "code.css", "boxes.css", "frame.css"]
html_favicon = "_static/favicon.svg"
html_sidebars = {
    "**": ["site-brand.html", "search-button-field.html", "sbt-sidebar-nav.html"],
}
html_theme_options = {
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_navbar_depth": 2,
    "show_toc_level": 2,
}
html_context = {"default_mode": "auto"}
ogp_site_url = html_baseurl
ogp_site_name = html_title
ogp_social_cards = {"enable": False}
