// The value picker. What can be read at a point stands under its form (sections/available.html); this shows it as a
// box at the field, to search and to choose from: by the button in the field, or by Alt + Down or Ctrl + Space.

const box = document.createElement("div");
box.className = "picker";
box.id = "picker";
box.popover = "manual";
box.setAttribute("role", "dialog");
box.setAttribute("aria-label", "Choose a value");
box.innerHTML = `<input type="search" id="picker-search" role="combobox" aria-label="Search the values" aria-expanded="true"
  aria-controls="picker-list" aria-autocomplete="list" placeholder="Search" autocomplete="off" spellcheck="false">
  <div class="picker-list" id="picker-list" role="listbox" aria-label="Values"></div><p class="hint" role="status"></p>`;
const [search, list, status] = box.children;
let field = null;
let options = [];
let chosen = -1;

const sources = () => [...field.form.querySelectorAll(".available [data-source]")].filter(({ dataset: { only } }) => !only || only === field.name);
const fits = (item, words) => {
  const text = `${item.dataset.path} ${item.textContent}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

function made(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function option(item, number) {
  const element = made("div", "picker-option", "");
  element.id = `picker-${number}`;
  element.role = "option";
  element.dataset.path = item.dataset.path;
  element.append(made("code", "", item.dataset.path), made("span", "type", item.dataset.type));
  element.append(made("span", "example", "unsure" in item.dataset ? "may be missing" : item.dataset.example));
  return element;
}

function fill() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  list.replaceChildren();
  let count = 0;
  for (const source of sources()) {
    const found = [...source.querySelectorAll("[data-path]")].filter((item) => fits(item, words));
    if (!found.length) continue;
    const group = made("div", "picker-group", "");
    const title = made("div", "picker-title", source.dataset.source);
    title.id = `picker-source-${count}`;
    group.role = "group";
    group.setAttribute("aria-labelledby", title.id);
    group.append(title, ...found.map((item) => option(item, count++)));
    list.append(group);
  }
  options = [...list.querySelectorAll("[role=option]")];
  status.textContent = options.length ? `${options.length} value${options.length === 1 ? "" : "s"}` : "Nothing here has that name.";
  choose(options.length ? 0 : -1);
}

function choose(number) {
  options[chosen]?.removeAttribute("aria-selected");
  chosen = number;
  options[chosen]?.setAttribute("aria-selected", "true");
  options[chosen]?.scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
}

// The path that the caret stands in or at, so that choosing again replaces it.
function pathAtCaret() {
  const { value, selectionStart: from, selectionEnd: to } = field;
  if (from !== to) return [from, to];
  return [from - value.slice(0, from).match(/[\w.[\]]*$/)[0].length, to + value.slice(to).match(/^[\w.[\]]*/)[0].length];
}

function take(path) {
  const [from, to] = pathAtCaret();
  const before = field.value.slice(0, from);
  const inside = before.lastIndexOf("${") > before.lastIndexOf("}");
  const isText = field.dataset.value === "text" || field.value.includes("${");
  const into = field;
  const text = isText && !inside ? `\${ ${path} }` : path;
  close();
  into.setRangeText(text, from, to, "end");
  into.dispatchEvent(new Event("input", { bubbles: true }));
  into.dispatchEvent(new Event("change", { bubbles: true }));
}

function open(target) {
  field = target;
  if (!sources().length) return;
  document.body.append(box);
  search.value = "";
  fill();
  box.showPopover();
  const { left, right, top, bottom } = field.getBoundingClientRect();
  const width = Math.min(Math.max(right - left, 340), innerWidth - 16);
  const above = innerHeight - bottom < 260 && top > innerHeight - bottom;
  box.style.width = `${width}px`;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  box.style.maxHeight = `${Math.min(360, (above ? top : innerHeight - bottom) - 12)}px`;
  box.style.top = above ? "auto" : `${bottom + 4}px`;
  box.style.bottom = above ? `${innerHeight - top + 4}px` : "auto";
  search.focus();
}

function close() {
  if (!field) return;
  const back = field;
  field = null;
  box.hidePopover();
  box.remove();
  back.focus();
}

const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

search.addEventListener("input", fill);
box.addEventListener("keydown", (event) => {
  event.stopPropagation();
  const { key } = event;
  if (key in moves) choose(Math.max(0, Math.min(options.length - 1, chosen + moves[key])));
  else if (key === "Enter" && options[chosen]) take(options[chosen].dataset.path);
  else if (key === "Escape" || key === "Tab") close();
  else return;
  event.preventDefault();
});
list.addEventListener("click", ({ target }) => {
  const one = target.closest("[role=option]");
  if (one) take(one.dataset.path);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest(".pick");
  if (button) open(button.previousElementSibling);
  else if (field && !event.composedPath().includes(box)) close();
});
document.addEventListener("keydown", (event) => {
  const wanted = (event.altKey && event.key === "ArrowDown") || (event.ctrlKey && event.code === "Space");
  if (!wanted || !event.target.matches?.("[data-value]")) return;
  event.preventDefault();
  event.stopPropagation();
  open(event.target);
}, true);
