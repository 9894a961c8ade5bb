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
            const look = () => {
              if (focusable(find(path))) resolve(performance.now() - timeStamp);
              else requestAnimationFrame(look);
            };
            look();
          },
          { capture: true, once: true },
        );
      }),

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
