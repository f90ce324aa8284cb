"""What Jupyter Book really makes of _config.yml; it accepts unknown keys without a word."""

import shutil
import subprocess
import sys
from pathlib import Path

import jupyter_book
import pytest
import yaml
from jupyter_book.config import get_default_sphinx_config


@pytest.fixture(scope="module")
def written(root):
    """The file _config.yml as it is written."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sphinx(root, tmp_path_factory):
    """The configuration that Sphinx gets."""
    folder = tmp_path_factory.mktemp("configuration")
    for name in ("_config.yml", "_toc.yml"):
        shutil.copyfile(root / name, folder / name)
    command = shutil.which("jupyter-book", path=Path(sys.executable).parent)
    subprocess.run([command, "config", "sphinx", str(folder)], check=True, capture_output=True)
    values = {}
    exec((folder / "conf.py").read_text(encoding="utf-8"), values)
    return values


def unknown_keys(given, known, path=""):
    for key, value in given.items():
        if key not in known:
            yield f"{path}{key}"
        elif isinstance(value, dict) and isinstance(known[key], dict):
            yield from unknown_keys(value, known[key], f"{path}{key}.")


def test_no_key_that_jupyter_book_does_not_know(written):
    known = Path(jupyter_book.__file__).with_name("default_config.yml").read_text(encoding="utf-8")
    assert list(unknown_keys(written, yaml.safe_load(known))) == []


def test_nothing_is_executed_when_the_book_is_built(sphinx):
    assert sphinx["nb_execution_mode"] == "off"
    assert sphinx["nb_output_stderr"] == "error"


def test_extensions_are_those_of_the_configuration(written, sphinx):
    named = written["sphinx"]["config"]["extensions"]
    assert sphinx["extensions"][: len(named)] == named
    assert not {"sphinx_thebe", "sphinx.ext.intersphinx", "sphinx.ext.mathjax"} & set(sphinx["extensions"])
    assert "relubook_site" in named
    # The first two reach for other hosts; what the others do, site_folds and page.js do without the scripts.
    left_out = {"sphinx_thebe", "sphinx.ext.intersphinx", "sphinx_togglebutton", "sphinx_copybutton"}
    assert set(get_default_sphinx_config()["extensions"]) - set(named) == left_out


def test_formulas_are_typeset_by_our_extension(sphinx):
    assert sphinx["html_math_renderer"] == "mathml"
    assert {"dollarmath", "amsmath"} <= set(sphinx["myst_enable_extensions"])


def test_theme_options_are_added_to_those_of_the_other_keys(written, sphinx):
    options = sphinx["html_theme_options"]
    assert options["repository_url"] == written["repository"]["url"]
    assert options["repository_branch"] == written["repository"]["branch"]
    assert options["path_to_docs"] == written["repository"]["path_to_book"] == ""
    assert options["use_repository_button"] is True
    assert options["home_page_in_toc"] is True
    assert "CC BY 4.0" in options["extra_footer"]
    assert written["sphinx"]["config"]["html_theme_options"].items() <= options.items()


def test_launch_buttons_are_binder_alone_with_jupyterlab(sphinx):
    buttons = {key: value for key, value in sphinx["html_theme_options"]["launch_buttons"].items() if value}
    assert buttons == {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}


def test_launch_buttons_point_at_a_release(written):
    assert written["repository"]["branch"].startswith("v")


def test_nothing_is_measured_or_commented_elsewhere(sphinx):
    analytics = sphinx["html_theme_options"]["analytics"]
    assert not analytics["google_analytics_id"]
    assert not analytics["plausible_analytics_domain"]
    assert not any(sphinx["comments_config"].values())
    assert sphinx["ogp_social_cards"] == {"enable": False}


def test_static_files_are_named_one_by_one(root, sphinx):
    """Sphinx puts every script and style sheet of a folder called _static into every page."""
    assert sphinx["html_static_path"] == ["book/assets"]
    named = sphinx["html_css_files"] + [script for script, _ in sphinx["html_js_files"]]
    assert [name for name in named if not (root / "book/assets" / name).is_file()] == []
    assert not [name for name in named if "vega" in name]


def test_one_address_serves_all(written, sphinx):
    assert sphinx["html_baseurl"] == sphinx["ogp_site_url"] == written["html"]["baseurl"]
    assert sphinx["sitemap_url_scheme"] == "{link}"


def test_only_pages_of_the_table_of_contents_are_built(sphinx):
    assert sphinx["external_toc_exclude_missing"] is True


def test_jupyter_book_2_reads_the_same_pages_in_the_same_order(root):
    first = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    second = yaml.safe_load((root / "myst.yml").read_text(encoding="utf-8"))["project"]["toc"]

    def files(entries):
        for entry in entries:
            if "file" in entry:
                yield entry["file"].rsplit(".", 1)[0]
            yield from files(entry.get("children", ()))

    parts = [(part["caption"], [chapter["file"] for chapter in part["chapters"]]) for part in first["parts"]]
    assert next(files(second)) == first["root"]
    assert [(entry["title"], list(files([entry]))) for entry in second if "title" in entry] == parts
