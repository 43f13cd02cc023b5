"""The how-tos are about the contract as it is, and their plugins are as short as they should be."""

import re

import pages
import pytest
from places import ROOT

from ser_plugins.core import promises

HOW_TO = ROOT / "docs" / "how-to"
CHECKS = {
    "dataset": ("datasets", "trees", "copies"),
    "features": ("features", "pipeline"),
    "model": ("models", "pipeline"),
    "augmentation": ("augmentations",),
}
LONGEST = {"dataset": 45, "features": 60, "model": 60, "augmentation": 30}  # lines


@pytest.mark.parametrize("page", CHECKS)
def test_every_promise_is_told_with_what_breaks_it(page):
    text = (HOW_TO / f"{page}.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| .+ \| (`.+`) \|$", text.partition("## What goes wrong")[2], re.MULTILINE
    )
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(
        c.__name__ for kind in CHECKS[page] for c in promises.checks(kind)
    )


@pytest.mark.parametrize("page", CHECKS)
def test_a_page_begins_with_a_plugin_that_is_short(page):
    first = pages.read(HOW_TO / f"{page}.md")[0]
    assert first.file.endswith(".py") and "@hookimpl" in first.text
    assert len(first.text.splitlines()) <= LONGEST[page]
