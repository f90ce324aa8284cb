"""The questions of the chapters on the built site: by mouse and keyboard, with a script and without."""

import functools
import re

import pytest
from bs4 import BeautifulSoup
from test_site import CHAPTERS, ROOT, violations

PAGE = f"{CHAPTERS[0]}.html"
SETTLED = "Promise.all(document.getAnimations().map((animation) => animation.finished))"


@functools.cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def quiz(site, open_page):
    """A function that opens the first chapter and returns its first quiz."""

    def quiz(**look):
        return open_page(site.url + PAGE, **look).locator(".quiz").first

    return quiz


def test_every_quiz_of_a_notebook_is_on_its_page(site):
    for chapter in CHAPTERS:
        names = re.findall(r":name: (quiz-[a-z0-9-]+)", (ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))
        page = parsed(site.folder / f"{chapter}.html")
        assert [quiz["id"] for quiz in page.select(".quiz")] == names
        for quiz in page.select(".quiz"):
            assert page.find(id=quiz["aria-labelledby"]).get_text(strip=True)
            assert len(quiz.select("details.quiz-right")) == 1
            for option in quiz.select("details"):
                verdict = "Right." if "quiz-right" in option["class"] else "Not quite."
                assert option.select_one(".quiz-reason > p:first-child > strong:first-child").get_text() == verdict
                assert option.find("summary").get_text(strip=True)
                assert not option.has_attr("open")


def test_only_a_page_with_a_quiz_loads_what_a_quiz_needs(site):
    for path in site.folder.rglob("*.html"):
        page = parsed(path)
        files = page.select("script[src*='quiz.js']")
        assert len(files) == bool(page.select(".quiz")), path.name
        assert all(file.has_attr("defer") for file in files)


def test_an_answer_says_how_it_went_and_why(quiz):
    quiz = quiz()
    right, wrong = quiz.locator(".quiz-right"), quiz.locator(".quiz-wrong").first
    status = quiz.get_by_role("status")
    invitation = status.inner_text()
    sign = "getComputedStyle(element, '::before').content"

    wrong.locator("summary").click()
    assert wrong.locator(".quiz-reason").inner_text().startswith("Not quite. ")
    assert len(wrong.locator(".quiz-reason").inner_text()) > 30
    assert "✗" in wrong.locator("summary").evaluate(f"(element) => {sign}")
    status.get_by_text("Not quite. The reason stands under your answer. Choose another.").wait_for()
    assert not right.locator(".quiz-reason").is_visible()

    right.locator("summary").click()
    assert right.locator(".quiz-reason").inner_text().startswith("Right. ")
    assert "✓" in right.locator("summary").evaluate(f"(element) => {sign}")
    status.get_by_text("Right, at the second try.").wait_for()

    # Closed again, it is as it was.
    wrong.locator("summary").click()
    right.locator("summary").click()
    status.get_by_text(invitation, exact=True).wait_for()
    assert "✗" not in wrong.locator("summary").evaluate(f"(element) => {sign}")
    right.locator("summary").click()
    status.get_by_text("Right, at the first try.").wait_for()


def test_a_quiz_by_keyboard(quiz):
    quiz = quiz()
    summaries = quiz.locator("summary")
    summaries.first.focus()
    quiz.page.keyboard.press("Tab")
    focused = summaries.nth(1)
    assert focused.evaluate("(element) => element === document.activeElement")
    assert focused.evaluate("(element) => getComputedStyle(element).outlineStyle") == "solid"
    for key, visible in (("Enter", True), ("Space", False), ("Space", True)):
        quiz.page.keyboard.press(key)
        assert quiz.locator(".quiz-reason").nth(1).is_visible() is visible
    quiz.get_by_role("status").get_by_text(re.compile("Right|Not quite")).wait_for()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_an_answered_quiz_is_accessible_and_fits(quiz, scheme, width):
    quiz = quiz(scheme=scheme, width=width)
    page = quiz.page
    page.evaluate("document.querySelectorAll('.quiz-option').forEach((option) => { option.open = true; })")
    quiz.get_by_text(re.compile("Right, at the|The reason stands")).wait_for()
    page.evaluate(SETTLED)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = (
        "[...document.querySelectorAll('.quiz, .quiz *')].filter((e) => e.getBoundingClientRect().right > innerWidth)"
    )
    assert page.evaluate(f"{wide}.length") == 0
    assert violations(page) == []
    assert page.complaints == []


def test_a_quiz_without_javascript(quiz):
    quiz = quiz(javascript=False, width=320)
    wrong = quiz.locator(".quiz-wrong").first
    assert not wrong.locator(".quiz-reason").is_visible()
    wrong.locator("summary").click()
    assert wrong.locator(".quiz-reason").inner_text().startswith("Not quite. ")
    assert not quiz.locator(".quiz-right .quiz-reason").is_visible()
