// Search, in a dialog on every page and on the search page: names of functions first, then sections by their text.
(() => {
  "use strict";
  const root = new URL("../", document.currentScript.src);
  const LIMITS = { dialog: 8, page: 40 };
  const MOST_WORDS = 10;
  const AROUND = 70; // characters of a passage before what was found

  const load = globalThis.bookTools.loader("search-index.js");

  const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}²]+/gu) ?? [];
  const compact = (text) => wordsOf(text).join("");

  // A pattern for a word as readers may have meant it: any ending, either spelling of -ise.
  const pattern = (word) =>
    word
      .replace(/(?<=...)s$/, "")
      .replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")
      .replace(/i[sz](?=e|ing|ation)/g, "i[sz]");
  const beginning = "(?<![\\p{L}\\p{N}])";
  const finder = (words, between) => new RegExp(beginning + words.map(pattern).join(between), "giu");
  const count = (text, expression) => (text.match(expression) ?? []).length;

  // How well a function's names answer: exactly, with other words, in part.
  const scoreOfNames = (query, names) => {
    const asked = wordsOf(query);
    let best = 0;
    names.forEach((name, position) => {
      const words = wordsOf(name);
      const same = compact(name) === compact(query);
      const held = asked.every((word) => words.some((other) => other.startsWith(word)));
      const length = compact(query).length / compact(name).length;
      const score = same ? 1000 : held ? 500 + 300 * length : compact(name).startsWith(compact(query)) ? 400 : 0;
      // Its title counts for more than what a framework calls it.
      best = Math.max(best, score && score - position);
    });
    return best;
  };

  const scoreOfText = (query, words, phrase, page, title, text) => {
    const found = words.map((word) => [count(title, word), count(text, word)]);
    if (!found.some(([inTitle, inText]) => inTitle + inText)) return 0;
    if (!found.every(([inTitle, inText], i) => inTitle + inText || count(page, words[i]))) return 0;
    const titles = found.filter(([inTitle]) => inTitle).length / words.length;
    const often = found.reduce((sum, [, inText]) => sum + Math.min(inText, 5), 0) / words.length;
    const exact = compact(title) === compact(query) ? 100 : 0;
    return 1 + exact + 40 * titles + 30 * (count(title, phrase) > 0) + 25 * (count(text, phrase) > 0) + 2 * often;
  };

  const search = ({ pages, functions }, query) => {
    const asked = wordsOf(query).slice(0, MOST_WORDS);
    if (!asked.length) return [];
    const words = asked.map((word) => finder([word], ""));
    const phrase = finder(asked, "[^\\p{L}\\p{N}]+");
    const names = new Map(functions.map(([address, ...known]) => [address, scoreOfNames(query, known)]));
    const hits = [];
    for (const [address, page, places] of pages) {
      for (const [anchor, title, text] of places) {
        const place = anchor ? `${address}#${anchor}` : address;
        const named = names.get(place) ?? 0;
        const inText = scoreOfText(query, words, phrase, page, title, text);
        // The chapter about something comes before a section of another page that is called like it.
        const score = named + inText + (inText && title === page && count(title, phrase) ? 30 : 0);
        if (score) hits.push({ score, place, page, title, text, phrase, words });
      }
    }
    return hits.sort((one, other) => other.score - one.score);
  };

  // The passage around what was found, with every hit in it marked.
  const passage = ({ text, phrase, words }) => {
    const at = [phrase, ...words].map((expression) => text.search(expression)).find((position) => position >= 0) ?? 0;
    const start = at > AROUND ? text.lastIndexOf(" ", at - AROUND) + 1 : 0;
    const end = text.indexOf(" ", start + 3 * AROUND);
    const shown = text.slice(start, end < 0 ? undefined : end);
    const paragraph = document.createElement("p");
    if (start) paragraph.append("… ");
    const marks = new RegExp(words.map((word) => word.source).join("|"), "giu");
    let last = 0;
    for (const hit of shown.matchAll(marks)) {
      const mark = document.createElement("mark");
      mark.textContent = hit[0];
      paragraph.append(shown.slice(last, hit.index), mark);
      last = hit.index + hit[0].length;
    }
    paragraph.append(shown.slice(last), end < 0 ? "" : " …");
    return paragraph;
  };

  const entry = (hit) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = new URL(hit.place, root);
    link.textContent = hit.title;
    item.append(link);
    if (hit.page !== hit.title) {
      const where = document.createElement("span");
      where.className = "search-where";
      where.textContent = hit.page;
      item.append(" ", where);
    }
    item.append(passage(hit));
    return item;
  };

  for (const box of document.querySelectorAll(".search-box")) {
    const input = box.querySelector("input");
    const status = box.querySelector(".search-status");
    const list = box.querySelector(".search-results");
    const limit = box.matches("dialog") ? LIMITS.dialog : LIMITS.page;

    const answer = async () => {
      const query = input.value.trim();
      try {
        await load();
        if (query !== input.value.trim()) return; // the reader typed on
        const hits = search(globalThis.bookIndex, query);
        list.replaceChildren(...hits.slice(0, limit).map(entry));
        list.dataset.query = query;
        const places = hits.length === 1 ? "1 place" : `${hits.length} places`;
        const first = hits.length > limit ? `, the best ${limit} are shown` : "";
        status.textContent = !query ? "" : hits.length ? `${places}${first}` : `Nothing found for “${query}”.`;
        if (first && box.matches("dialog")) {
          const whole = document.createElement("a");
          whole.href = `${box.querySelector("form").action}?${new URLSearchParams({ q: query })}`;
          whole.textContent = `Show all ${hits.length}`;
          status.append(". ", whole);
        }
      } catch {
        status.textContent = "The search index did not load. Is there a connection?";
      }
    };
    input.addEventListener("input", answer);

    // Up and down move through what was found.
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [input, ...list.querySelectorAll("a")];
      const next = stops[stops.indexOf(document.activeElement) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    });

    if (!box.matches("dialog")) {
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      input.focus();
    }
    if (input.value) answer();
  }
})();
