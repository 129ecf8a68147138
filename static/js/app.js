// What pages gain when scripts run. Nothing here is needed to read a page or to decide a review.

const root = document.documentElement;
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const one = (selector, from = document) => from.querySelector(selector);
const cookie = (name) => document.cookie.match(`(?:^|; )(?:__Host-|__Secure-)?${name}=([^;]*)`)?.[1] ?? "";

// ---- clocks: the same forms as designer/durations.py ----

const drift = Number(root.dataset.now) - Date.now() / 1000 || 0;
const now = () => Date.now() / 1000 + drift;
const pad = (number) => String(number).padStart(2, "0");

function span(seconds) {
  const whole = Math.floor(Math.max(0, seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}

function duration(seconds) {
  if (seconds < 1) return `${Math.max(0, seconds).toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} m`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

const forms = {
  ago: (age) => (age < 1 ? "just now" : `${span(age)} ago`),
  elapsed: duration,
  left: (age) => (age <= 0 ? `${span(-age)} left` : `${span(age)} late`),
  countdown: (age) => `${Math.floor(Math.max(0, -age) / 60)}:${pad(Math.floor(Math.max(0, -age) % 60))}`,
};

function tick() {
  for (const time of all("[data-tick]")) {
    const age = now() - Number(time.dataset.since ?? time.dataset.until);
    const text = forms[time.dataset.tick](age);
    if (time.textContent !== text) time.textContent = text;
    if (time.dataset.tick === "countdown" && age >= 0 && !time.dataset.over) {
      time.dataset.over = "yes";
      refresh(time.closest("[data-refresh]"));
    }
  }
  for (const toast of all(".toast.is-ok")) {
    toast.dataset.until ??= Date.now() + 8000;
    if (Date.now() > toast.dataset.until && !toast.matches(":hover, :focus-within")) toast.remove();
  }
}

// ---- whose clocks: the server writes moments by those of the cookie ----

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && (root.dataset.zone ?? zone) !== zone && zone !== cookie("zone")) {
  document.cookie = `zone=${zone}; path=/; samesite=lax; max-age=31536000${location.protocol === "https:" ? "; secure" : ""}`;
  addEventListener("DOMContentLoaded", () => all("[data-refresh]").forEach(refresh));
}

// ---- requests ----

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET") return;
  ctx.request.headers["X-CSRFToken"] = cookie("csrftoken");
  ctx.request.body.delete("csrfmiddlewaretoken"); // it would count instead, and the page may hold an old one
});

// Signing in again in another tab makes a new token; the forms that were open still hold the old one.
addEventListener("submit", ({ target }) => {
  const held = target.elements.csrfmiddlewaretoken;
  if (held) held.value = cookie("csrftoken") || held.value;
}, true);

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { status } = ctx.response;
  const form = ctx.sourceElement.closest("form[data-guard]");
  if (form) form.dataset.dirty = status < 400 ? "" : "yes";
  if (ctx.hx.redirect?.startsWith("/sign-in/")) {
    event.preventDefault();
    signedOut();
  } else if (status >= 400 && status !== 409 && status !== 422) {
    event.preventDefault();
    toast(sentence(ctx.text, status));
  } else if (ctx.sourceElement.matches("[data-refresh]")) {
    heard();
  }
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  tick();
  const refused = ctx.response?.status === 422 && ctx.sourceEvent?.type === "submit";
  if (refused) one("[aria-invalid=true]")?.focus();
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && !ctx.sourceElement.matches("[data-refresh]")) {
    toast("The server could not be reached, so nothing was changed. Try again in a moment.");
  }
});

function sentence(html, status) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const said = (one("main p.muted", page) ?? one("h1", page) ?? page.body).textContent.trim();
  return said.slice(0, 300) || `The server answered ${status}.`;
}

function toast(text) {
  const box = document.createElement("div");
  box.className = "toast is-fail";
  const words = box.appendChild(document.createElement("span"));
  words.textContent = text;
  const close = box.appendChild(document.createElement("button"));
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  one("#toasts")?.append(box);
}

// ---- live ----

const live = { state: "", since: 0, heardAt: new Date(), dropped: 0, before: false };
const onlyRings = () => one("[data-rings]");

function heard() {
  live.heardAt = new Date();
  if (live.state === "offline") show("offline");
}

function show(state) {
  live.state = state;
  const clock = live.heardAt.toLocaleTimeString("en-GB");
  const words = { live: onlyRings() ? `Live · ${clock}` : "Live", reconnecting: "Reconnecting", offline: `Offline, showing ${clock}`, "signed-out": "Sign in again" };
  for (const pill of all("[data-live]")) {
    pill.hidden = false;
    pill.dataset.state = state;
    pill.textContent = words[state];
  }
}

function signedOut() {
  show("signed-out");
  for (const pill of all("[data-live]")) {
    const link = document.createElement("a");
    link.className = "link";
    link.href = `/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Sign in again";
    pill.replaceChildren(link);
  }
  if (!one("[data-live]")) toast("You are signed out. Sign in again in another tab, then repeat this.");
}

function refresh(region) {
  if (region) window.htmx.trigger(region, "refresh", {}, false);
}

function cursor(connection) {
  const newest = Math.max(-1, ...all("[data-seq]").map((line) => Number(line.dataset.seq)));
  if (newest >= 0) connection.url = connection.url.replace(/([?&]after=)\d*/, `$1${newest}`);
}

document.addEventListener("htmx:ws:after:connection", () => {
  if (live.before && onlyRings()) all("[data-refresh]").forEach(refresh);
  live.before = true;
  live.dropped = 0;
  heard();
  show("live");
});

document.addEventListener("htmx:ws:after:message:incoming", ({ detail: { connection } }) => {
  heard();
  cursor(connection);
  tick();
  if (!onlyRings()) return;
  show("live");
  all("[data-refresh]").forEach(refresh);
});

document.addEventListener("htmx:ws:close", ({ detail: { code, reason } }) => {
  if (reason !== "closed") return;
  if (code === 4401) return signedOut();
  live.dropped ||= Date.now();
  if (live.state !== "offline") show("reconnecting");
});

function watchConnection() {
  const down = live.dropped && Date.now() - live.dropped;
  if (!down || down < 10_000 || document.hidden || live.state === "signed-out") return;
  if (live.state !== "offline") show("offline");
  if (Date.now() - live.since < 5_000) return;
  live.since = Date.now();
  all("[data-refresh]").forEach(refresh);
}

// ---- the event list keeps its place: at the top it grows, elsewhere a button counts what is new ----

new MutationObserver((records) => {
  for (const { target, addedNodes } of records) {
    if (!(target instanceof Element) || !target.matches("[data-keep-scroll]")) continue;
    const lines = [...addedNodes].filter((node) => node instanceof Element && node.dataset.seq && !droppedAsTold(node));
    lines.forEach((line) => line.classList.add("new"));
    if (lines.length && target.scrollTop > 4) countNew(target, lines.length);
  }
}).observe(document.body, { childList: true, subtree: true });

// The page may have asked for itself meanwhile, and have some of the lines that the socket sends after its own cursor.
function droppedAsTold(line) {
  const told = line.parentElement && all(`[data-seq="${line.dataset.seq}"]`, line.parentElement).length > 1;
  if (told) line.remove();
  return told;
}

function countNew(list, added) {
  let button = one(".events-new", list.parentElement);
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "events-new";
    list.before(button);
    const clear = () => button.remove();
    button.addEventListener("click", () => { list.scrollTop = 0; clear(); });
    list.addEventListener("scroll", () => list.scrollTop <= 4 && clear(), { passive: true });
  }
  const count = Number(button.dataset.count ?? 0) + added;
  button.dataset.count = count;
  button.textContent = `${count} new`;
}

// ---- keys: [data-key="a"] or [data-key="mod+z"]; single letters rest while typing and can be turned off ----

const isText = (element) =>
  element.matches("textarea, select, [contenteditable]") ||
  (element.matches("input") && !element.matches("[type=radio], [type=checkbox], [type=submit], [type=button]"));

document.addEventListener("keydown", (event) => {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key === "Enter") return submitHere(event);
  if (event.altKey || isText(event.target) || one("dialog[open]")) return;
  if (!mod && cookie("keys") === "off") return;
  const name = (mod ? "mod+" : "") + event.key.toLowerCase();
  const target = one(`[data-key="${CSS.escape(name)}"]:not(:disabled, [aria-disabled="true"])`);
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.click();
});

function submitHere(event) {
  const form = event.target.closest("form") ?? one("form[data-main]");
  if (!form || form.matches("[popover]")) return;
  event.preventDefault();
  const button = one("button.primary:not([type=button]):not(:disabled)", form);
  form.requestSubmit(button);
}

// ---- clicks ----

document.addEventListener("click", (event) => {
  if (!event.target.closest("[aria-disabled=true]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", (event) => {
  for (const menu of all("details.more[open]")) if (!menu.contains(event.target)) menu.open = false;
  const target = event.target.closest("[data-copy], [data-dismiss], [data-pane], [data-keys]");
  if (!target) return;
  if ("dismiss" in target.dataset) target.closest(".toast, .banner")?.remove();
  if ("copy" in target.dataset) copy(target);
  if ("pane" in target.dataset) one(`#pane-${target.dataset.pane}`)?.click();
  if ("keys" in target.dataset) toggleKeys();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") all("details.more[open]").forEach((menu) => { menu.open = false; });
});

// What the button says, or without a word the text of its panel.
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy || one("pre", button.closest(".panel")).textContent);
  button.dataset.copied = "yes";
  setTimeout(() => delete button.dataset.copied, 1500);
}

function toggleKeys() {
  const off = cookie("keys") !== "off";
  document.cookie = `keys=off; path=/; samesite=lax; max-age=${off ? 31536000 : 0}`;
  showKeys();
}

function showKeys() {
  const on = cookie("keys") !== "off";
  root.dataset.shortcuts = on ? "on" : "off";
  for (const button of all("[data-keys]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(on));
  }
}

// ---- unsaved edits ----

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) form.dataset.dirty = "yes";
});

document.addEventListener("submit", (event) => {
  delete event.target.dataset.dirty;
});

addEventListener("beforeunload", (event) => {
  if (one('form[data-guard][data-dirty="yes"]')) event.preventDefault();
});

showKeys();
tick();
setInterval(tick, 1000);
setInterval(watchConnection, 1000);
