"""The checks of the exercises accept every right answer and reject the plausible wrong ones, with a reason.

The answers stand in ``answers/chapter_NN.py``.
"""

import importlib
from pathlib import Path

import pytest
from relubook.exercises import check, examine

TESTS = Path(__file__).resolve().parent
CHAPTERS = [importlib.import_module(f"answers.{path.stem}") for path in sorted((TESTS / "answers").glob("*.py"))]
RIGHT = {exercise: several for chapter in CHAPTERS for exercise, several in chapter.RIGHT.items()}
WRONG = {exercise: several for chapter in CHAPTERS for exercise, several in chapter.WRONG.items()}
MESSAGES = [message for chapter in CHAPTERS for message in chapter.MESSAGES]


def test_every_exercise_has_right_and_wrong_answers(root):
    chapters = (root / "notebooks" / "relubook" / "exercises").glob("chapter_*.py")
    modules = [importlib.import_module(f"relubook.exercises.{path.stem}") for path in chapters]
    exercises = {exercise for module in modules for exercise in module.EXERCISES}
    assert set(RIGHT) == set(WRONG) == exercises
    assert min(map(len, RIGHT.values())) >= 2
    assert min(map(len, WRONG.values())) >= 5
    assert all(chapter.MESSAGES for chapter in CHAPTERS)


def cases(answers):
    return [
        pytest.param(exercise, answer, id=f"{exercise}-{i}")
        for exercise, several in answers.items()
        for i, answer in enumerate(several)
    ]


@pytest.mark.parametrize(("exercise", "answer"), cases(RIGHT))
def test_right_answers_are_accepted(exercise, answer):
    solved, message = examine(exercise, answer)
    assert solved, message


@pytest.mark.parametrize(("exercise", "answer"), cases(WRONG))
def test_wrong_answers_are_rejected_with_a_reason(exercise, answer):
    solved, message = examine(exercise, answer)
    assert not solved
    assert len(message) > 20, "a message that helps says more"


@pytest.mark.parametrize(("exercise", "answer", "words"), MESSAGES)
def test_messages_name_input_expected_and_got(exercise, answer, words):
    assert words in examine(exercise, answer)[1]


def test_check_says_it_in_one_sentence(capsys):
    check("02.1", RIGHT["02.1"][0])
    assert capsys.readouterr().out.startswith("Exercise 02.1: correct. ")
