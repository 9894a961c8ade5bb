// The figures as Markdown.

const median = (values) => {
  const sorted = values.filter(Number.isFinite).sort((one, other) => one - other);
  const middle = sorted.length / 2;
  if (!sorted.length) return Number.NaN;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const whole = (value) => Math.round(value).toLocaleString("en");
const megabytes = (value) => (value / 1e6).toFixed(2);

/** Every figure: its name in the table, and how it is written. */
const FIGURES = {
  requests: ["requests", whole],
  bytes: ["bytes (Brotli)", whole],
  took: ["until it can be used, ms", whole],
  longTasks: ["long tasks", whole],
  blocked: ["blocked beyond 50 ms, ms", whole],
  shift: ["layout shift", (value) => value.toFixed(3)],
  perToken: ["main thread per token, ms", (value) => value.toFixed(2)],
  dropped: ["dropped frames", whole],
  frames: ["frames shown", whole],
  worst: ["longest frame, ms", whole],
  read: ["messages scrolled through", whole],
  cpu: ["main thread, ms", whole],
  heap: ["JS heap, MB", megabytes],
  beside: ["buffers and WebAssembly memory, MB", megabytes],
  nodes: ["DOM nodes", whole],
};

const NAMES = { bare: "page alone", vanilla: "hand-written", eloquent: "Eloquent" };

/** One table for all measures. `results` maps a measure's title to the visits of each kind. */
export function table(results) {
  const kinds = Object.keys(NAMES);
  const lines = [`| | ${kinds.map((kind) => NAMES[kind]).join(" | ")} |`, `|---|${"--:|".repeat(kinds.length)}`];
  for (const [title, visits] of Object.entries(results)) {
    lines.push(`| **${title}** |${" |".repeat(kinds.length)}`);
    const measured = Object.assign({}, ...Object.values(visits).flat());
    for (const figure of Object.keys({ ...FIGURES, ...measured })) {
      if (!(figure in measured)) continue;
      const [name, write] = FIGURES[figure] ?? [figure, whole];
      const cells = kinds.map((kind) => {
        const value = median((visits[kind] ?? []).map((visit) => visit[figure]));
        if (Number.isFinite(value)) return write(value);
        return visits[kind] ? "–" : "";
      });
      lines.push(`| ${name} | ${cells.join(" | ")} |`);
    }
  }
  return lines.join("\n");
}
