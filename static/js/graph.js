// The graph of a run: arrow keys walk its lines, a choice of view is kept, and what matters is brought into sight.

const one = (selector, root = document) => root.querySelector(selector);
const scroll = one("#graph-scroll");
const node = (id) => document.getElementById(`node-${id}`);
const link = (id) => node(id) && one("a", node(id));

const links = () => [...document.querySelectorAll(".run-graph a")];

// Bars at which a parallel closes are no links: the walk goes on through them.
function linked(id, way) {
  const back = way === "after" ? "before" : "after";
  return link(id) ? [link(id)] : links().filter((a) => a.dataset[back].split(" ").includes(id));
}

function middle(element) {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

function nearest(from, others, weight) {
  const here = middle(from);
  const far = (a) => { const there = middle(a); return Math.abs(there.x - here.x) * weight.x + Math.abs(there.y - here.y) * weight.y; };
  return others.filter((a) => a !== from).sort((a, b) => far(a) - far(b))[0];
}

function walk(from, key) {
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const way = key === "ArrowRight" ? "after" : "before";
    return nearest(from, from.dataset[way].split(" ").filter(Boolean).flatMap((id) => linked(id, way)), { x: 0.2, y: 1 });
  }
  const up = key === "ArrowUp";
  const y = middle(from).y;
  const others = links().filter((a) => (up ? middle(a).y < y - 8 : middle(a).y > y + 8));
  return nearest(from, others, { x: 2, y: 1 });
}

document.addEventListener("keydown", (event) => {
  const from = event.target instanceof Element && event.target.closest(".run-graph a");
  if (!from || !event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
  const to = walk(from, event.key);
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
});

function show(view) {
  const button = document.getElementById(`view-${view}`);
  if (button) button.checked = true;
}

function fit(how) {
  if (how) one(".run-steps")?.setAttribute("data-fit", how);
}

document.addEventListener("change", ({ target }) => {
  if (target.name === "steps-view") localStorage.setItem("steps-view", target.value);
});
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("#graph-fit");
  if (!button) return;
  const how = one(".run-graph").getBoundingClientRect().width > scroll.clientWidth ? "yes" : "no";
  localStorage.setItem("graph-fit", how);
  fit(how);
});

if (scroll) {
  show(localStorage.getItem("steps-view") ?? "graph");
  fit(localStorage.getItem("graph-fit"));
  const told = [".step-node a[aria-current]", ".step-node.is-fail", ".chip.running", ".step-node.box.is-run", ".step-node.is-review", ".step-node.is-warn"];
  const telling = told.map((selector) => one(selector, scroll)).find(Boolean);
  if (telling) scroll.scrollLeft += middle(telling).x - middle(scroll).x;
}
