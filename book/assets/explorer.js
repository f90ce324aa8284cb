// The explorer's page and its small forms: controls, pictures, the words that say what changes, the address.
(() => {
  "use strict";
  const family = globalThis.activationFamily;
  const math = globalThis.activationMath;
  const MOST_FUNCTIONS = 4;
  const PANELS = {
    value: "Value",
    derivative: "Slope (first derivative)",
    second: "Bend (second derivative)",
    normal: "How a normal input comes out",
    signal: "Variance of the signal, layer by layer",
    gradient: "Variance of the gradient, relative to the last layer",
  };
  // Settings of the whole explorer: label, lowest, highest, step, first value, and the panels that they matter to.
  const SETTINGS = {
    span: ["How far the axis reaches to both sides", 1, 20, 0.5, 5, ["value", "derivative", "second"]],
    mean: ["Mean of the input", -3, 3, 0.1, 0, ["normal"]],
    deviation: ["Standard deviation of the input", 0.1, 4, 0.1, 1, ["normal"]],
    layers: ["Layers", 2, math.MOST_LAYERS, 1, 32, ["signal", "gradient"]],
  };
  const OWN = "own";
  const OWN_START = "max(0, x) - a*sin(x)";
  const OWN_SLIDER = [-3, 3, 0.05];
  const { own: OWN_LOOKS } = globalThis.activationLooks;
  const OTHER_DASHES = [[1, 0], [8, 5], [2, 3], [12, 4, 2, 4]];
  let count = 0;

  // --- Words and numbers -------------------------------------------------------------------------------------------

  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const raised = (number) =>
    String(number).replace("-", "⁻").replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);

  const shown = (value, digits = 3) => {
    if (Number.isNaN(value)) return "not defined";
    if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
    if (Math.abs(value) < 1e-12 && digits < 12) return value === 0 || Math.abs(value) < 1e-300 ? "0" : power(value, digits);
    if (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3) return power(value, digits);
    return String(Number(value.toPrecision(digits))).replace("-", "−");
  };

  const power = (value, digits) => {
    if (value === 0) return "0";
    const [factor, exponent] = value.toExponential(digits - 1).split("e");
    return `${String(Number(factor)).replace("-", "−")} × 10${raised(Number(exponent))}`;
  };

  const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

  const decimals = (step) => (String(step).split(".")[1] ?? "").length;
  const atStep = (value, step) => value.toFixed(decimals(step)).replace("-", "−");

  // --- Elements ----------------------------------------------------------------------------------------------------

  const { make } = globalThis.bookTools;

  const draw = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const slider = (label, [low, high, step], value, onMove) => {
    const id = `explorer-${++count}`;
    const output = make("output", { htmlFor: id, ariaLive: "off" });
    const input = make("input", { id, type: "range", min: low, max: high, step, autocomplete: "off" });
    input.value = value;
    const say = () => {
      output.textContent = atStep(input.valueAsNumber, step);
      input.setAttribute("aria-valuetext", output.textContent);
    };
    say();
    input.addEventListener("input", () => {
      say();
      onMove(input.valueAsNumber);
    });
    return make("div", { className: "explorer-slider" }, make("label", { htmlFor: id }, label), output, input);
  };

  const chooser = (label, options, value, onChoose) => {
    const id = `explorer-${++count}`;
    const select = make("select", { id, autocomplete: "off" });
    for (const [key, words] of options) select.append(make("option", { value: key }, words));
    select.value = value;
    select.addEventListener("change", () => onChoose(select.value));
    return make("div", { className: "explorer-choice" }, make("label", { htmlFor: id }, label), select);
  };

  // --- State and address -------------------------------------------------------------------------------------------

  const familyFunction = (name) => ({
    name,
    values: Object.fromEntries(family[name].parameters.map((parameter) => [parameter.name, parameter.value])),
  });

  const ownFunction = (formula) => {
    const { names } = math.parse(formula);
    return { name: OWN, formula, typed: formula, values: Object.fromEntries(names.map((name) => [name, 1])) };
  };

  const firstState = () => ({
    functions: [familyFunction("relu"), familyFunction("gelu")],
    panels: Object.keys(PANELS),
    start: "he",
    ...Object.fromEntries(Object.entries(SETTINGS).map(([name, setting]) => [name, setting[4]])),
  });

  // A parameter's label: what it does, and what code and formula call it.
  const named = (name, symbol, said) => {
    const names = name === symbol ? name : `${name} ${symbol}`;
    return said ? `${said} (${names})` : names;
  };

  const slidersOf = (chosen) =>
    chosen.name === OWN
      ? Object.keys(chosen.values).map((name) => ({ name, symbol: name, slider: OWN_SLIDER, value: 1 }))
      : family[chosen.name].parameters;

  // encodeURIComponent, but for signs that an address may hold as they are.
  const inAddress = (text) =>
    encodeURIComponent(text).replace(/%2C|%2F|%2B|%3A/g, (code) => decodeURIComponent(code));

  const addressOf = (state) => {
    const first = firstState();
    const parts = state.functions.map((chosen) => {
      const values = slidersOf(chosen)
        .filter(({ name, value }) => chosen.values[name] !== value)
        .map(({ name }) => `;${inAddress(name)}=${Number(chosen.values[name].toPrecision(12))}`);
      return `f=${inAddress(chosen.name === OWN ? chosen.formula : chosen.name)}${values.join("")}`;
    });
    for (const name of Object.keys(SETTINGS)) if (state[name] !== first[name]) parts.push(`${name}=${state[name]}`);
    if (state.start !== first.start) parts.push(`start=${state.start}`);
    if (state.panels.length < first.panels.length) parts.push(`show=${state.panels.join(",")}`);
    return parts.join("&");
  };

  // The state that an address describes, and a sentence for each thing in it that could not be used.
  const fromAddress = (hash) => {
    const state = firstState();
    const problems = [];
    const functions = [];
    const within = (text, [low, high, step], name, instead) => {
      const number = Number(text);
      if (text.trim() === "" || !Number.isFinite(number)) {
        problems.push(`${name} is “${text}”, which is no number; it is ${shown(instead)} now`);
        return instead;
      }
      const kept = Math.min(high, Math.max(low, number));
      if (kept !== number) problems.push(`${name} goes from ${shown(low)} to ${shown(high)}; it is ${shown(kept)} now`);
      return step === 1 ? Math.round(kept) : kept;
    };
    const decoded = (text) => {
      try {
        return decodeURIComponent(text);
      } catch {
        problems.push("it holds a % that stands for nothing");
        return text;
      }
    };
    const addFunction = (text) => {
      const [what, ...values] = text.split(";").map(decoded);
      if (functions.length === MOST_FUNCTIONS) {
        problems.push(`there is room for ${MOST_FUNCTIONS} functions, so “${what}” is left out`);
        return;
      }
      let chosen;
      try {
        chosen = Object.hasOwn(family, what) ? familyFunction(what) : ownFunction(what);
        // A name that is only a parameter of itself is a function that this book lacks, not a constant.
        if (what in chosen.values) throw new Error("it is a single name and no x");
      } catch (error) {
        problems.push(`“${what}” is no function of the book and cannot be read as a formula: ${error.message}`);
        return;
      }
      for (const given of values) {
        const [name, value = ""] = given.split("=");
        const parameter = slidersOf(chosen).find((other) => other.name === name);
        if (parameter) chosen.values[name] = within(value, parameter.slider, name, parameter.value);
        else problems.push(`“${what}” has no parameter “${name}”`);
      }
      functions.push(chosen);
    };
    for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
      const [key, ...rest] = part.split("=");
      const value = rest.join("=");
      if (key === "f") addFunction(value);
      else if (Object.hasOwn(SETTINGS, key)) {
        const [, low, high, step, first] = SETTINGS[key];
        state[key] = within(value, [low, high, step], key, first);
      } else if (key === "start") {
        if (Object.hasOwn(math.STARTS, value)) state.start = value;
        else problems.push(`the start “${decoded(value)}” is not known; it is He’s now`);
      } else if (key === "show") {
        const known = value.split(",").filter((name) => Object.hasOwn(PANELS, name));
        if (known.length < value.split(",").length) problems.push("some of the pictures that it asks for do not exist");
        if (known.length) state.panels = known;
      } else problems.push(`“${decoded(key)}” means nothing here`);
    }
    if (functions.length) state.functions = functions;
    else if (hash.includes("f=")) problems.push("shown is what the explorer starts with");
    return { state, problems };
  };

  // --- What is computed, kept until it changes ---------------------------------------------------------------------

  const computed = new Map();
  const known = (chosen) => {
    const key = JSON.stringify([chosen.name, chosen.formula, chosen.values]);
    if (!computed.has(key)) {
      if (computed.size > 40) computed.clear();
      const own = chosen.name === OWN;
      const tree = own ? math.parse(chosen.formula).tree : math.familyTree(chosen.name);
      const given = own ? chosen.values : { ...family[chosen.name].constants, ...chosen.values };
      computed.set(key, { ...math.prepare(tree, given, own), layers: {} });
    }
    return computed.get(key);
  };
  const rangeOf = (f) => (f.range ??= math.rangeOf(f));
  const standard = (f) => (f.standard ??= math.moments(f));
  const layersOf = (f, start, layers) => (f.layers[start] = math.throughLayers(f, start, layers, f.layers[start]));

  const titleOf = (chosen) => {
    const title = chosen.name === OWN ? chosen.formula : family[chosen.name].title;
    const values = slidersOf(chosen).map(
      ({ name, symbol, slider: [, , step] }) => `${symbol} = ${atStep(chosen.values[name], step)}`,
    );
    return values.length ? `${title}, ${values.join(", ")}` : title;
  };

  // Colour and dashes of each curve; two never have the same dashes.
  const looksOf = (functions) => {
    const taken = [];
    let own = 0;
    return functions.map((chosen, index) => {
      const look = chosen.name === OWN ? OWN_LOOKS[own++ % OWN_LOOKS.length] : family[chosen.name];
      const free = (dash) => !taken.includes(String(dash));
      const dash = [look.dash, OTHER_DASHES[index], ...OTHER_DASHES].find(free);
      taken.push(String(dash));
      return { colour: look.colour, dash };
    });
  };

  // --- Pictures ----------------------------------------------------------------------------------------------------

  const [WIDTH, HEIGHT] = [320, 220];
  const BOX = { left: 54, right: 8, top: 8, bottom: 38 };

  const ticksOf = (low, high, most, whole) => {
    const raw = (high - low) / most;
    const scale = 10 ** Math.floor(Math.log10(raw));
    let step = [1, 2, 5, 10].find((factor) => factor * scale >= raw) * scale;
    if (whole) step = Math.max(1, Math.round(step));
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
    return ticks;
  };

  // Lines in one picture: x and y as arrays, a line broken where y is no number.
  const plot = ({ lines, looks, x: [left, right], y: [low, high], xTitle, yTitle, yLabel, whole, label }) => {
    const inner = { width: WIDTH - BOX.left - BOX.right, height: HEIGHT - BOX.top - BOX.bottom };
    const across = (value) => ((value - left) / (right - left)) * inner.width;
    const down = (value) => Math.min(2000, Math.max(-2000, (1 - (value - low) / (high - low)) * inner.height));
    const picture = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
    const paper = draw("svg", { x: BOX.left, y: BOX.top, width: inner.width, height: inner.height });
    const text = (words, x, y, anchor) => draw("text", { x, y, "text-anchor": anchor }, words);
    for (const tick of ticksOf(left, right, 6, whole)) {
      const x = BOX.left + across(tick);
      const line = { x1: x, x2: x, y1: BOX.top, y2: BOX.top + inner.height };
      picture.append(draw("line", { ...line, class: Math.abs(tick) < 1e-9 ? "explorer-zero" : "explorer-grid" }));
      picture.append(text(shown(tick), x, HEIGHT - BOX.bottom + 14, "middle"));
    }
    for (const tick of ticksOf(low, high, 5, yLabel)) {
      const y = BOX.top + down(tick);
      const line = { x1: BOX.left, x2: BOX.left + inner.width, y1: y, y2: y };
      picture.append(draw("line", { ...line, class: Math.abs(tick) < 1e-9 ? "explorer-zero" : "explorer-grid" }));
      picture.append(text(yLabel ? yLabel(tick) : shown(tick), BOX.left - 5, y + 4, "end"));
    }
    picture.append(text(xTitle, BOX.left + inner.width / 2, HEIGHT - 5, "middle"));
    if (yTitle) {
      const title = text(yTitle, -(BOX.top + inner.height / 2), 12, "middle");
      title.setAttribute("transform", "rotate(-90)");
      picture.append(title);
    }
    lines.forEach(({ x, y }, index) => {
      let path = "";
      let broken = true;
      for (let i = 0; i < x.length; i++) {
        if (!Number.isFinite(y[i])) broken = true;
        else {
          path += `${broken ? "M" : "L"}${across(x[i]).toFixed(2)} ${down(y[i]).toFixed(2)}`;
          broken = false;
        }
      }
      const { colour, dash } = looks[index];
      paper.append(draw("path", { d: path, stroke: colour, "stroke-dasharray": dash[1] ? dash.join(" ") : "none" }));
    });
    picture.append(paper);
    return picture;
  };

  // A span of values with some room, not less than `least` and not beyond `limits`.
  const around = (lines, least, [lowest, highest]) => {
    const values = lines.flatMap(({ y }) => [...y].filter(Number.isFinite));
    let low = Math.max(lowest, Math.min(0, ...values));
    let high = Math.min(highest, Math.max(0, ...values));
    const missing = Math.max(0, least - (high - low)) / 2;
    const room = 0.06 * Math.max(high - low, least);
    low -= missing + room;
    high += missing + room;
    return [low, high];
  };

  // Where a curve is drawn: evenly, and beside every kink, with a gap where it jumps.
  const pointsOf = (f, span) => {
    const even = Array.from({ length: 301 }, (_, i) => -span + (2 * span * i) / 300);
    const beside = f.kinks.filter((kink) => Math.abs(kink) < span).flatMap((kink) => [kink - 1e-7, kink, kink + 1e-7]);
    return Float64Array.from([...even.filter((x) => !beside.includes(x)), ...beside]).sort();
  };

  const curvesOf = (f, span) => {
    if (f.curves?.span === span) return f.curves;
    const x = pointsOf(f, span);
    const orders = math.evaluate(f.tree, x, f.given, 2);
    const kinks = new Set(f.kinks);
    for (const y of orders) {
      for (let i = 1; i + 1 < x.length; i++) {
        if (kinks.has(x[i]) && Math.abs(y[i + 1] - y[i - 1]) > 1e-4 * (1 + Math.abs(y[i - 1]))) y[i] = NaN;
      }
    }
    f.curves = { span, x, orders };
    return f.curves;
  };

  const DRAW = {};
  ["value", "derivative", "second"].forEach((panel, order) => {
    DRAW[panel] = ({ span }, fs) => {
      const lines = fs.map((f) => {
        const { x, orders } = curvesOf(f, span);
        return { x, y: orders[order] };
      });
      const limits = order ? [-4, 4] : [-span, span];
      return { lines, x: [-span, span], y: around(lines, 0.5, limits), xTitle: "input x" };
    };
  });

  DRAW.normal = ({ mean, deviation }, fs) => {
    // Wide enough for nearly all values, with 0 at the border of two bins.
    const ends = fs.flatMap((f) => [
      ...math.evaluate(f.tree, [-2.6, -1.5, -0.7, 0, 0.7, 1.5, 2.6].map((z) => mean + deviation * z), f.given, 0)[0],
    ]).filter(Number.isFinite);
    let [low, high] = [Math.max(-20, Math.min(0, ...ends)), Math.min(20, Math.max(0, ...ends))];
    if (high - low < 0.2) [low, high] = [low - 0.1, high + 0.1];
    const width = (high - low) / 40;
    low = (Math.floor(low / width) - 1) * width;
    const bins = 43;
    let highest = 0;
    const lines = fs.map((f) => {
      const shares = math.histogram(f, mean, deviation, low, width, bins);
      highest = Math.max(highest, ...shares);
      const [x, y] = [[low], [0]];
      shares.forEach((share, bin) => {
        x.push(low + bin * width, low + (bin + 1) * width);
        y.push(100 * share, 100 * share);
      });
      x.push(low + bins * width);
      y.push(0);
      return { x, y };
    });
    const top = Math.max(1, 105 * highest);
    return { lines, x: [low, low + bins * width], y: [0, top], xTitle: "output", yTitle: "% of the inputs in a bin" };
  };

  const inLog = (values) => values.map((value) => (value > 1e-300 && value < 1e300 ? Math.log10(value) : NaN));
  const layerPlot = (layers, rows) => {
    const lines = rows.map((values) => ({ x: values.map((_, i) => i + 1), y: inLog(values) }));
    const y = around(lines, 2, [-40, 40]);
    return { lines, x: [1, layers], y, xTitle: "layer", yTitle: "variance", yLabel: (tick) => `10${raised(tick)}`, whole: true };
  };
  DRAW.signal = ({ layers, start }, fs) =>
    layerPlot(layers, fs.map((f) => layersOf(f, start, layers).signal.slice(0, layers)));
  DRAW.gradient = ({ layers, start }, fs) =>
    layerPlot(layers, fs.map((f) => math.gradientOf(layersOf(f, start, layers).factors, layers)));

  // --- Words -------------------------------------------------------------------------------------------------------

  const has = (state, ...panels) => panels.some((panel) => state.panels.includes(panel));

  const sentences = (chosen, state) => {
    const f = known(chosen);
    const said = [];
    const { lower, upper } = chosen.values;
    // The mean of the two is drawn all the same.
    if (chosen.name === "rrelu" && lower > upper) said.push("its lower bound is above its upper one, which no library accepts");
    if (has(state, "value", "derivative", "second")) {
      const { low, high, steepest, lowest, undefinedAt } = rangeOf(f);
      const range = low === high ? `always ${shown(low)}` : `values from ${shown(low)} to ${shown(high)}`;
      said.push(lowest ? `${range}, lowest at x = ${shown(lowest[0])}` : range);
      if (has(state, "derivative")) said.push(Number.isFinite(steepest) ? `steepest slope ${shown(steepest)}` : "no steepest slope");
      if (undefinedAt !== undefined) said.push(`not defined everywhere, as at x = ${shown(undefinedAt)}`);
    }
    if (has(state, "normal")) {
      const { mean, variance } = math.moments(f, state.mean, state.deviation);
      const plain = state.mean === 0 && state.deviation === 1;
      const input = plain ? "a standard normal input" : `an input of mean ${shown(state.mean)} and standard deviation ${shown(state.deviation)}`;
      said.push(
        Number.isNaN(mean)
          ? `what comes out of ${input} is not defined`
          : `${input} comes out with mean ${shown(Math.abs(mean) < 1e-12 ? 0 : mean)} and variance ${shown(variance)}`,
      );
    }
    if (has(state, "signal", "gradient") && Number.isNaN(standard(f).second)) {
      said.push("its gain, and the variances in the layers, are not defined");
    } else if (has(state, "signal", "gradient")) {
      const { signal, factors } = layersOf(f, state.start, state.layers);
      said.push(`its own gain is ${shown(1 / Math.sqrt(standard(f).second), 4)}`);
      const last = signal[state.layers - 1];
      const first = math.gradientOf(factors, state.layers)[0];
      const times = (ratio, layer) => {
        if (!Number.isFinite(ratio)) return "a variance too large to compute";
        if (Math.abs(ratio - 1) < 1e-9) return `the same variance as in layer ${layer}`;
        return `${shown(ratio)} times the variance it has in layer ${layer}`;
      };
      const parts = [];
      if (has(state, "signal")) parts.push(`the signal in layer ${state.layers} has ${times(last, 1)}`);
      if (has(state, "gradient")) parts.push(`the gradient in layer 1 has ${times(first, state.layers)}`);
      said.push(parts.join(", and "));
    }
    return `${titleOf(chosen)}: ${said.join("; ")}.`;
  };

  // --- An explorer -------------------------------------------------------------------------------------------------

  // What a first view shows is computed in pieces, so that the page answers its reader meanwhile.
  const computeFirst = async (state) => {
    const waitForOthers = () => new Promise((resolve) => setTimeout(resolve));
    const pieces = [];
    if (has(state, "value", "derivative", "second")) pieces.push((f) => curvesOf(f, state.span), rangeOf);
    if (has(state, "signal", "gradient")) {
      pieces.push(standard);
      for (let layers = 8; layers <= state.layers; layers += 8) pieces.push((f) => layersOf(f, state.start, layers));
    }
    for (const chosen of state.functions) {
      const f = known(chosen);
      for (const piece of pieces) {
        await waitForOthers();
        piece(f);
      }
    }
    await waitForOthers();
  };

  // Puts an explorer into `root`. A small one has fixed functions and pictures, and sliders for what they depend on.
  const build = (root, begin, { small = false, problems = [], onState = () => {} } = {}) => {
    let state = begin;
    let waiting = {};
    const later = (name, milliseconds, action) => {
      clearTimeout(waiting[name]);
      waiting[name] = setTimeout(action, milliseconds);
    };
    const rows = make("div", { className: "explorer-functions" });
    const adder = make("button", { type: "button", className: "explorer-button" }, "Add a function");
    const note = make("p", { className: "explorer-note", role: "status" });
    const words = make("ul", { className: "explorer-words", ariaLive: "polite" });
    const boxes = {};
    const preview = make("div", { className: "explorer-paper explorer-preview", ariaHidden: "true" });

    const swatchOf = ({ colour, dash }) => {
      const line = { x1: 1, x2: 35, y1: 5, y2: 5, stroke: colour, "stroke-dasharray": dash[1] ? dash.join(" ") : "none" };
      return draw("svg", { viewBox: "0 0 36 10", class: "explorer-swatch", "aria-hidden": "true" }, draw("line", line));
    };

    const redraw = () => {
      const fs = state.functions.map(known);
      const looks = looksOf(state.functions);
      const titles = state.functions.map(titleOf);
      for (const panel of state.panels) {
        const label = `${PANELS[panel]} of ${list(titles)}; the numbers stand in the list after the pictures`;
        const legend = make("ul", { className: "explorer-legend", ariaHidden: "true" });
        titles.forEach((title, index) => legend.append(make("li", {}, swatchOf(looks[index]), title)));
        boxes[panel].replaceChildren(plot({ looks, label, ...DRAW[panel](state, fs) }), legend);
      }
      // A copy of the first picture, which the style sheet shows where the pictures are below the controls.
      preview.replaceChildren(boxes[state.panels[0]].firstChild.cloneNode(true));
    };

    const speak = () => {
      while (words.children.length > state.functions.length) words.lastChild.remove();
      state.functions.forEach((chosen, index) => {
        const sentence = sentences(chosen, state);
        const line = words.children[index] ?? words.appendChild(make("li"));
        // Only what has changed is read out.
        if (line.textContent !== sentence) line.textContent = sentence;
      });
      words.ariaBusy = "false";
    };

    const changed = () => {
      waiting.frame ??= requestAnimationFrame(() => {
        waiting.frame = undefined;
        redraw();
      });
      // Neither at every step of a slider: words are read out, and browsers limit how often an address may change.
      words.ariaBusy = "true";
      later("words", 400, speak);
      later("address", 300, () => onState(addressOf(state)));
    };

    const parameterSliders = (chosen, prefix = "") =>
      slidersOf(chosen).map(({ name, symbol, words: said, slider: stops }) =>
        slider(`${prefix}${named(name, symbol, said)}`, stops, chosen.values[name], (value) => {
          chosen.values[name] = value;
          changed();
        }),
      );

    const settings = (names) =>
      names.map((name) => {
        const [label, low, high, step] = SETTINGS[name];
        return slider(label, [low, high, step], state[name], (value) => {
          state[name] = value;
          changed();
        });
      });

    const startChooser = () =>
      chooser("Start of the weights", Object.entries(math.STARTS).map(([key, [label]]) => [key, label]), state.start, (start) => {
        state.start = start;
        changed();
      });

    // One function: what it is, its sliders, and a field for a formula of one's own.
    const row = (index) => {
      const box = make("fieldset", { className: "explorer-function" });
      const details = make("div");
      const fill = () => {
        const chosen = state.functions[index];
        details.replaceChildren(...(chosen.name === OWN ? ownField(chosen, details) : parameterSliders(chosen)));
      };
      const options = [...Object.entries(family).map(([name, { title }]) => [name, title]), [OWN, "a formula of your own"]];
      const chosen = state.functions[index];
      const choice = chooser("Function", options, chosen.name, (name) => {
        state.functions[index] = name === OWN ? ownFunction(OWN_START) : familyFunction(name);
        fill();
        changed();
      });
      const pick = make("div", { className: "explorer-pick" }, choice);
      box.append(make("legend", {}, `Function ${index + 1}`), pick, details);
      if (state.functions.length > 1) {
        const remove = make("button", { type: "button", className: "explorer-button" }, "×");
        remove.ariaLabel = remove.title = `Remove function ${index + 1}`;
        remove.addEventListener("click", () => {
          state.functions.splice(index, 1);
          fillRows();
          rows.querySelectorAll("select")[Math.min(index, state.functions.length - 1)].focus();
          changed();
        });
        pick.append(remove);
      }
      fill();
      return box;
    };

    const ownField = (chosen, details) => {
      const id = `explorer-${++count}`;
      const input = make("input", {
        id, type: "text", value: chosen.typed, autocomplete: "off", autocapitalize: "off", spellcheck: false,
      });
      input.setAttribute("aria-describedby", `${id}-fault`);
      const fault = make("p", { id: `${id}-fault`, className: "explorer-fault", ariaLive: "polite" });
      const sliders = make("div");
      sliders.append(...parameterSliders(chosen));
      const complain = (error) => {
        const before = input.value.slice(0, error.at);
        const place = input.value.slice(error.at, error.at + error.length);
        const after = input.value.slice(error.at + error.length);
        fault.replaceChildren(
          `${error.message[0].toUpperCase()}${error.message.slice(1)}. It is at character ${error.at + 1}: `,
          make("code", {}, before, make("mark", {}, place || " "), after),
          " The pictures still show the last formula that could be read.",
        );
      };
      const use = () => {
        chosen.typed = input.value;
        clearTimeout(waiting.fault);
        try {
          const { names } = math.parse(input.value);
          if (names.length > 4) throw new math.FormulaError(`there is room for 4 names of your own; ${list(names)} are ${names.length}`, 0);
          const before = Object.keys(chosen.values);
          chosen.formula = input.value;
          chosen.values = Object.fromEntries(names.map((name) => [name, chosen.values[name] ?? 1]));
          if (String(before) !== String(names)) sliders.replaceChildren(...parameterSliders(chosen));
          input.removeAttribute("aria-invalid");
          fault.replaceChildren();
          changed();
        } catch (error) {
          if (!(error instanceof math.FormulaError)) throw error;
          // Not at every key: a formula that is being typed is wrong most of the time.
          later("fault", 500, () => {
            input.setAttribute("aria-invalid", "true");
            complain(error);
          });
        }
      };
      input.addEventListener("input", use);
      // The row may have been built anew around a formula that was faulty already.
      if (chosen.typed !== chosen.formula) use();
      return [
        make("div", { className: "explorer-choice" }, make("label", { htmlFor: id }, "Formula in x"), input),
        fault,
        sliders,
      ];
    };

    const fillRows = () => {
      rows.replaceChildren(...state.functions.map((_, index) => row(index)));
      adder.hidden = state.functions.length === MOST_FUNCTIONS;
    };
    adder.addEventListener("click", () => {
      const used = state.functions.map(({ name }) => name);
      state.functions.push(familyFunction(["relu", "gelu", "silu", "elu", "tanh"].find((name) => !used.includes(name))));
      fillRows();
      rows.lastChild.querySelector("select").focus();
      changed();
    });

    const figureOf = (panel) => {
      boxes[panel] = make("div", { className: "explorer-paper" });
      return make("figure", { className: "explorer-panel" }, make("figcaption", {}, PANELS[panel]), boxes[panel]);
    };
    const group = (title, panels, controls) => {
      const shownPanels = panels.filter((panel) => has(state, panel));
      if (!shownPanels.length) return [];
      const pictures = make("div", { className: "explorer-panels" }, ...shownPanels.map(figureOf));
      return [make("section", {}, make("h2", {}, title), make("div", { className: "explorer-settings" }, ...controls), pictures)];
    };

    // The page's contents name the parts that only the script makes.
    const fillContents = () => {
      const contents = document.querySelector(".page-toc > ul");
      contents.querySelectorAll(".explorer-entry").forEach((entry) => entry.remove());
      const entries = [...root.querySelectorAll("h2")].map((heading) => {
        heading.id = heading.textContent.toLowerCase().replace(/[^a-z]+/g, "-");
        const link = make("a", { className: "reference internal nav-link", href: `#${heading.id}` }, heading.textContent);
        return make("li", { className: "toc-h2 nav-item toc-entry explorer-entry" }, link);
      });
      contents.prepend(...entries);
    };

    const fillPage = () => {
      const copy = make("button", { type: "button", className: "explorer-button" }, "Copy this view’s address");
      const again = make("button", { type: "button", className: "explorer-button" }, "Start again");
      const address = make("input", { type: "text", readOnly: true, hidden: true, ariaLabel: "Address of this view" });
      copy.addEventListener("click", async () => {
        onState(addressOf(state));
        address.value = location.href;
        try {
          await navigator.clipboard.writeText(location.href);
          note.textContent = "The address has been copied. Whoever opens it sees what you see.";
        } catch {
          address.hidden = false;
          address.select();
          note.textContent = "This browser does not let a page copy. The address is selected: copy it with your keyboard.";
        }
      });
      again.addEventListener("click", () => {
        state = firstState();
        clearTimeout(waiting.address);
        note.textContent = "Everything is as at the start.";
        fill();
        onState("");
      });
      const controls = [rows, make("div", { className: "explorer-buttons" }, adder, copy, again, address), note, preview];
      const results = [
        ...group("Value, slope, bend", ["value", "derivative", "second"], settings(["span"])),
        ...group("A normal input", ["normal"], settings(["mean", "deviation"])),
        ...group("Through the layers", ["signal", "gradient"], [...settings(["layers"]), startChooser()]),
        make("section", {}, make("h2", {}, "In numbers"), words),
      ];
      root.replaceChildren(
        make("div", { className: "explorer-controls" }, ...controls),
        make("div", { className: "explorer-results" }, ...results),
      );
      fillContents();
    };

    const fillSmall = () => {
      const several = state.functions.filter((chosen) => slidersOf(chosen).length).length > 1;
      const moved = Object.keys(SETTINGS).filter((name) => name !== "span" && has(state, ...SETTINGS[name][5]));
      const controls = make(
        "div",
        { className: "explorer-settings" },
        ...state.functions.flatMap((chosen) =>
          parameterSliders(chosen, several && chosen.name !== OWN ? `${family[chosen.name].title}: ` : ""),
        ),
        ...settings(moved),
        ...(has(state, "signal", "gradient") ? [startChooser()] : []),
      );
      root.classList.toggle("explorer-one", state.panels.length === 1);
      root.replaceChildren(
        make("div", { className: "explorer-panels" }, ...state.panels.map(figureOf)),
        make("div", {}, controls, words),
      );
    };

    const fill = () => {
      if (small) fillSmall();
      else {
        fillRows();
        fillPage();
      }
      redraw();
      speak();
    };
    if (problems.length) note.textContent = `Not all of this address could be used: ${problems.join("; ")}.`;
    fill();
  };

  const startPage = (root) => {
    let written, latest;
    const open = async () => {
      // An address that leads to a part of the page, such as a heading, is none of an explorer's.
      const hash = location.hash.includes("=") ? location.hash : "";
      const { state, problems } = fromAddress(hash);
      latest = state;
      await computeFirst(state);
      // The reader may have gone on to another address.
      if (latest !== state) return;
      build(root, state, {
        problems,
        onState: (address) => {
          written = address && `#${address}`;
          history.replaceState(history.state, "", written || location.pathname + location.search);
        },
      });
    };
    addEventListener("hashchange", () => {
      // A link to a part of the page changes nothing that a reader has set.
      if (location.hash !== written && (location.hash === "" || location.hash.includes("="))) open();
    });
    return open();
  };

  const startSmall = async (root) => {
    const words = root.querySelector("a");
    const { state } = fromAddress(new URL(words.href).hash);
    await computeFirst(state);
    const focused = document.activeElement === words;
    // A new link, since one that is moved counts as a page that jumps.
    const link = words.cloneNode();
    link.textContent = "Open in the explorer";
    const place = make("div", { className: "explorer explorer-small" });
    const caption = make("p", { className: "explorer-caption" }, ...words.childNodes);
    root.replaceChildren(caption, place, make("p", {}, link));
    if (focused) link.focus({ preventScroll: true });
    build(place, state, {
      small: true,
      onState: (address) => {
        link.hash = address;
      },
    });
  };

  globalThis.activationExplorer = {
    start: (root) => (root.classList.contains("explorer-inline") ? startSmall(root) : startPage(root)),
    fromAddress, addressOf,
  };
})();
