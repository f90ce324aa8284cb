"""Figures with sliders: what is loaded when, what is said, that nothing jumps. tests/test_site.py moves each."""

import pytest

CHAPTER = "notebooks/02_relu_in_pure_python.html"


def one_figure(page):
    figure = page.locator(".live-figure").first
    figure.scroll_into_view_if_needed()
    return figure, figure.get_by_role("slider").first, figure.locator(".live-figure-still")


def place(page):
    """Where the figure's cell and what follows it stand on the page."""
    return page.evaluate(
        """() => {
          const cell = document.querySelector(".cell_output:has(.live-figure)");
          const { top, bottom } = cell.getBoundingClientRect();
          return [Math.round(top + scrollY), Math.round(bottom + scrollY)];
        }"""
    )


@pytest.mark.parametrize("width", [1280, 320])
def test_a_figure_loads_when_it_is_moved_and_says_what_it_shows(site, open_page, width):
    page = open_page(site.url + CHAPTER, width=width)
    figure, slider, line = one_figure(page)
    before = place(page)
    slider.focus()
    assert [url for url in page.requests if "vega" in url] == []
    assert line.inner_text().startswith("Move a slider")
    assert line.get_attribute("aria-live") == "polite"
    slider.press("Home")
    figure.get_by_text("slope α is −0.50. definition: from 1.5 at −3 to 3 at 3").wait_for()
    assert slider.get_attribute("aria-valuetext") == "−0.50"
    assert figure.locator("output").get_attribute("aria-live") == "off"
    assert place(page) == before
    assert page.complaints == []


def test_a_press_on_the_track_moves_a_slider(site, open_page):
    page = open_page(site.url + CHAPTER, width=320)
    figure, slider, _ = one_figure(page)
    box = slider.bounding_box()
    assert box["height"] >= 24
    slider.click(position={"x": box["width"] * 0.1, "y": box["height"] / 2})
    figure.get_by_text("slope α is −0.").wait_for()


def test_loading_and_failure_are_told_and_the_next_move_tries_again(site, open_page):
    page = open_page(site.url + CHAPTER)
    figure, slider, line = one_figure(page)
    waiting = []
    page.route("**/vega-lite.min.js", lambda route: waiting.append(route))
    with page.expect_request("**/vega-lite.min.js"):
        slider.press("End")
    assert line.inner_text() == "The moving picture is being loaded."
    waiting.pop().abort()
    figure.get_by_text("The moving picture is not available: vega-lite.min.js did not load.").wait_for()
    assert page.locator(".cell_output:has(.live-figure) img").first.is_visible()
    page.unroute("**/vega-lite.min.js")
    slider.press("Home")
    figure.get_by_text("slope α is −0.50").wait_for()


def test_an_axis_of_powers_of_ten_is_read_out_as_it_is_labelled(site, open_page):
    page = open_page(site.url + "notebooks/14_choosing.html")
    figure, slider, line = one_figure(page)
    slider.press("Home")
    figure.get_by_text("at 0.001 to").wait_for()
    assert "a dot at" not in line.inner_text()
