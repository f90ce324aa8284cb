// The arithmetic of the explorer: formulas from text, their first two derivatives, normal inputs, layers.
// Nothing here touches the page. Formulas become trees that are walked, so no code is made from text.
(() => {
  "use strict";
  const family = globalThis.activationFamily;

  class FormulaError extends Error {
    constructor(message, at, length = 1) {
      super(message);
      this.at = at;
      this.length = length;
    }
  }

  // --- Functions of one number: each leaves value, first and second derivative in f0, f1, f2 ---------------------

  let f0, f1, f2;
  const set = (value, first, second) => {
    f0 = value;
    f1 = first;
    f2 = second;
  };
  const logistic = (u) => (u >= 0 ? 1 / (1 + Math.exp(-u)) : Math.exp(u) / (1 + Math.exp(u)));

  const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

  // erfc for u >= 2.5 by its continued fraction.
  const farErfc = (u) => {
    if (u > 27.5) return 0;
    let fraction = u;
    for (let k = 70; k > 0; k--) fraction = u + k / 2 / fraction;
    return (TWO_OVER_ROOT_PI / 2) * Math.exp(-u * u) / fraction;
  };

  // erf for |u| < 2.5 by a series whose terms have all the same sign.
  const nearErf = (u) => {
    let term = u;
    let sum = u;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * u * u) / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_ROOT_PI * Math.exp(-u * u) * sum;
  };

  const erf = (u) => (Math.abs(u) < 2.5 ? nearErf(u) : Math.sign(u) * (1 - farErfc(Math.abs(u))));
  const erfc = (u) => (u >= 2.5 ? farErfc(u) : u <= -2.5 ? 2 - farErfc(-u) : 1 - nearErf(u));

  const UNARY = {
    exp: (u) => set(Math.exp(u), Math.exp(u), Math.exp(u)),
    expm1: (u) => set(Math.expm1(u), Math.exp(u), Math.exp(u)),
    log: (u) => set(Math.log(u), 1 / u, -1 / (u * u)),
    log1p: (u) => set(Math.log1p(u), 1 / (1 + u), -1 / ((1 + u) * (1 + u))),
    sqrt: (u) => set(Math.sqrt(u), 0.5 / Math.sqrt(u), -0.25 / (u * Math.sqrt(u))),
    abs: (u) => set(Math.abs(u), Math.sign(u), 0),
    sign: (u) => set(Math.sign(u), 0, 0),
    sin: (u) => set(Math.sin(u), Math.cos(u), -Math.sin(u)),
    cos: (u) => set(Math.cos(u), -Math.sin(u), -Math.cos(u)),
    tanh: (u) => {
      const small = Math.exp(-2 * Math.abs(u));
      const slope = (4 * small) / ((1 + small) * (1 + small));
      set(Math.tanh(u), slope, -2 * Math.tanh(u) * slope);
    },
    sigmoid: (u) => {
      const s = logistic(u);
      const rest = logistic(-u);
      set(s, s * rest, s * rest * (rest - s));
    },
    softplus: (u) => {
      const s = logistic(u);
      set(Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u))), s, s * logistic(-u));
    },
    erf: (u) => {
      const slope = TWO_OVER_ROOT_PI * Math.exp(-u * u);
      set(erf(u), slope, -2 * u * slope);
    },
    erfc: (u) => {
      const slope = -TWO_OVER_ROOT_PI * Math.exp(-u * u);
      set(erfc(u), slope, -2 * u * slope);
    },
  };
  const SEVERAL = { max: [2, 9], min: [2, 9], clip: [3, 3], pow: [2, 2], where: [3, 3] };
  const OTHER_NAMES = {
    Abs: "abs", fabs: "abs", absolute: "abs", maximum: "max", minimum: "min", power: "pow", Max: "max", Min: "min",
    logistic: "sigmoid", ln: "log",
  };
  const CONSTANTS = { pi: Math.PI, π: Math.PI, e: Math.E };
  const COMPARE = {
    "<": (a, b) => a < b,
    "<=": (a, b) => a <= b,
    ">": (a, b) => a > b,
    ">=": (a, b) => a >= b,
    "==": (a, b) => a === b,
    "!=": (a, b) => a !== b,
  };
  const ALLOWED = [...Object.keys(UNARY), ...Object.keys(SEVERAL), "Piecewise"];

  // --- From text to a tree ---------------------------------------------------------------------------------------

  const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|((?:(?:np|numpy|math|torch)\.)?[\p{L}_][\p{L}\p{N}_]*)|(\*\*|<=|>=|==|!=|[-+*/^(),<>−·×≤≥]))/uy;
  const SIGNS = { "−": "-", "·": "*", "×": "*", "^": "**", "≤": "<=", "≥": ">=" };

  const tokens = (text) => {
    const found = [];
    TOKEN.lastIndex = 0;
    while (text.slice(TOKEN.lastIndex).trim()) {
      const start = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (!match) {
        const at = start + text.slice(start).search(/\S/);
        const sign = String.fromCodePoint(text.codePointAt(at));
        const instead = { "|": "; for |x| write abs(x)", "√": "; for a root write sqrt(x)" }[sign] ?? "";
        throw new FormulaError(`“${sign}” has no meaning in a formula${instead}`, at);
      }
      const [whole, number, name, sign] = match;
      const word = number ?? name ?? sign;
      const at = start + whole.length - word.length;
      if (number) found.push({ kind: "number", word, value: Number(number), at });
      else if (name) found.push({ kind: "name", word: name.replace(/^\w+\./, ""), at, length: name.length });
      else found.push({ kind: SIGNS[sign] ?? sign, word, at });
    }
    found.push({ kind: "end", word: "", at: text.length });
    return found;
  };

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const isOne = (node) => node.op === "number" && node.value === 1;
  const call = (name, ...args) => ({ op: "call", name, args });
  const isCall = (node, name) => node.op === "call" && node.name === name;
  // u where a node is 1 + name(u), in either order.
  const onePlus = (node, name) => {
    if (node.op !== "+") return undefined;
    if (isOne(node.a) && isCall(node.b, name)) return node.b.args[0];
    if (isOne(node.b) && isCall(node.a, name)) return node.a.args[0];
    return undefined;
  };

  // The same function in a form that neither overflows nor loses its last digits.
  const stable = (node) => {
    if (node.op === "/") {
      const u = onePlus(node.b, "exp");
      if (u && isCall(node.a, "exp") && same(node.a.args[0], u)) return call("sigmoid", u);
      if (u) return { op: "*", a: node.a, b: call("sigmoid", u.op === "negative" ? u.a : { op: "negative", a: u }) };
    }
    if (isCall(node, "log")) {
      const u = onePlus(node.args[0], "exp");
      if (u) return call("softplus", u);
    }
    if (node.op === "-" && isCall(node.a, "exp") && isOne(node.b)) return call("expm1", node.a.args[0]);
    const u = onePlus(node, "erf");
    return u ? call("erfc", { op: "negative", a: u }) : node;
  };

  const trees = {};
  const familyTree = (name) => (trees[name] ??= parse(family[name].formula).tree);

  // Returns the tree, and the names in it that are numbers still to be given.
  function parse(text) {
    const list = tokens(text);
    const names = [];
    let position = 0;
    const next = () => list[position];
    const take = (kind) => (next().kind === kind ? list[position++] : undefined);
    const fail = (message, token = next()) => {
      throw new FormulaError(message, token.at, Math.max(1, token.length ?? token.word.length));
    };
    const shown = (token) => (token.kind === "end" ? "the end" : `“${token.word}”`);
    const expect = (kind, after) => take(kind) ?? fail(`“${kind}” is missing before ${shown(next())}, ${after}`);

    const truth = () => {
      const start = next();
      if (start.word === "True") {
        position++;
        return { op: "true" };
      }
      const node = quantity();
      if (node.op !== "compare") fail("a condition such as x > 0 is needed here", start);
      return node;
    };
    // As in NumPy, a comparison is also a number, 1 where it holds and 0 elsewhere: x*(x > 0).
    const quantity = () => {
      const a = sum();
      const sign = next().kind;
      if (!COMPARE[sign]) return a;
      position++;
      const b = sum();
      if (COMPARE[next().kind]) fail("compare two things at a time", next());
      return { op: "compare", sign, a, b };
    };
    const sum = () => {
      let node = product();
      while (["+", "-"].includes(next().kind)) {
        const { kind } = list[position++];
        node = stable({ op: kind, a: node, b: product() });
      }
      return node;
    };
    const product = () => {
      let node = signed();
      while (["*", "/"].includes(next().kind)) {
        const { kind } = list[position++];
        node = stable({ op: kind, a: node, b: signed() });
      }
      return node;
    };
    const signed = () => {
      if (take("-")) return { op: "negative", a: signed() };
      if (take("+")) return signed();
      return power();
    };
    const power = () => {
      const base = atom();
      return take("**") ? { op: "**", a: base, b: signed() } : base;
    };
    const atom = () => {
      const token = list[position++];
      if (token.kind === "number") {
        if (["name", "("].includes(next().kind)) fail(`“*” is missing between ${shown(token)} and ${shown(next())}`);
        if (next().kind === "number") fail(`an operator is missing before ${shown(next())}`);
        return { op: "number", value: token.value };
      }
      if (token.kind === "(") {
        const node = quantity();
        expect(")", "which closes a bracket");
        if (["name", "number", "("].includes(next().kind)) fail(`“*” is missing before ${shown(next())}`);
        return node;
      }
      if (token.kind === "name") return named(token);
      if (token.kind === "end") fail("the formula ends too early: a number, x or a bracket is needed", token);
      return fail(`a number, x or a bracket is needed in place of ${shown(token)}`, token);
    };
    const named = (token) => {
      const word = OTHER_NAMES[token.word] ?? token.word;
      if (next().kind === "(") return called(word, token);
      if (["name", "number"].includes(next().kind)) {
        const known = ALLOWED.includes(word) ? `“${token.word}” needs brackets` : `an operator is missing`;
        fail(`${known} before ${shown(next())}`);
      }
      if (word === "x") return { op: "x" };
      if (word === "True") fail("True stands for a condition, as the last one in Piecewise", token);
      if (Object.hasOwn(CONSTANTS, word)) return { op: "number", value: CONSTANTS[word] };
      if (ALLOWED.includes(word) || Object.hasOwn(family, word)) fail(`“${token.word}” is a function and needs brackets: ${token.word}(x)`, token);
      if (word === "X") fail("the input is written x, not X", token);
      if (!names.includes(word)) names.push(word);
      return { op: "name", name: word };
    };
    const called = (word, token) => {
      position++;
      if (word === "Piecewise") return pieces(token);
      if (!Object.hasOwn(UNARY, word) && !Object.hasOwn(SEVERAL, word) && !Object.hasOwn(family, word)) {
        const hint = word === "x" || word.length === 1 ? `; for a product write ${token.word}*(…)` : "";
        fail(`there is no function “${token.word}”${hint}`, token);
      }
      const args = [];
      if (word === "where") args.push(truth());
      else if (next().kind !== ")") args.push(quantity());
      while (take(",")) args.push(quantity());
      expect(")", `which closes “${token.word}(”`);
      if (["name", "number", "("].includes(next().kind)) fail(`“*” is missing before ${shown(next())}`);
      const most = Object.hasOwn(UNARY, word) && !(Object.hasOwn(family, word) && args.length > 1) ? 1 : SEVERAL[word]?.[1] ?? 1 + family[word].parameters.length;
      const least = SEVERAL[word]?.[0] ?? 1;
      if (args.length < least || args.length > most) {
        const wanted = least === most ? least : `${least} to ${most}`;
        fail(`“${token.word}” takes ${wanted} ${most === 1 ? "value" : "values"} in its brackets, not ${args.length}`, token);
      }
      if (word === "where") return { op: "pieces", pieces: [[args[1], args[0]], [args[2], { op: "true" }]] };
      if (word === "pow") return { op: "**", a: args[0], b: args[1] };
      if (word === "clip") return call("min", call("max", args[0], args[1]), args[2]);
      if (Object.hasOwn(SEVERAL, word)) return args.reduce((a, b) => call(word, a, b));
      if (Object.hasOwn(UNARY, word) && args.length === 1) return stable(call(word, args[0]));
      if (args.slice(1).some(dependsOnX)) fail(`a parameter of “${token.word}” cannot depend on x`, token);
      return { op: "family", name: word, args };
    };
    const pieces = (token) => {
      const found = [];
      do {
        expect("(", "which begins a piece (value, condition)");
        const value = quantity();
        expect(",", "which stands between a piece's value and its condition");
        found.push([value, truth()]);
        expect(")", "which closes a piece (value, condition)");
      } while (take(","));
      expect(")", `which closes “${token.word}(”`);
      return { op: "pieces", pieces: found };
    };

    if (next().kind === "end") fail("there is no formula yet; try max(0, x) - 0.1*sin(x)");
    const tree = quantity();
    if (next().kind !== "end") {
      fail(next().kind === ")" ? "there is one “)” too many" : `an operator is missing before ${shown(next())}`);
    }
    return { tree, names };
  }

  const childrenOf = (node) =>
    node.pieces ? node.pieces.flat() : node.args ?? [node.a, node.b].filter((child) => child);
  const dependsOnX = (node) => node.op === "x" || childrenOf(node).some(dependsOnX);

  // --- Evaluation: arrays of value, slope and bend of every node ---------------------------------------------------

  // `given` holds the numbers behind the names; order is 0, 1 or 2. Returns [value, first, second] up to that order.
  const evaluate = (tree, x, given = {}, order = 2) => {
    const length = x.length;
    const room = () => Array.from({ length: order + 1 }, () => new Float64Array(length));
    const constant = (number) => {
      const result = room();
      result[0].fill(number);
      return result;
    };

    // f of u, where f0, f1, f2 have been set for one number.
    const chain = (result, u, i) => {
      result[0][i] = f0;
      if (order < 1) return;
      const slope = u[1][i];
      const bend = order > 1 ? u[2][i] : 0;
      // What does not depend on x keeps slope 0, also where f has none.
      if (slope === 0 && bend === 0) return;
      result[1][i] = f1 * slope;
      if (order > 1) result[2][i] = (slope === 0 ? 0 : f2 * slope * slope) + (bend === 0 ? 0 : f1 * bend);
    };

    const pick = (result, i, from) => {
      for (let k = 0; k <= order; k++) result[k][i] = from[k][i];
    };

    const power = (a, b, i, result) => {
      const [base, exponent] = [a[0][i], b[0][i]];
      const value = base ** exponent;
      result[0][i] = value;
      if (order < 1) return;
      const [a1, b1] = [a[1][i], b[1][i]];
      const [a2, b2] = order > 1 ? [a[2][i], b[2][i]] : [0, 0];
      if (b1 === 0 && b2 === 0) {
        const first = exponent === 0 ? 0 : exponent * base ** (exponent - 1);
        const second = exponent === 0 || exponent === 1 ? 0 : exponent * (exponent - 1) * base ** (exponent - 2);
        set(value, first, second);
        chain(result, a, i);
        return;
      }
      const log = Math.log(base);
      const growth = b1 * log + (exponent * a1) / base;
      result[1][i] = value * growth;
      if (order > 1) {
        result[2][i] =
          value * (growth * growth + b2 * log + (2 * b1 * a1) / base + exponent * (a2 / base - (a1 / base) ** 2));
      }
    };

    const walk = (node) => {
      if (node.op === "number") return constant(node.value);
      if (node.op === "name") return constant(given[node.name]);
      if (node.op === "x") {
        const result = room();
        result[0].set(x);
        if (order) result[1].fill(1);
        return result;
      }
      const result = room();
      if (node.op === "compare") {
        const condition = holds(node);
        for (let i = 0; i < length; i++) result[0][i] = condition(i) ? 1 : 0;
      } else if (node.op === "negative") {
        const a = walk(node.a);
        for (let k = 0; k <= order; k++) for (let i = 0; i < length; i++) result[k][i] = -a[k][i];
      } else if (node.op === "+" || node.op === "-") {
        const [a, b, sign] = [walk(node.a), walk(node.b), node.op === "+" ? 1 : -1];
        for (let k = 0; k <= order; k++) for (let i = 0; i < length; i++) result[k][i] = a[k][i] + sign * b[k][i];
      } else if (node.op === "*") {
        const [a, b] = [walk(node.a), walk(node.b)];
        for (let i = 0; i < length; i++) {
          result[0][i] = a[0][i] * b[0][i];
          if (order) result[1][i] = a[1][i] * b[0][i] + a[0][i] * b[1][i];
          if (order > 1) result[2][i] = a[2][i] * b[0][i] + 2 * a[1][i] * b[1][i] + a[0][i] * b[2][i];
        }
      } else if (node.op === "/") {
        const [a, b] = [walk(node.a), walk(node.b)];
        for (let i = 0; i < length; i++) {
          const value = (result[0][i] = a[0][i] / b[0][i]);
          if (order) result[1][i] = (a[1][i] - value * b[1][i]) / b[0][i];
          if (order > 1) result[2][i] = (a[2][i] - 2 * result[1][i] * b[1][i] - value * b[2][i]) / b[0][i];
        }
      } else if (node.op === "**") {
        const [a, b] = [walk(node.a), walk(node.b)];
        for (let i = 0; i < length; i++) power(a, b, i, result);
      } else if (node.op === "pieces") {
        const pieces = node.pieces.map(([value, condition]) => [walk(value), holds(condition)]);
        for (let i = 0; i < length; i++) {
          const chosen = pieces.find(([, condition]) => condition(i));
          if (chosen) pick(result, i, chosen[0]);
          else for (let k = 0; k <= order; k++) result[k][i] = NaN;
        }
      } else if (node.op === "family") {
        const u = walk(node.args[0]);
        const inner = evaluate(familyTree(node.name), u[0], familyGiven(node, given), order);
        for (let i = 0; i < length; i++) {
          set(inner[0][i], inner[1]?.[i], inner[2]?.[i]);
          chain(result, u, i);
        }
      } else if (node.name === "max" || node.name === "min") {
        const [a, b, sign] = [walk(node.args[0]), walk(node.args[1]), node.name === "max" ? 1 : -1];
        for (let i = 0; i < length; i++) {
          const ahead = sign * (a[0][i] - b[0][i]);
          // Where both are equal, the one that leads on the left: the slope at a kink is that on its left.
          const left = ahead === 0 && order ? sign * (b[1][i] - a[1][i]) : ahead;
          pick(result, i, left >= 0 || Number.isNaN(a[0][i]) ? a : b);
        }
      } else {
        const u = walk(node.args[0]);
        const f = UNARY[node.name];
        for (let i = 0; i < length; i++) {
          f(u[0][i]);
          chain(result, u, i);
        }
      }
      return result;
    };

    const holds = (condition) => {
      if (condition.op === "true") return () => true;
      const [a] = evaluate(condition.a, x, given, 0);
      const [b] = evaluate(condition.b, x, given, 0);
      return (i) => COMPARE[condition.sign](a[i], b[i]);
    };

    return walk(tree);
  };

  const familyGiven = (node, given) => {
    const { parameters, constants } = family[node.name];
    const values = { ...constants };
    parameters.forEach(({ name, value }, index) => {
      const argument = node.args[index + 1];
      values[name] = argument ? evaluate(argument, [0], given, 0)[0][0] : value;
    });
    return values;
  };

  // What changes its sign where the function goes from one piece to the next.
  const switchesOf = (node, x, given) => {
    const difference = (a, b) => {
      const [one] = evaluate(a, x, given, 0);
      const other = b && evaluate(b, x, given, 0)[0];
      return other ? one.map((value, i) => value - other[i]) : one;
    };
    const inside = childrenOf(node).flatMap((child) => switchesOf(child, x, given));
    if (node.op === "compare") return [...inside, difference(node.a, node.b)];
    if (node.op === "family") {
      const [u] = evaluate(node.args[0], x, given, 0);
      return [...inside, ...switchesOf(familyTree(node.name), u, familyGiven(node, given))];
    }
    if (["max", "min"].includes(node.name)) return [...inside, difference(node.args[0], node.args[1])];
    if (["abs", "sign"].includes(node.name)) return [...inside, difference(node.args[0])];
    return inside;
  };

  const GRID = Float64Array.from({ length: 4001 }, (_, i) => (i - 2000) / 40);
  const MOST_KINKS = 60;

  // Where the function may have a corner or a jump, from −50 to 50.
  const kinksOf = (tree, given) => {
    const found = new Set();
    switchesOf(tree, GRID, given).forEach((values, index) => {
      for (let i = 0; i < GRID.length && found.size < MOST_KINKS; i++) {
        // A single 0 is a kink; a row of them is a flat stretch with one at either end.
        if (values[i] === 0 && !(values[i - 1] === 0 && values[i + 1] === 0)) found.add(GRID[i]);
        if (!(values[i] * values[i + 1] < 0)) continue;
        let [low, high] = [GRID[i], GRID[i + 1]];
        const rises = values[i] < 0;
        for (let step = 0; step < 60; step++) {
          const middle = (low + high) / 2;
          if (middle === low || middle === high) break;
          if (switchesOf(tree, [middle], given)[index][0] < 0 === rises) low = middle;
          else high = middle;
        }
        found.add(high);
      }
    });
    return [...found].sort((a, b) => a - b);
  };

  // --- Normal inputs ---------------------------------------------------------------------------------------------

  const legendre = (count) => {
    const nodes = [];
    for (let k = 0; k < count; k++) {
      let z = Math.cos((Math.PI * (k + 0.75)) / (count + 0.5));
      let slope;
      for (let step = 0; step < 100; step++) {
        let [before, value] = [1, z];
        for (let n = 2; n <= count; n++) [before, value] = [value, ((2 * n - 1) * z * value - (n - 1) * before) / n];
        slope = (count * (z * value - before)) / (z * z - 1);
        const change = value / slope;
        z -= change;
        if (Math.abs(change) < 1e-16) break;
      }
      nodes.push([z, 2 / ((1 - z * z) * slope * slope)]);
    }
    return nodes;
  };
  const RULE = legendre(10);
  const REACH = 13;
  const EDGES = [];
  for (let edge = -REACH; edge <= REACH; edge += Math.abs(edge) <= 4 && edge !== 4 ? 0.5 : 1) EDGES.push(edge);
  const NEAR = Array.from({ length: 17 }, (_, k) => 2 ** -(k + 1));

  // Points and weights for the mean over a standard normal z; the line is cut at the kinks, ever finer towards each.
  const makeRule = (kinks, cuts) => {
    const centres = new Set([0, ...kinks.filter((kink) => Math.abs(kink) < REACH)]);
    const edges = new Set(EDGES);
    for (const centre of centres) {
      edges.add(centre);
      // Few functions have more kinks than this; with many, the pieces are short as it is.
      if (centres.size < 6) for (const step of NEAR) edges.add(centre - step).add(centre + step);
    }
    const coarse = [...edges].filter((edge) => Math.abs(edge) <= REACH).sort((a, b) => a - b);
    const sorted = coarse.flatMap((edge, i) => {
      const width = (coarse[i + 1] - edge) / cuts;
      return i + 1 < coarse.length ? Array.from({ length: cuts }, (_, cut) => edge + cut * width) : [edge];
    });
    const z = new Float64Array((sorted.length - 1) * RULE.length);
    const weight = new Float64Array(z.length);
    for (let piece = 0, i = 0; piece + 1 < sorted.length; piece++) {
      const half = (sorted[piece + 1] - sorted[piece]) / 2;
      for (const [node, share] of RULE) {
        z[i] = sorted[piece] + half * (node + 1);
        weight[i] = (half * share * Math.exp(-z[i] * z[i] / 2)) / Math.sqrt(2 * Math.PI);
        i++;
      }
    }
    return { z, weight };
  };

  // The last rule is kept: a function without kinks, or with one at 0, has the same one in every layer.
  let rule = {};
  const normalRule = (kinks, cuts) => {
    const key = `${kinks} ${cuts}`;
    if (rule.key !== key) rule = { key, ...makeRule(kinks, cuts) };
    return rule;
  };

  // A function with its numbers in place, and what is known of it.
  const prepare = (tree, given, typed = false) => ({ tree, given, typed, kinks: kinksOf(tree, given) });

  // Means of f, |f|, f² and f'² and the variance of f for an input that is normal with this mean and standard
  // deviation, each piece of the rule cut into so many.
  const momentsBy = ({ tree, given, kinks }, mean, deviation, cuts) => {
    const { z, weight } = normalRule(kinks.map((kink) => (kink - mean) / deviation), cuts);
    const [value, slope] = evaluate(tree, z.map((at) => mean + deviation * at), given, 1);
    let [first, absolute, second, slopes] = [0, 0, 0, 0];
    for (let i = 0; i < z.length; i++) {
      first += weight[i] * value[i];
      absolute += weight[i] * Math.abs(value[i]);
      second += weight[i] * value[i] * value[i];
      slopes += weight[i] * slope[i] * slope[i];
    }
    let variance = 0;
    for (let i = 0; i < z.length; i++) variance += weight[i] * (value[i] - first) ** 2;
    return { mean: first, absolute, second, variance, slopes };
  };

  // The rule is exact enough for the family, which the tests hold. A typed formula may turn faster than the rule
  // sees, or have no such mean at all: it is asked again with finer pieces, and what does not settle is NaN.
  const MOST_CUTS = 32;
  const moments = (f, mean = 0, deviation = 1) => {
    let found = momentsBy(f, mean, deviation, 1);
    if (!f.typed) return found;
    // |f| has a kink wherever f is 0, and need only be there.
    const within = (name) => (name === "absolute" ? 1e-2 : 1e-7);
    const settled = (name, other) =>
      Object.is(found[name], other[name]) ||
      Math.abs(found[name] - other[name]) <= within(name) * Math.abs(found[name]) + 1e-12;
    const names = Object.keys(found);
    let open = names;
    for (let cuts = 2; open.length && cuts <= MOST_CUTS; cuts *= 2) {
      const coarser = found;
      found = momentsBy(f, mean, deviation, cuts);
      open = names.filter((name) => !settled(name, coarser));
    }
    if (open.includes("absolute")) open = [...open, "mean"];
    return { ...found, ...Object.fromEntries(open.map((name) => [name, NaN])) };
  };

  const STARTS = {
    he: ["He", () => 2],
    xavier: ["Xavier (Glorot)", () => 1],
    lecun: ["LeCun", () => 1],
    pytorch: ["PyTorch’s default", () => 1 / 3],
    own: ["the function’s own gain", (f) => 1 / moments(f).second],
  };

  const MOST_LAYERS = 64;

  // The recursion of the mean field: the variance of the pre-activations in each layer, and by how much that of the
  // gradient is multiplied from a layer to the one before.
  const throughLayers = (f, start, layers = MOST_LAYERS, known = { signal: [1], factors: [] }) => {
    const { signal, factors } = known;
    const gain = STARTS[start][1](f);
    while (signal.length < layers) {
      const last = signal.at(-1);
      // Beyond this a float64 would overflow on the way.
      const { second, slopes } = last < 1e150 ? moments(f, 0, Math.sqrt(last)) : { second: Infinity, slopes: NaN };
      signal.push(gain * second);
      factors.push(gain * slopes);
    }
    return known;
  };

  // The gradient's variance in each of the first so many layers, relative to the last of them.
  const gradientOf = (factors, layers) => {
    const gradient = [1];
    for (let layer = layers - 1; layer > 0; layer--) gradient.unshift(gradient[0] * factors[layer - 1]);
    return gradient;
  };

  // How a normal input comes out: the share of each bin from low in steps of width.
  const histogram = ({ tree, given }, mean, deviation, low, width, count) => {
    const shares = new Float64Array(count);
    const steps = 6000;
    const z = Float64Array.from({ length: steps + 1 }, (_, i) => -6 + (12 * i) / steps);
    const [value] = evaluate(tree, z.map((at) => mean + deviation * at), given, 0);
    const binOf = (at) => Math.floor((at - low) / width + 1e-9);
    for (let i = 0; i < steps; i++) {
      const middle = (z[i] + z[i + 1]) / 2;
      const share = ((12 / steps) * Math.exp(-middle * middle / 2)) / Math.sqrt(2 * Math.PI);
      const [from, to] = value[i] <= value[i + 1] ? [value[i], value[i + 1]] : [value[i + 1], value[i]];
      if (!(from >= low - width && to <= low + (count + 1) * width)) continue;
      // What lies between two values is spread evenly over the bins between them.
      for (let bin = binOf(from); bin <= binOf(to); bin++) {
        const covered = Math.min(to, low + (bin + 1) * width) - Math.max(from, low + bin * width);
        const part = to - from > 1e-12 ? Math.max(0, covered) / (to - from) : 1;
        if (bin >= 0 && bin < count) shares[bin] += share * part;
      }
    }
    return shares;
  };

  // --- Range and lowest point --------------------------------------------------------------------------------------

  const FAR = [1, 1.7, 2.3, 3.1].flatMap((factor) => [factor, -factor]);

  const rangeOf = ({ tree, given, kinks }) => {
    const beside = kinks.flatMap((kink) => [kink - 1e-9, kink, kink + 1e-9]);
    const x = Float64Array.from([...GRID, ...beside]).sort();
    const [value, slope] = evaluate(tree, x, given, 1);
    const at = (points) => evaluate(tree, points, given, 0)[0];
    const highest = (values) => values.reduce((a, b) => (b > a ? b : a), -Infinity);

    const turnsAt = (i, sign) => sign * slope[i - 1] > 0 && sign * slope[i + 1] < 0;
    // The turning point at a place of the grid, made exact where the function is smooth.
    const exact = (index, sign) => {
      const turns = turnsAt(index, sign);
      let [low, high] = [x[index - 1], x[index + 1]];
      if (!turns || kinks.some((kink) => kink >= low && kink <= high)) return { x: x[index], value: value[index], turns };
      for (let step = 0; step < 60; step++) {
        const middle = (low + high) / 2;
        if (sign * evaluate(tree, [middle], given, 1)[1][0] > 0) low = middle;
        else high = middle;
      }
      return { x: high, value: at([high])[0], turns };
    };

    // The highest value of ± f: seen on the grid, then made exact; without bound if it still grows far away.
    const top = (sign) => {
      let index = -1;
      for (let i = 0; i < x.length; i++) {
        if (index < 0 || sign * value[i] > sign * value[index]) if (!Number.isNaN(value[i])) index = i;
      }
      if (index < 0) return { value: NaN };
      let best = exact(index, sign);
      // Where there are several as high, such as those of a sine, the one nearest 0.
      const room = 1e-3 * (1 + Math.abs(best.value));
      for (let i = 1; i + 1 < x.length; i++) {
        if (!(sign * (best.value - value[i]) < room && Math.abs(x[i]) < Math.abs(best.x) && turnsAt(i, sign))) continue;
        const other = exact(i, sign);
        if (sign * (best.value - other.value) < 1e-12) best = other;
      }
      const reach = (scale) => highest(at(FAR.map((factor) => factor * scale)).map((far) => sign * far));
      const middling = Math.max(sign * best.value, reach(1e3), reach(1e6));
      const far = reach(1e9);
      if (far > 10 && far > 1.2 * middling) return { value: sign * Infinity };
      const outside = Math.max(middling, far);
      // A point is told only where the function turns: x, and the function comes down to both sides.
      return outside > sign * best.value + 1e-12 ? { value: sign * outside } : best;
    };

    const [low, high] = [top(-1), top(1)];
    // The steepest slope; without bound where the function jumps, or where it is steeper and steeper far away.
    let steepest = slope.reduce((most, number) => Math.max(most, Math.abs(number) || 0), 0);
    const jumps = beside.some((_, i) => i % 3 === 0 && Math.abs(at([beside[i + 2]])[0] - at([beside[i]])[0]) > 1e-6 * (1 + steepest));
    const farSlopes = evaluate(tree, FAR.map((factor) => factor * 1e3), given, 1)[1];
    if (jumps || farSlopes.some((number) => Math.abs(number) > 1.2 * steepest)) steepest = Infinity;
    const falls = slope.some((number, i) => number < 0 && Number.isFinite(value[i]));
    const rises = slope.some((number, i) => number > 0 && Number.isFinite(value[i]));
    // An example that a reader can check: a whole number, if there is one, and near 0.
    const missing = [...x].filter((_, i) => Number.isNaN(value[i])).sort((a, b) => Math.abs(a) - Math.abs(b));
    return {
      low: low.value,
      high: high.value,
      steepest,
      lowest: falls && rises && Number.isFinite(low.value) && low.x !== undefined && Math.abs(low.x) < 49 ? [low.x, low.value] : null,
      undefinedAt: missing.find(Number.isInteger) ?? missing[0],
    };
  };

  globalThis.activationMath = {
    FormulaError, parse, familyTree, evaluate, prepare, moments, throughLayers, gradientOf, histogram, rangeOf,
    STARTS, MOST_LAYERS,
  };
})();
