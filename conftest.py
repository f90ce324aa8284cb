"""Settings of pytest that the notebooks and the tests share."""

import os
from pathlib import Path

import matplotlib.font_manager  # noqa: F401  Lists the fonts now, so that no notebook says it does.
import pytest

# nbval's own wait for a cell's next message is 5 s, less than a long computation is silent.
OUTPUT_TIMEOUT = 120

# A progress bar belongs to a person who waits, not to an output that is compared.
os.environ["TQDM_DISABLE"] = "1"


def pytest_collection_modifyitems(items):
    """Let every notebook cell be silent for longer."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = OUTPUT_TIMEOUT


@pytest.fixture(scope="session")
def root():
    """The root of the repository."""
    return Path(__file__).resolve().parent
