// Run buttons: Python in the reader's browser. Nothing is fetched before the first press; then a worker
// (run-worker.js) loads Python once, and every cell of the page runs in it.
(() => {
  "use strict";
  const script = document.currentScript;
  const { list, size } = script.dataset;
  const base = new URL(".", script.src);
  const page = location.pathname.split("/").pop();
  const FETCHED = "relubook-run-fetched";

  const { make, vegaView } = globalThis.bookTools;

  // What readers wrote. A changed chapter has another original, and the reader's old text no longer fits it.
  const digest = (text) => {
    let hash = 0;
    for (const character of text) hash = (Math.imul(hash, 31) + character.codePointAt(0)) | 0;
    return hash;
  };
  const memory = (cell) => `relubook-run:${page}:${cell.bar.dataset.cell}`;
  const remember = (cell) => {
    try {
      if (cell.text === cell.original) localStorage.removeItem(memory(cell));
      else localStorage.setItem(memory(cell), JSON.stringify({ of: digest(cell.original), text: cell.text }));
    } catch {
      // Without storage nothing is kept, and nothing else changes.
    }
  };
  const recall = (cell) => {
    try {
      const { of, text } = JSON.parse(localStorage.getItem(memory(cell)));
      return of === digest(cell.original) ? text : null;
    } catch {
      return null;
    }
  };

  // Which Python the browser has loaded in this visit, and so has at hand.
  let fetched = false;
  try {
    fetched = sessionStorage.getItem(FETCHED) === list;
  } catch {
    // Without storage the size is named again on the next page.
  }
  const haveFetched = () => {
    fetched = true;
    try {
      sessionStorage.setItem(FETCHED, list);
    } catch {
      // As above.
    }
  };

  // ---- Highlighting, with the classes that the page's own code has

  const KEYWORDS = new Set(
    "as assert async await break class continue def del elif else except finally for global if lambda nonlocal pass raise return try while with yield".split(" "),
  );
  const WORDS = { from: "kn", import: "kn", True: "kc", False: "kc", None: "kc", and: "ow", or: "ow", not: "ow", in: "ow", is: "ow" };
  const BUILTINS = new Set(
    "abs all any bool callable complex dict dir enumerate filter float format frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max min next object open ord pow print property range repr reversed round set setattr slice sorted str sum super tuple type vars zip".split(" "),
  );
  const TOKEN =
    /(?<c1>#.*)|(?<s2>\b[rbfu]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$))|\b[rbfu]{0,2}(?:"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(?<mi>\b\d[\w.]*(?:(?<=e)[+-]\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<o>[-+*/%=<>!&|^~@]+)|(?<p>[()[\]{}:;,.])/giu;
  const highlight = (text) => {
    const pieces = document.createDocumentFragment();
    let position = 0;
    let before = "";
    for (const match of text.matchAll(TOKEN)) {
      const [token] = match;
      let kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
      if (kind === "word") {
        if (before === "def") kind = "nf";
        else if (before === "class") kind = "nc";
        else if (KEYWORDS.has(token)) kind = "k";
        else kind = Object.hasOwn(WORDS, token) ? WORDS[token] : BUILTINS.has(token) && before !== "." ? "nb" : "n";
      }
      pieces.append(text.slice(position, match.index), make("span", { className: kind }, token));
      position = match.index + token.length;
      before = token;
    }
    pieces.append(text.slice(position));
    return pieces;
  };

  // ---- Editing in place: a transparent text area over its own highlighted text

  const insert = (area, text) => {
    // The one way to write that the browser's undo knows.
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  };
  const indentLines = (area, back) => {
    const { value } = area;
    const first = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const last = area.selectionEnd;
    const lines = value.slice(first, last).split("\n");
    const changed = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : `    ${line}`)).join("\n");
    area.setSelectionRange(first, last);
    insert(area, changed);
    if (lines.length > 1) area.setSelectionRange(first, first + changed.length);
  };
  const HINT = "Tab indents; to leave, press Escape, then Tab. Shift+Enter runs.";

  const edit = (cell) => {
    if (cell.area) return cell.area;
    const paper = make("pre", { "aria-hidden": "true" });
    const area = make("textarea", {
      value: cell.text,
      rows: 1,
      spellcheck: false,
      autocapitalize: "off",
      autocomplete: "off",
      "aria-label": `Code of cell ${cell.number}. ${HINT}`,
    });
    const draw = () => paper.replaceChildren(highlight(area.value), "\n");
    let leaving = false;
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        leaving = true;
        return;
      }
      if (event.key === "Tab" && !leaving) {
        event.preventDefault();
        if (event.shiftKey || area.value.slice(area.selectionStart, area.selectionEnd).includes("\n")) indentLines(area, event.shiftKey);
        else insert(area, "    ");
      } else if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        run(cell);
      } else if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        const line = area.value.slice(area.value.lastIndexOf("\n", area.selectionStart - 1) + 1, area.selectionStart);
        insert(area, `\n${line.match(/^ */)[0]}${/:\s*(#.*)?$/.test(line) ? "    " : ""}`);
      }
      if (event.key !== "Shift") leaving = false;
    });
    area.addEventListener("input", () => {
      cell.text = area.value;
      cell.undo = null;
      draw();
      remember(cell);
      show(cell);
    });
    const { font, lineHeight, padding } = getComputedStyle(cell.code.querySelector("pre"));
    for (const { style } of [paper, area]) Object.assign(style, { font, lineHeight, padding });
    cell.editor = make("div", { className: "run-editor highlight" }, paper, area);
    cell.hint = make("p", { className: "run-hint", "aria-hidden": "true" }, HINT);
    cell.code.hidden = true;
    cell.code.after(cell.editor, cell.hint);
    cell.area = area;
    draw();
    show(cell);
    return area;
  };

  const open = (cell) => {
    for (let fold = cell.code.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    edit(cell).focus();
  };

  // Back to the page's own code and output. What was written can be had back until the cell is changed or run again.
  const backToOriginal = (cell) => {
    const { text, output } = cell;
    cell.undo = text === cell.original ? null : { text, output, storedShown: cell.stored && !cell.stored.hidden };
    cell.text = cell.original;
    remember(cell);
    cell.editor?.remove();
    cell.hint?.remove();
    cell.area = cell.editor = cell.hint = null;
    cell.code.hidden = false;
    cell.output?.remove();
    cell.output = null;
    if (cell.stored) cell.stored.hidden = false;
    if (cell.undo) say(cell, "Your version was taken away", { aloud: true });
    else say(cell, "");
    show(cell);
    cell.buttons[cell.undo ? "undo" : "run"].focus();
  };
  const undo = (cell) => {
    const { text, output, storedShown } = cell.undo;
    cell.undo = null;
    cell.text = text;
    remember(cell);
    if (output) {
      cell.output = output;
      cell.bar.after(output);
      if (cell.stored) cell.stored.hidden = !storedShown;
    }
    say(cell, "Your version is back", { aloud: true });
    edit(cell).focus();
  };

  // ---- What a cell shows

  const inline = (text) =>
    text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
      if (part.startsWith("`") && part.length > 2) {
        return make("code", { className: "docutils literal notranslate" }, make("span", { className: "pre" }, part.slice(1, -1)));
      }
      return part.startsWith("**") && part.length > 4 ? make("strong", {}, part.slice(2, -2)) : part;
    });
  const scrolling = (child) => make("div", { className: "pst-scrollable-table-container run-scrolls" }, child);

  // Of Markdown, the tables that relubook makes; anything else is shown as it is written.
  const markdown = (text) => {
    const lines = text.trim().split("\n");
    if (!(lines.length > 1 && lines.every((line) => line.startsWith("|")))) return printed(text);
    const rows = lines.map((line) => line.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/).map((c) => c.trim().replaceAll("\\|", "|")));
    const sides = rows[1].map((rule) => (rule.endsWith(":") ? "text-right" : "text-left"));
    const row = (cells, kind) =>
      make("tr", {}, ...cells.map((c, i) => make(kind, { className: sides[i] ?? "" }, make("p", {}, ...inline(c)))));
    return scrolling(
      make("table", { className: "table" },
        make("thead", {}, row(rows[0], "th")), make("tbody", {}, ...rows.slice(2).map((cells) => row(cells, "td")))),
    );
  };

  // What check() prints is one sentence, broken for terminals; here the page breaks it, and gives it a sign.
  const VERDICT = /^(Exercise \d\d\.\d+: (?:correct|not yet)\..*(?:\n {4}.*)*)\n?/gm;
  const isCorrect = (verdict) => /^\S+ \S+ correct/.test(verdict);
  const withVerdicts = (text) =>
    text
      .split(VERDICT)
      .map((part, i) =>
        i % 2 ? make("span", { className: `run-verdict ${isCorrect(part) ? "run-right" : "run-wrong"}` }, part.replaceAll("\n    ", " ")) : part,
      );
  const printed = (text, kind = "") =>
    make("div", { className: `output stream ${kind}` }, make("div", { className: "highlight" }, make("pre", {}, ...withVerdicts(text))));

  const safe = (html) => {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    parsed.querySelectorAll("script, iframe, object, embed, form, link, meta, base, style").forEach((element) => element.remove());
    parsed.querySelectorAll("*").forEach((element) => {
      for (const { name, value } of [...element.attributes]) {
        // An id of the stored output would be there twice.
        if (/^on|^id$/i.test(name) || /^\s*javascript:/i.test(value)) element.removeAttribute(name);
      }
    });
    return make("div", { className: "output text_html" }, ...parsed.body.childNodes);
  };

  const picture = (cell, blob, { width, height }) => {
    const alt = cell.text === cell.original && cell.stored?.querySelector("img")?.alt;
    const image = make("img", { src: URL.createObjectURL(blob), alt: alt || `Figure drawn by your version of cell ${cell.number}` });
    if (width) Object.assign(image, { width, height });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    return make("div", { className: "output image" }, image);
  };

  const live = (cell, specification, plain) => {
    const paper = make("div", { className: "output run-live" }, printed(plain));
    const draw = async () => {
      const view = await vegaView(specification);
      const drawing = make("div");
      await view.description(`Figure drawn by your version of cell ${cell.number}`).initialize(drawing).runAsync();
      paper.replaceChildren(scrolling(drawing));
    };
    draw().catch(() => paper.append(make("p", {}, "The moving figure could not be drawn.")));
    return paper;
  };

  const rendered = (cell, output) => {
    if (output.kind === "error") return printed(output.text, "run-error");
    const { data } = output;
    if (data["application/vnd.vegalite.v5+json"]) return live(cell, data["application/vnd.vegalite.v5+json"], data["text/plain"]);
    if (data["image/svg+xml"]) return picture(cell, new Blob([data["image/svg+xml"]], { type: "image/svg+xml" }), output);
    if (data["image/png"]) {
      const bytes = Uint8Array.from(atob(data["image/png"]), (character) => character.charCodeAt(0));
      return picture(cell, new Blob([bytes], { type: "image/png" }), output);
    }
    if (data["text/html"]) return safe(data["text/html"]);
    if (data["text/markdown"]) return markdown(data["text/markdown"]);
    return printed(data["text/plain"]);
  };

  // What scrolls is reached with the keyboard.
  const reachable = (box) => {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  };

  const add = (cell, output) => {
    const place = newOutput(cell);
    const last = place.lastElementChild;
    if (output.kind === "stream" && last.output?.kind === "stream" && last.output.name === output.name) {
      last.output.text += output.text;
      const paper = last.querySelector("pre");
      if (output.text.includes("Exercise")) paper.replaceChildren(...withVerdicts(last.output.text));
      else paper.append(output.text);
      reachable(paper);
      return;
    }
    const element = output.kind === "stream" ? printed(output.text, output.name === "stderr" ? "run-stderr" : "") : rendered(cell, output);
    element.output = output;
    place.append(element);
    element.querySelectorAll(".run-scrolls, pre").forEach(reachable);
  };

  // The place of a cell's new outputs; the stored ones go out of sight, not away.
  const newOutput = (cell) => {
    if (!cell.output) {
      const head = make("div", { className: "run-head" }, make("strong", {}, "Your run"));
      cell.output = make("div", { className: "run-output cell_output" }, head);
      if (cell.stored) {
        cell.stored.hidden = true;
        const toggle = make("button", { type: "button", className: "run-button run-plain", ariaPressed: "false" }, "Stored output");
        toggle.addEventListener("click", () => {
          cell.stored.hidden = !cell.stored.hidden;
          toggle.ariaPressed = String(!cell.stored.hidden);
        });
        head.append(toggle);
      }
      cell.bar.after(cell.output);
    }
    return cell.output;
  };
  const emptyOutput = (cell) => {
    cell.output?.remove();
    cell.output = null;
    newOutput(cell);
  };

  // ---- Running

  const WHY = {
    file: "This page was opened from disk, where browsers start no Python: read it on the web or with “make serve” to run cells. The stored outputs stay.",
    old: "This browser lacks what Python on a page needs (workers and WebAssembly). The stored outputs stay.",
    unreachable: "Python could not be loaded: the connection failed. The stored outputs stay; press Run to try again.",
    altered: (name) => `Python was not started: ${name} is not the file that this site was built with. The stored outputs stay.`,
    memory: "There is not enough memory for Python on this page: close other pages, or run the chapter on your machine. The stored outputs stay.",
    stopped: "Stopped. The variables are gone; the next run starts afresh.",
    other: (name) => `Python stopped (${name}); its variables are gone, and the next run starts afresh.`,
  };
  const because = ({ why = "other", name, message }) => (typeof WHY[why] === "function" ? WHY[why](name ?? message) : WHY[why]);

  const STAGES = {
    starting: "Starting Python: usually 10 to 30 seconds, once on this page",
    unpacking: "Starting Python: unpacking NumPy and matplotlib",
  };

  let worker = null;
  let ready = null; // the promise that Python is there
  let loaded = false;
  let running = null; // the cell whose button was pressed
  let writing = null; // the cell whose outputs come
  let ended = () => {}; // to be told whether that cell came to its end
  let abandon = () => {}; // to be told why a run cannot go on
  const waiting = [];
  const ran = new Map(); // cell: the text that ran

  const end = () => {
    worker?.terminate();
    worker = ready = null;
    loaded = false;
    ran.clear();
  };

  const start = () => {
    ready ??= new Promise((resolve, reject) => {
      if (location.protocol === "file:") throw { why: "file" };
      if (!(window.Worker && window.WebAssembly && window.DecompressionStream)) throw { why: "old" };
      // A worker that the page makes itself keeps to the page's policy; one that is fetched would have none.
      const source = new Blob([`import ${JSON.stringify(new URL("run-worker.js", base))};`], { type: "text/javascript" });
      const mine = new Worker(URL.createObjectURL(source), { type: "module" });
      worker = mine;
      const fail = (reason) => {
        if (worker !== mine) return;
        end();
        reject(reason);
        abandon(reason);
      };
      mine.onerror = (event) => {
        event.preventDefault();
        if (!event.message) fail({ why: "unreachable" });
        else fail({ why: /memory/i.test(event.message) ? "memory" : "other", name: event.message });
      };
      mine.onmessage = ({ data }) => {
        if (worker !== mine) return;
        if (data.type === "progress" && running) say(running, `Loading Python: ${data.loaded} of ${data.total} MB`);
        else if (data.type === "stage" && running) say(running, STAGES[data.stage], { aloud: true });
        else if (data.type === "ready") {
          loaded = true;
          haveFetched();
          cells.forEach(show);
          resolve();
        } else if (data.type === "output") {
          if (writing === running || !writing.optional) add(writing, data.output);
        } else if (data.type === "done") ended(data.ended);
        else if (data.type === "failed") fail(data);
      };
      mine.postMessage({ type: "start", base: new URL("run/", base).href, list: new URL(`run/${list}`, base).href });
    });
    // Nothing that failed is kept: the next press tries again.
    ready.catch(() => (ready = null));
    return ready;
  };

  const execute = async (cell, quiet) => {
    writing = cell;
    const source = cell.text;
    if (!quiet) emptyOutput(cell);
    const whole = await new Promise((resolve) => {
      ended = resolve;
      worker.postMessage({ type: "run", number: cell.number, source, quiet });
    });
    if (whole) ran.set(cell, source);
    else ran.delete(cell);
    return whole;
  };

  // Cells before it run first, exercises and solutions excepted: no other cell needs their names, and
  // nobody's solution is run unasked. Cells that time something take long and run only for those that need them.
  const before = (cell) =>
    cells
      .slice(0, cells.indexOf(cell))
      .filter((other) => !other.apart && (!other.optional || cell.first.has(other.number)) && ran.get(other) !== other.text);

  // What a finished cell says: what its check found, if it has one.
  const outcome = (cell) => {
    const outputs = [...cell.output.children].flatMap((element) => element.output ?? []);
    const verdicts = outputs.flatMap(({ kind, text }) => (kind === "stream" ? [...text.matchAll(VERDICT)] : []));
    if (verdicts.length) return verdicts.every(([verdict]) => isCorrect(verdict)) ? "Correct" : "Not yet";
    return outputs.length ? "Done" : "Done. This cell prints nothing.";
  };

  const work = async (cell) => {
    await start();
    const earlier = before(cell);
    for (const [position, other] of earlier.entries()) {
      const which = earlier.length === 1 ? "the cell above" : `the ${earlier.length} cells above`;
      say(cell, `Running ${which} first: cell ${other.number}`, { aloud: position === 0 });
      // What a cell asserts about times may fail; the names that are needed are there by then.
      const whole = await execute(other, other.text === other.original);
      if (!whole && !other.optional) {
        return `Cell ${other.number}, which runs first, stopped with an error, shown there`;
      }
    }
    say(cell, "Running");
    const whole = await execute(cell, false);
    return whole ? outcome(cell) : "Stopped with an error";
  };

  const runNow = async (cell) => {
    running = cell;
    cell.undo = null;
    say(cell, loaded ? "Running" : ready ? "Starting Python" : "Loading Python", { aloud: true });
    const abandoned = new Promise((resolve) => {
      abandon = (reason) => resolve(because(reason));
    });
    const result = Promise.race([abandoned, work(cell).catch((reason) => because(reason))]);
    cells.forEach(show);
    const finished = await result;
    running = writing = null;
    say(cell, finished, { aloud: true, kind: { Correct: "run-right", "Not yet": "run-wrong" }[finished] });
    cells.forEach(show);
  };

  const run = async (cell) => {
    if (waiting.includes(cell) || running === cell) return;
    if (running) {
      waiting.push(cell);
      say(cell, `Waits for cell ${running.number}`, { aloud: true });
      show(cell);
      return;
    }
    for (let next = cell; next; next = waiting.shift()) await runNow(next);
  };

  const startAfresh = () => {
    waiting.splice(0).forEach((cell) => say(cell, ""));
    const cached = loaded;
    end();
    abandon({ why: "stopped" });
    // What it needs is in the browser's cache by now, unless it was stopped while it loaded.
    if (cached) start().catch(() => {});
  };
  const stop = (cell) => {
    const place = waiting.indexOf(cell);
    if (place >= 0) {
      waiting.splice(place, 1);
      say(cell, "");
      show(cell);
      return;
    }
    startAfresh();
    cell.buttons.run.hidden = false;
    cell.buttons.run.focus();
  };
  const restart = (cell) => {
    startAfresh();
    say(cell, "Python was restarted: its variables are gone, and earlier cells run again first", { aloud: true });
    cells.forEach(show);
    cell.buttons.run.focus();
  };

  // ---- Buttons

  const voice = make("p", { className: "run-voice", role: "status" });
  document.body.append(voice);
  const say = (cell, text, { aloud = false, kind = "" } = {}) => {
    cell.status.textContent = text;
    cell.status.className = `run-status ${kind}`;
    if (aloud) voice.textContent = `Cell ${cell.number}: ${text}`;
  };
  const show = (cell) => {
    const busy = running === cell;
    const queued = waiting.includes(cell);
    const { run: r, stop: s } = cell.buttons;
    const focused = document.activeElement;
    cell.status.classList.toggle("run-busy", busy);
    r.hidden = busy || queued;
    s.hidden = !r.hidden;
    s.textContent = queued ? "Cancel" : "Stop";
    s.ariaLabel = `${s.textContent} cell ${cell.number}`;
    // They take each other's place, and the focus with it.
    if (focused === r && r.hidden) s.focus();
    else if (focused === s && s.hidden) r.focus();
    cell.buttons.edit.hidden = Boolean(cell.area);
    const changed = cell.text !== cell.original;
    cell.buttons.back.hidden = busy || !changed;
    cell.buttons.close.hidden = busy || changed || !(cell.area || cell.output);
    cell.buttons.undo.hidden = busy || !cell.undo;
    cell.buttons.restart.hidden = busy || !loaded || !(cell.output || cell.area);
    cell.size.hidden = fetched || Boolean(ready);
  };

  const cells = [...document.querySelectorAll(".run-bar")].map((bar) => {
    const element = bar.closest(".cell");
    const code = element.querySelector(".cell_input");
    const original = code.querySelector("pre").textContent.replace(/\n$/, "");
    const cell = {
      element,
      code,
      original,
      text: original,
      number: Number(bar.dataset.number),
      bar,
      stored: element.querySelector(".cell_output"),
      optional: "optional" in bar.dataset,
      first: new Set((bar.dataset.optional ?? "").split(" ").map(Number)),
      apart: element.matches(".tag_exercise, .tag_solution"),
      status: make("span", { className: "run-status" }),
      size: make("span", { className: "run-size" }, `first run loads ${size} MB`),
      area: null,
      output: null,
      undo: null,
    };
    const button = (text, name, act) => {
      const made = make("button", { type: "button", className: "run-button", ariaLabel: name }, text);
      made.addEventListener("click", () => act(cell));
      return made;
    };
    cell.buttons = {
      run: button("Run", `Run cell ${cell.number}`, run),
      stop: button("Stop", `Stop cell ${cell.number}`, stop),
      edit: button("Edit", `Edit cell ${cell.number}`, open),
      back: button("Back to the original", `Back to the original of cell ${cell.number}`, backToOriginal),
      close: button("Close", `Close your run of cell ${cell.number}`, backToOriginal),
      undo: button("Undo", `Undo: your version of cell ${cell.number} again`, undo),
      restart: button("Restart", "Restart Python", restart),
    };
    const { run: r, stop: s, edit: e, back, close, undo: u, restart: again } = cell.buttons;
    cell.bar.append(r, s, cell.size, e, back, close, again, cell.status, u);
    code.addEventListener("dblclick", () => open(cell));
    show(cell);
    return cell;
  });
  for (const cell of cells) {
    const text = recall(cell);
    if (text === null || text === cell.original) continue;
    cell.text = text;
    edit(cell);
    say(cell, "Your version, from your last visit");
  }
})();
