// Two dialogs over any page: the palette finds what the server ranks, and the list of the page's keys.

const palette = document.querySelector("#palette");
const keys = document.querySelector("#keys");
const field = palette?.querySelector("input");
const isAnswered = () => palette.querySelector(".found")?.dataset.text === field.value.trim();
const links = () => [...palette.querySelectorAll(".found a")];

function openPalette(text = "") {
  if (palette.open) return;
  palette.showModal();
  field.value = text;
  field.select();
  window.htmx.trigger(field, "open", {}, false);
}

document.addEventListener("keydown", (event) => {
  if (!palette || !(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  openPalette();
});

document.addEventListener("click", (event) => {
  const finder = event.target.closest("[data-finder]");
  if (finder && palette && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    openPalette(finder.value ?? "");
  }
  if (event.target.closest("[data-show-keys]")) openKeys();
  if (event.target.matches("dialog[open]") && outside(event)) event.target.close();
});

function outside({ target, clientX: x, clientY: y }) {
  const box = target.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

// Arrows walk through what was found; Enter in the field opens the first of it; letters go on being typed.
palette?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") palette.close();  // a search field would only empty itself
  const found = links();
  const here = found.indexOf(document.activeElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    (found[Math.min(to, found.length - 1)] ?? field).focus();
  } else if (event.key === "Enter" && event.target === field) {
    event.preventDefault();
    if (isAnswered()) found[0]?.click();
    else palette.dataset.open = "first";
  } else if (here >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    field.focus();
  }
});

// Whoever presses Enter before the answer is here gets the first of that answer, not of the one before.
palette?.addEventListener("htmx:after:swap", () => {
  if (palette.dataset.open !== "first" || !isAnswered()) return;
  delete palette.dataset.open;
  links()[0]?.click();
});

palette?.addEventListener("input", () => {
  delete palette.dataset.open;
});

const isMac = navigator.platform.startsWith("Mac");
const titleOf = (element) =>
  element.title || element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;

function openKeys() {
  if (!keys || keys.open) return;
  document.querySelector("#account-menu")?.hidePopover();
  const found = new Map([["mod+k", "Find anything"]]);
  for (const element of document.querySelectorAll("[data-key]")) {
    if (!found.has(element.dataset.key)) found.set(element.dataset.key, titleOf(element).trim());
  }
  const mod = isMac ? "⌘" : "Ctrl";
  const rows = [...found].flatMap(([key, title]) => {
    const [name, what] = [document.createElement("dt"), document.createElement("dd")];
    for (const part of key.replace("mod", mod).split(/(?<=.)\+/)) {
      const cap = name.appendChild(document.createElement("kbd"));
      cap.textContent = part.length === 1 ? part.toUpperCase() : part;
    }
    what.textContent = title;
    return [name, what];
  });
  keys.querySelector("[data-key-list]").replaceChildren(...rows);
  keys.showModal();
}

if (isMac) for (const hint of document.querySelectorAll(".finder kbd")) hint.textContent = "⌘ K";
for (const button of document.querySelectorAll("[data-show-keys]")) button.hidden = false;
