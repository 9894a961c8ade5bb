// What is measured from inside the page. It runs before any script of the page.
(() => {
  const TICK = 1000 / 60;
  const longTasks = [];
  let shift = 0;
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
    buffered: true,
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });

  // Each `>>>` enters the shadow root of the element before it.
  const find = (path) =>
    path.split(" >>> ").reduce((scope, selector) => (scope?.shadowRoot ?? scope)?.querySelector(selector), document);

  const focusable = (field) => {
    if (!field || field.disabled || !field.checkVisibility({ visibilityProperty: true })) return false;
    field.focus();
    return field.getRootNode().activeElement === field;
  };

  // When each step of the way to an open chat was reached.
  const marks = {};
  const mark = (name) => (marks[name] ??= performance.now());
  for (const name of ["instantiateStreaming", "instantiate"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      mark("module asked to compile");
      const result = await original.apply(WebAssembly, args);
      mark("module compiled");
      return result;
    };
  }
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    new MutationObserver(() => root.querySelector("textarea") && mark("field in the document")).observe(root, {
      childList: true,
      subtree: true,
    });
    return root;
  };

  let frames;

  window.bench = {
    find,
    longTasks: () => ({ count: longTasks.length, blocked: longTasks.reduce((sum, it) => sum + it - 50, 0) }),
    shift: () => shift,

    /** From the next click to the first frame in which the field takes the focus, in milliseconds. */
    opening: (path) =>
      new Promise((resolve) => {
        document.addEventListener(
          "click",
          ({ timeStamp }) => {
            marks.click = timeStamp;
            const look = () => {
              if (focusable(find(path))) resolve(mark("field takes the focus") - timeStamp);
              else requestAnimationFrame(look);
            };
            look();
          },
          { capture: true, once: true },
        );
      }),

    /** The steps from the click on, in milliseconds after it. */
    steps() {
      const all = Object.entries(marks);
      for (const { name, startTime, responseEnd } of performance.getEntriesByType("resource")) {
        const file = new URL(name).pathname.split("/").pop();
        all.push([`${file} asked for`, startTime], [`${file} here`, responseEnd]);
      }
      return Object.fromEntries(all.map(([name, at]) => [name, at - marks.click]).sort(([, one], [, other]) => one - other));
    },

    /** Begins to count the frames that a display of 60 Hz would have missed. */
    watchFrames() {
      const watch = { dropped: 0, worst: 0, frames: 0, last: undefined };
      frames = watch;
      const tick = (now) => {
        if (frames !== watch) return;
        if (watch.last !== undefined) {
          watch.frames += 1;
          watch.worst = Math.max(watch.worst, now - watch.last);
          watch.dropped += Math.max(0, Math.round((now - watch.last) / TICK) - 1);
        }
        watch.last = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    },
    frames() {
      const { dropped, worst, frames: seen } = frames;
      frames = undefined;
      return { dropped, worst, frames: seen };
    },

    /** Asks the server itself, and drops what it streams: what no widget can do without. */
    async drain(server, agent) {
      const response = await fetch(`${server}/v1/agents/${agent}/chat`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ message: { id: crypto.randomUUID(), text: "Stream" }, format: "markdown" }),
      });
      const reader = response.body.getReader();
      while (!(await reader.read()).done);
    },
  };
})();
