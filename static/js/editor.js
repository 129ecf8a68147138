// The editor saves as one types, at each pause. This keeps its promises: an answer never disturbs who is typing, nothing
// typed is lost by going on to another step, and one's own edits never meet as if somebody else had made them.

const open = () => document.querySelector("form.section-form[data-guard]");
const ofTheSection = (ctx) => ctx.request?.form?.matches("[data-guard]"); // what a socket sends is no request
const isHere = (field) => field.form && field.form === open();
const typedAt = new WeakMap(); // by field: when it was typed into, counted in events
const sent = new WeakMap(); // by request: up to when it holds what was typed
let typed = 0;
let asked = 0;
let saved = 0;
let underWay = 0;
let refused = false;

const unsaved = () => typed > saved || underWay > 0;

function tell() {
  document.documentElement.dataset.editor = underWay ? "saving" : typed > saved ? "unsaved" : "saved";
}

document.addEventListener("input", ({ target }) => {
  if (!isHere(target)) return;
  typed += 1;
  typedAt.set(target, typed);
  tell();
});

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!ofTheSection(ctx)) return;
  if (isNeedless(ctx.sourceEvent)) return event.preventDefault();
  asked = typed - holdBack(ctx);
  sent.set(ctx, asked);
});

// A name is saved when it is left, since others are read by it. What was saved at a pause is not sent again on leaving,
// unless its message is to take its place in the form.
function isNeedless({ type, target }) {
  if (type === "input" && target.matches("[data-whole]")) return true;
  const floats = type === "change" && document.querySelector("form[data-guard]:is([data-floating], :has([data-floating]))");
  return type !== "submit" && typed <= asked && !floats;
}

// A field that is being written in goes along with what it held, while others are saved; and the server lets a new row
// wait that lacks something. Whoever sends the form on purpose sends it whole.
function holdBack({ request, sourceEvent }) {
  if (sourceEvent.type === "submit") return 0;
  request.body.set("typing", "yes");
  const field = document.activeElement;
  const inside = field !== sourceEvent.target && field?.form === request.form && field.type !== "checkbox";
  if (!inside || field.defaultValue === undefined || !(typedAt.get(field) > asked)) return 0;
  request.body.set(field.name, field.defaultValue);
  return 1;
}

// A request that waited its turn was filled before the answer before it came. What it saw is what is here now.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { body, form } = ctx.request;
  const seen = document.querySelector(`#${CSS.escape(form?.id || "none")} [name=revision]`);
  if (seen && body instanceof URLSearchParams) body.set("revision", seen.value);
  if (ofTheSection(ctx)) underWay += 1;
  tell();
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!ofTheSection(ctx)) return;
  underWay -= 1;
  refused = (ctx.response?.status ?? 500) >= 400;
  const rest = open()?.matches("[data-waiting]") ? 1 : 0;
  if (!refused) saved = Math.max(saved, (sent.get(ctx) ?? 0) - rest);
  else if (asked === sent.get(ctx)) asked = saved;
  tell();
  document.dispatchEvent(new Event("editor:answered"));
});

// ---- an answer leaves alone what is typed, and the place where it is typed ----

const box = () => document.activeElement?.closest?.(".section-form :is(.field, .mapping-row)");
const MESSAGES = ":scope > :is(.field-errors, .section-problems, .form-errors)";
const places = () => [box(), open()].filter(Boolean);
const inFlow = (place) => place.querySelector(MESSAGES) && !place.matches("[data-floating]");
let typedSince = new Map();
let told = [];

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (!ofTheSection(ctx)) return;
  const since = [...(open()?.elements ?? [])].filter((field) => typedAt.get(field) > (sent.get(ctx) ?? 0));
  typedSince = new Map(since.map((field) => [field.id, [field.value, field.selectionStart, field.selectionEnd]]));
  told = places().filter(inFlow).map((place) => place.id);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!ofTheSection(ctx)) return;
  typedSince.forEach(putBack);
  const form = open();
  if (form?.matches("[data-redrawn]")) [...form.elements].forEach((field) => showSaved(field, sent.get(ctx)));
  if (ctx.sourceEvent.type !== "input") return;
  for (const place of places()) if (inFlow(place) && !told.includes(place.id)) place.dataset.floating = "";
});

function putBack([value, from, to], id) {
  const field = document.getElementById(id);
  if (!field || field.value === value || field.defaultValue === undefined) return;
  field.value = value;
  typedAt.set(field, typed);
  if (field === document.activeElement && from !== null) field.setSelectionRange(from, to);
}

// What the server made of it: 20 for 20s.
function showSaved(field, upTo) {
  const isSaved = field.defaultValue !== undefined && (typedAt.get(field) ?? 0) <= upTo;
  if (isSaved && field !== document.activeElement && !field.form.matches("[data-waiting]")) field.value = field.defaultValue;
}

// A moment after it is left: a text of more lines would move what is being clicked.
document.addEventListener("focusout", ({ target }) => {
  setTimeout(() => isHere(target) && showSaved(target, saved), 400);
});

// Whether nothing is under way is asked a moment after an answer: a request that waited its turn begins then.
function answered() {
  return new Promise((resolve) => {
    const look = () => setTimeout(() => {
      if (underWay) return;
      document.removeEventListener("editor:answered", look);
      resolve();
    });
    document.addEventListener("editor:answered", look);
    look();
  });
}

function leave() {
  asked = saved = typed;
  delete open()?.dataset.dirty;
  tell();
}

// Whoever goes on while something is not saved yet goes on when it is.
document.addEventListener("click", async (event) => {
  const to = event.target.closest("a[href], button");
  const form = open();
  if (!to || !form || to.form === form || to.type === "button" || event.ctrlKey || event.metaKey) return;
  if (!unsaved()) return;
  if (to.matches("[data-discard]")) return leave();
  event.preventDefault();
  event.stopImmediatePropagation();
  const again = refused;
  if (typed > saved) form.requestSubmit();
  await answered();
  if (typed > saved && !(again && window.confirm("This section is not saved, see its message. Leave it all the same?"))) return;
  leave();
  (to.isConnected ? to : document.getElementById(to.id))?.click();
}, true);

// ---- keys of the whole editor: arrows walk the graph or the list, with Alt they move the step ----

const writes = (element) => element.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
const shown = (element) => element.getClientRects().length > 0;

addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || writes(event.target)) return;
  const mod = event.ctrlKey || event.metaKey;
  const done = event.altKey && !mod ? move(event.key)
    : mod && event.shiftKey && event.key.toLowerCase() === "z" ? press("#redo-form button")
    : mod || event.altKey || document.documentElement.dataset.shortcuts === "off" ? false
    : event.key.startsWith("Arrow") && walk(event);
  if (!done) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

function press(selector) {
  document.querySelector(`${selector}:not([aria-disabled=true])`)?.click();
  return true;
}

const move = (key) => (key === "ArrowUp" || key === "ArrowDown") && press(`[data-move=${key}]`);

// To the nearest step in that direction; what is straight ahead counts more than what is near.
function walk({ key, target }) {
  if (target.matches("[type=radio], [role=tab]") || target.closest(".pane-form, .toolbar, [popover]")) return false;
  const steps = [...document.querySelectorAll("#canvas [data-step], #canvas .ladder-main[href]")].filter(shown);
  const here = steps.find((step) => step.matches("[aria-current]") || step.closest(".selected"));
  const [dx, dy] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  const middle = (step) => {
    const box = step.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = here ? middle(here) : [0, 0];
  let [best, least] = [here ? null : steps[0], Infinity];
  for (const step of here ? steps : []) {
    const [sx, sy] = middle(step);
    const [ahead, aside] = [(sx - x) * dx + (sy - y) * dy, Math.abs((sx - x) * dy) + Math.abs((sy - y) * dx)];
    if (ahead > 4 && ahead + 2 * aside < least) [best, least] = [step, ahead + 2 * aside];
  }
  best?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  return true;
}

// ---- zoom: a property on <html>, where no swap reaches it ----

const STEPS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2];
const READABLE = 0.7;
let scale = 1;

function zoom(how) {
  const [view, flow] = [document.getElementById("canvas-graph"), document.getElementById("graph")];
  if (!flow || !shown(view)) return false;
  const wide = (view.clientWidth - 8) / flow.width.baseVal.value;
  const high = how === "fit" ? (view.clientHeight - 90) / flow.height.baseVal.value : 1;
  const least = how === "fit" ? STEPS[0] : READABLE;
  if (how === "fit" || how === "wide") scale = Math.max(least, Math.floor(Math.min(1, wide, high) * 100) / 100);
  if (how === "in") scale = STEPS.find((step) => step > scale + 0.001) ?? scale;
  if (how === "out") scale = STEPS.findLast((step) => step < scale - 0.001) ?? scale;
  document.documentElement.style.setProperty("--zoom", scale);
  document.documentElement.dataset.zoomed = "yes";
  document.getElementById("zoom-now").textContent = `${Math.round(scale * 100)} %`;
  inSight();
  return true;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-zoom]");
  if (button) zoom(button.dataset.zoom);
});

// On a phone the graph is seen first when it is asked for.
document.addEventListener("change", ({ target }) => {
  if (target.name === "pane" && !document.documentElement.dataset.zoomed) zoom("wide");
});

// The selected step is brought into sight, in the graph and in the outline.
function inSight() {
  for (const step of document.querySelectorAll("#canvas [data-step][aria-current], #outline [aria-current]")) {
    if (shown(step)) step.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

document.addEventListener("htmx:after:swap", inSight);

// ---- who else is here: the socket is told which step is open, the server tells it to the others ----

let socket = null;

function tellWhere() {
  const where = new URLSearchParams(location.search).get("step") ?? "";
  if (!socket) return;
  socket.url = socket.url.replace(/([?&]step=)[^&]*/, `$1${encodeURIComponent(where)}`);
  if (socket.socket?.readyState === WebSocket.OPEN) socket.socket.send(JSON.stringify({ step: where }));
}

document.addEventListener("htmx:ws:after:connection", ({ detail: { connection } }) => {
  socket = connection;
  tellWhere();
});
document.addEventListener("htmx:after:history:update", tellWhere);

tell();
zoom("wide");
