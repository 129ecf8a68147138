// The editor saves as one types. This keeps three promises about it: half a word is not sent, nothing typed is lost
// by going on to another step, and one's own edits never meet each other as if somebody else had made them.

const open = () => document.querySelector("form.section-form[data-guard]");
const ofTheSection = (ctx) => ctx.request.form?.matches("[data-guard]");
const sent = new WeakMap();
let typed = 0;
let saved = 0;
let underWay = 0;
let refused = false;

const unsaved = () => typed > saved || underWay > 0;

function tell() {
  document.documentElement.dataset.editor = underWay ? "saving" : typed > saved ? "unsaved" : "saved";
}

document.addEventListener("input", ({ target }) => {
  if (!target.form || target.form !== open()) return;
  typed += 1;
  tell();
});

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ofTheSection(ctx)) sent.set(ctx, typed - holdBack(ctx));
});

// A field that is being written in goes along with what it held, until it is left; and the server lets a new row
// wait that lacks something. Whoever sends the form on purpose sends it whole.
function holdBack({ request, sourceEvent }) {
  if (sourceEvent.type !== "change") return 0;
  request.body.set("typing", "yes");
  const field = document.activeElement;
  const inside = field !== sourceEvent.target && field?.form === request.form && field.type !== "checkbox";
  if (!inside || field.defaultValue === undefined || field.value === field.defaultValue) return 0;
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
  tell();
  document.dispatchEvent(new Event("editor:answered"));
});

function answered() {
  return new Promise((resolve) => {
    const look = () => {
      if (underWay) return;
      document.removeEventListener("editor:answered", look);
      resolve();
    };
    document.addEventListener("editor:answered", look);
    look();
  });
}

function leave() {
  saved = typed;
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

tell();
