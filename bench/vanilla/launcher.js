// The yardstick: what somebody writes who needs one chat on one page and no framework. A button; the panel's
// two files are loaded by the first click.
(() => {
  const { server, agent } = document.currentScript.dataset;
  const base = new URL(".", document.currentScript.src).href;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "vanilla-launcher";
  button.setAttribute("aria-label", "Open chat");
  button.style.cssText =
    "position:fixed;right:20px;bottom:20px;width:56px;height:56px;border:0;border-radius:50%;background:#3157e0;color:#fff;cursor:pointer;font:24px sans-serif";
  button.textContent = "?";
  let panel;
  const load = async () => {
    const styles = document.createElement("link");
    styles.rel = "stylesheet";
    styles.href = base + "panel.css";
    const styled = new Promise((resolve) => styles.addEventListener("load", resolve));
    document.head.append(styles);
    const [{ create }] = await Promise.all([import(base + "panel.js"), styled]);
    return create({ server, agent });
  };
  button.addEventListener("click", async () => {
    panel ??= load();
    (await panel).toggle();
  });
  document.body.append(button);
})();
