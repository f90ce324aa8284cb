// How it went with a question: said under its answers, and read out by a screen reader. The answers themselves
// are <details> and work without this.
(() => {
  "use strict";
  const TRIES = ["first", "second", "third", "fourth", "fifth"];

  for (const quiz of document.querySelectorAll(".quiz")) {
    const options = [...quiz.querySelectorAll(".quiz-option")];
    const status = quiz.querySelector(".quiz-status");
    const invitation = status.textContent;
    const tried = new Set();

    const say = (option) => {
      if (options.every(({ open }) => !open)) {
        tried.clear();
        status.textContent = invitation;
        return;
      }
      if (!option.open) return;
      const found = [...tried].some((one) => one.classList.contains("quiz-right"));
      tried.add(option);
      if (option.classList.contains("quiz-right")) {
        status.textContent = `Right, at the ${TRIES[tried.size - 1]} try.`;
      } else {
        status.textContent = `Not quite. The reason stands under your answer.${found ? "" : " Choose another."}`;
      }
    };
    options.forEach((option) => option.addEventListener("toggle", () => say(option)));
  }
})();
