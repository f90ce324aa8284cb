// What scrolls sideways can be reached and scrolled with the keyboard.
(() => {
  "use strict";
  const boxes = document.querySelectorAll(".scroll-box, pre, .cell_output > .output");
  const update = () => {
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  update();
  addEventListener("load", update);
  addEventListener("resize", update);
})();
