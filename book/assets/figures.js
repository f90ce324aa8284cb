// Figures that answer to sliders. Until a slider is touched there is a still picture and nothing is loaded;
// then Vega draws the same specification and follows. A line of text says what has changed.
(() => {
  "use strict";
  const { loadVega, vegaView } = globalThis.bookTools;

  const draw = async (specification, still, alt) => {
    const view = await vegaView(specification);
    const picture = document.createElement("div");
    picture.className = "live-figure-picture";
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", alt);
    // As large as the still picture, so that nothing below it moves; fonts may make Vega's a little different.
    picture.style.width = `${still.getAttribute("width")}px`;
    picture.style.aspectRatio = `${still.getAttribute("width")} / ${still.getAttribute("height")}`;
    // A place of its own for Vega, which describes itself on the element it is given.
    const paper = document.createElement("div");
    paper.setAttribute("aria-hidden", "true");
    picture.append(paper);
    await view.initialize(paper).runAsync();
    still.replaceWith(picture);
    return view;
  };

  const inText = (number) => String(Number(number.toPrecision(3))).replace("-", "−");

  const shown = (value, step) => {
    const decimals = (String(step).split(".")[1] ?? "").length;
    return Number(value).toFixed(decimals).replace("-", "−");
  };

  // A curve in words: its ends, and its lowest and highest point where these are neither.
  const curveInWords = (points) => {
    const ordered = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)).sort((a, b) => a.x - b.x);
    if (!ordered.length) return "not drawn";
    // What is too small to be seen is left of rounding, as at the roots of a sine.
    const scale = Math.max(...ordered.map(({ y }) => Math.abs(y)));
    const at = ({ x, y }) => `${inText(Math.abs(y) < 1e-4 * scale ? 0 : y)} at ${inText(x)}`;
    const [first, last] = [ordered[0], ordered.at(-1)];
    const lowest = ordered.reduce((a, b) => (b.y < a.y ? b : a));
    const highest = ordered.reduce((a, b) => (b.y > a.y ? b : a));
    const between = (name, point) =>
      point.y === first.y || point.y === last.y ? "" : `, ${name} ${at(point)}`;
    return `from ${at(first)} to ${at(last)}${between("lowest", lowest)}${between("highest", highest)}`;
  };

  const FEW = 3;

  // What is drawn, in words: every curve, and dots and texts in the picture where they are few.
  const pictureInWords = (view, specification) => {
    const fields = (specification.layer ?? [specification])
      .map(({ encoding: { x, y, color } = {} }) => {
        // An axis whose labels are powers of ten is read out as it is labelled.
        const powers = String(x?.axis?.labelExpr).includes("pow(10, datum.value)");
        return [x?.field, y?.field, color?.field, powers];
      })
      .filter(([x, y]) => x && y);
    const fieldsOf = (datum) => fields.find(([x, y]) => x in datum && y in datum);
    const curves = new Map();
    const dots = [];
    const texts = [];
    const visit = (mark) => {
      for (const item of mark.items ?? []) {
        if (mark.marktype === "group") item.items.forEach(visit);
        else if (mark.role !== "mark") continue;
        else if (mark.marktype === "text" && item.text) texts.push(String(item.text));
        else if (["line", "symbol"].includes(mark.marktype) && item.datum) {
          const found = fieldsOf(item.datum);
          if (!found) continue;
          const [x, y, colour, powers] = found;
          const point = { x: powers ? 10 ** item.datum[x] : item.datum[x], y: item.datum[y] };
          if (mark.marktype === "symbol") dots.push(`a dot at ${inText(point.x)}, ${inText(point.y)}`);
          else {
            const name = item.datum[colour] ?? "the curve";
            if (!curves.has(name)) curves.set(name, []);
            curves.get(name).push(point);
          }
        }
      }
    };
    visit(view.scenegraph().root);
    const lines = [...curves].map(([name, points]) => `${name}: ${curveInWords(points)}`);
    return [lines, ...[dots, texts].filter(({ length }) => length <= FEW)].flat().join("; ");
  };

  const addSliders = (figure, index) => {
    const specification = JSON.parse(figure.querySelector("script").textContent);
    const still = figure.closest(".cell_output").querySelector("img");
    const line = figure.querySelector(".live-figure-still");
    const values = {};
    const names = [];
    let view;
    let waiting;

    // Only what is there when a slider comes to rest is read out.
    const speak = (drawn) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const set = names.map(({ label, input, step }) => `${label} is ${shown(input.value, step)}`).join(", ");
        const words = pictureInWords(drawn, specification);
        line.textContent = `${set}. ${words ? `${words}.` : "The picture has followed."}`;
      }, 400);
    };

    const follow = async () => {
      if (!view) line.textContent = "The moving picture is being loaded.";
      try {
        view ??= draw(specification, still, figure.dataset.alt);
        const drawn = await view;
        for (const [name, value] of Object.entries(values)) drawn.signal(name, value);
        await drawn.runAsync();
        speak(drawn);
      } catch (error) {
        // The next move tries again.
        view = undefined;
        line.textContent = `The moving picture is not available: ${error.message}.`;
      }
    };

    const controls = specification.params
      .filter((param) => param.bind?.input === "range")
      .map((param) => {
        const { min, max, step, name } = param.bind;
        // Vega must not make a second slider of its own.
        delete param.bind;
        const row = document.createElement("div");
        const label = document.createElement("label");
        const input = document.createElement("input");
        const output = document.createElement("output");
        const say = () => {
          output.textContent = shown(input.value, step);
          input.setAttribute("aria-valuetext", output.textContent);
        };
        input.id = `live-figure-${index}-${param.name}`;
        Object.assign(input, { type: "range", min, max, step, autocomplete: "off" });
        input.value = param.value;
        label.htmlFor = input.id;
        label.textContent = name;
        output.setAttribute("for", input.id);
        // The slider says its own value; twice would be once too often.
        output.setAttribute("aria-live", "off");
        say();
        input.addEventListener("pointerdown", () => loadVega().catch(() => {}), { once: true });
        input.addEventListener("input", () => {
          say();
          values[param.name] = input.valueAsNumber;
          follow();
        });
        names.push({ label: name, input, step });
        row.className = "live-figure-slider";
        row.append(label, input, output);
        return row;
      });
    line.setAttribute("aria-live", "polite");
    line.textContent = "Move a slider: the picture follows, and this line says what it shows.";
    figure.prepend(...controls);
  };

  document.querySelectorAll(".live-figure").forEach(addSliders);
})();
