// The run page: moving about in it without loading it anew, and a line of now that moves.

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const WIDE = matchMedia("(min-width: 1100px)");
const OF_WHOLE = ["scale", "rows", "table", "items"]; // what a link to the whole page says; the rest is where one is

// ---- a link to another place of the page fetches only what is there; the address is the same as without scripts ----

document.addEventListener("click", (event) => {
  const link = event.target.closest("#run a[href^='?']");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const whole = link.hasAttribute("data-whole");
  const target = whole ? "#run" : "#run-side";
  const headers = { "HX-Boosted": "true", "HX-Target": whole ? "div#run" : "section#run-side" };
  const path = location.pathname + link.getAttribute("href").split("#")[0];
  window.htmx.ajax("GET", path, { source: target, target, swap: "outerMorph", push: "true", headers });
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!ctx.push) return;
  const side = one("#run-side");
  one("#run")?.setAttribute("hx-get", location.search);
  choose(side.dataset.chosen);
  if (ctx.target?.id === "run-side" && side.dataset.chosen && !WIDE.matches) side.scrollIntoView();
});

function choose(step) {
  for (const link of all("#run a[href^='?step=']")) {
    if (link.closest("#run-side") || link.hasAttribute("data-whole")) continue;
    const chosen = new URLSearchParams(link.getAttribute("href").split("#")[0]).get("step") === step;
    if (!chosen) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
  }
  for (const link of all("#run a[data-whole]")) {
    const asked = new URLSearchParams(link.getAttribute("href"));
    const there = new URLSearchParams(location.search);
    for (const name of OF_WHOLE) {
      if (asked.has(name)) there.set(name, asked.get(name));
      else there.delete(name);
    }
    link.setAttribute("href", `?${there}`);
  }
  if (WIDE.matches) one(".track-link[aria-current]")?.scrollIntoView({ block: "nearest" });
}

// ---- now: where it stood when the server looked, and how fast it moves. At the end of the chart a longer one is asked for ----

const drift = Number(document.documentElement.dataset.now) - Date.now() / 1000 || 0;
let askedAt = 0;

function moveNow() {
  const line = one("#timeline-now");
  if (!line?.dataset.at || document.hidden) return;
  const { at, x, rate } = line.dataset;
  const there = Number(x) + (Date.now() / 1000 + drift - Number(at)) * Number(rate);
  const place = Math.min(1000, there);
  line.firstElementChild.style.transform = `translateX(${place - Number(x)}px)`;
  for (const bar of all("#run-timeline [data-grows]")) {
    bar.setAttribute("width", Math.max(2.5, place - Number(bar.getAttribute("x"))).toFixed(2));
  }
  if (there < 1000 || Date.now() - askedAt < 3000) return;
  askedAt = Date.now();
  window.htmx.trigger(one("#run"), "refresh", {}, false);
}

moveNow();
setInterval(moveNow, 250);
