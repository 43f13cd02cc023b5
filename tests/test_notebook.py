"""The notebook is saved with what it shows; tests/test_pages.py runs it."""

import json
import re

import pytest
from places import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
CELLS = [cell for cell in json.loads(NOTEBOOK.read_bytes())["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell["id"])
def test_a_cell_was_run_in_order_and_did_not_fail(cell):
    assert cell["execution_count"] == 1 + CELLS.index(cell)
    assert "error" not in {output["output_type"] for output in cell["outputs"]}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell["id"])
def test_what_is_to_be_seen_was_saved(cell):
    pictures = [output for output in cell["outputs"] if "image/png" in output.get("data", {})]
    assert len(pictures) == "".join(cell["source"]).count("Image(")


def test_it_says_nothing_of_the_machine_that_ran_it():
    texts = [output.get("text", []) for cell in CELLS for output in cell["outputs"]]
    said = "".join("".join(text) for text in texts)
    assert not re.search(r"(?<![\w.])/\w+/|[A-Z]:\\", said) and "Traceback" not in said


def test_it_is_small():
    assert NOTEBOOK.stat().st_size < 400_000
