// What scrolls sideways can be reached and scrolled with the keyboard.
(() => {
  "use strict";
  const boxes = document.querySelectorAll(".scroll-box, pre, .cell_output > .output, .pst-scrollable-table-container");
  // Also called when a box is first seen, as in a part that was folded.
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  boxes.forEach((box) => observer.observe(box));
})();
