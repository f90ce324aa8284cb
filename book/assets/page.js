// What every page does beside showing itself: search, menus, copying, the mark in the contents, printing.
(() => {
  "use strict";
  const all = (selector, part = document) => [...part.querySelectorAll(selector)];

  // What scrolls sideways can be reached and scrolled with the keyboard.
  // Also called when a box is first seen, as in a part that was folded.
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  all(".scroll-box, pre, .cell_output > .output, .pst-scrollable-table-container").forEach((box) =>
    observer.observe(box),
  );

  // Search: the script and its index come when the box is first opened.
  const dialog = document.getElementById("search-dialog");
  const loadSearch = globalThis.bookTools.loader("search.js");
  const openSearch = () => {
    loadSearch().catch(() => {
      dialog.querySelector(".search-status").textContent = "The search did not load. Is there a connection?";
    });
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("input").select();
  };
  all(".search-open").forEach((button) => button.addEventListener("click", openSearch));
  dialog.addEventListener("click", (event) => {
    // The dialog itself is hit only beside what it holds; what was found may lie on this page.
    if (event.target === dialog || event.target.closest("a, .close-button")) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const shortcut = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    if (shortcut || (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey)) {
      event.preventDefault();
      openSearch();
    }
  });

  // Menus close when the reader goes on elsewhere.
  const menus = all("details.menu");
  const closeMenus = (except) => menus.forEach((menu) => menu === except || menu.removeAttribute("open"));
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));
  menus.forEach((menu) =>
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    }),
  );

  // A part of the page that was opened as a panel goes away when a link in it was followed,
  // and when the window grows wide enough to hold it beside the text.
  all("[popover]").forEach((panel) => {
    panel.addEventListener("click", (event) => event.target.closest("a") && panel.hidePopover());
    new ResizeObserver(() => {
      const button = document.querySelector(`.sidebar-toggle[popovertarget="${panel.id}"]`);
      if (panel.matches(":popover-open") && !button.getClientRects().length) panel.hidePopover();
    }).observe(document.documentElement);
  });

  // Every listing can be copied.
  if (navigator.clipboard) {
    for (const listing of all("main div.highlight")) {
      if (listing.closest(".cell_output")) continue;
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "copy-button", textContent: "Copy" });
      button.addEventListener("click", async () => {
        const copied = navigator.clipboard.writeText(listing.querySelector("pre").textContent.trimEnd());
        button.textContent = await copied.then(
          () => "Copied",
          () => "Not allowed",
        );
        setTimeout(() => (button.textContent = "Copy"), 2000);
      });
      listing.append(button);
    }
  }

  // The contents say which section is being read.
  const links = new Map(all(".page-toc a").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const sections = all("article section[id]").filter((section) => links.has(section.id));
  const inView = new Set();
  let marked;
  const reading = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) inView.add(target);
        else inView.delete(target);
      }
      const section = sections.findLast((candidate) => inView.has(candidate));
      if (!section) return;
      marked?.removeAttribute("aria-current");
      marked = links.get(section.id);
      marked.setAttribute("aria-current", "true");
    },
    { rootMargin: "-20% 0px -79% 0px" },
  );
  sections.forEach((section) => reading.observe(section));

  // The style sheet leaves out what is far away. It is laid out a little at a time when there is nothing else to do, or
  // at once when the reader goes to another place: what is in view would move, and a link end somewhere else.
  const farAway = "later" in document.documentElement.dataset ? all(".bd-article > section > section > :not(h2)") : [];
  const layOutAll = () => delete document.documentElement.dataset.later;
  const layOutSome = (deadline) => {
    do {
      const next = farAway.shift();
      if (!next) return layOutAll();
      next.style.contentVisibility = "visible";
      next.getBoundingClientRect(); // now, to see how long it takes
    } while (deadline.timeRemaining() > 20);
    requestIdleCallback(layOutSome);
  };
  addEventListener("load", () => (globalThis.requestIdleCallback ? requestIdleCallback(layOutSome) : layOutAll()));
  addEventListener("scroll", layOutAll, { once: true, passive: true });
  document.addEventListener("click", ({ target }) => target.closest("a[href], summary") && layOutAll(), { capture: true });

  // A link into a folded part opens it.
  const unfold = () => {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      // A % that stands for nothing: the address may still name a place.
    }
    const target = name && document.getElementById(name);
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      if (fold.open) continue;
      fold.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);
  unfold();

  // On paper there is nothing to press: what is folded is opened, and every picture is there.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("article details:not([open])");
    opened.forEach((fold) => (fold.open = true));
    all("img[loading=lazy]").forEach((picture) => (picture.loading = "eager"));
  });
  addEventListener("afterprint", () => opened.forEach((fold) => (fold.open = false)));
  all(".print-button").forEach((button) =>
    button.addEventListener("click", () => {
      closeMenus();
      print();
    }),
  );
})();
