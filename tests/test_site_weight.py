"""What a page may cost whoever opens it: bounds on weight, requests and layout shift, not on times."""

import pytest
from bench import measure_pages
from test_site import PAGES

# All in one process, which measures once.
pytestmark = pytest.mark.xdist_group("weight")

FIRST_VIEW_KB = 300
REQUESTS = 20
SHIFT = 0.02


@pytest.fixture(scope="module")
def measured(site, chromium):
    """What each page costs, measured once, without slowing anything down."""
    return measure_pages(site.folder, chromium, throttled=False)


def test_every_page_is_measured(measured):
    assert set(measured) == set(PAGES)
    assert all(page.requests >= 4 and page.first_kb > 10 for page in measured.values())


@pytest.mark.parametrize("name", PAGES)
def test_page_keeps_its_bounds(measured, name):
    page = measured[name]
    assert page.first_kb <= FIRST_VIEW_KB
    assert page.requests <= REQUESTS
    assert page.shift < SHIFT
