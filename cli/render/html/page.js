// The page as a whole: what is where, the keys that work everywhere, and the start.

const id = (name) => document.getElementById(name);
const panes = {};

/** What Enter does: goes to the bytes within, or opens and closes. */
function enter(buffer, region) {
  const inner = region.more.opens === undefined ? null : bufferOf(region.more.opens);
  if (inner) choose(inner, inner.regions[0]);
  else if (region.children) panes.tree.toggle(region);
}

/** The address spaces as tabs, where there are several. */
function tabs() {
  const list = id("buffers");
  list.hidden = buffers.length < 2;
  const all = buffers.map((buffer) => {
    const size = make("small", {}, count(buffer.size, "byte"));
    const tab = make("button", { type: "button", role: "tab", "aria-controls": "panes" }, buffer.name, size);
    tab.addEventListener("click", () => choose(buffer, buffer.regions[0]));
    return tab;
  });
  list.replaceChildren(...all);
  const mark = () => all.forEach((tab, index) => {
    const isChosen = buffers[index] === chosen.buffer;
    tab.setAttribute("aria-selected", isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    if (isChosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const next = (chosen.buffer.index + by + buffers.length) % buffers.length;
    choose(buffers[next], buffers[next].regions[0]);
    all[next].focus();
  });
  watchers.buffer.push(mark);
  mark();
}

/** To the field that broke, from the position of the entry in which it lies. */
function blame(position) {
  const broken = buffers[0].regions.find((region) => region.isBroken && region.position >= position);
  if (broken) choose(buffers[0], broken);
  else chooseByte(buffers[0], position);
}

/** From a finding to the bytes that it is about. */
function findings() {
  for (const item of document.querySelectorAll("#findings [data-position]")) {
    const position = Number(item.dataset.position);
    if (position < buffers[0].start || position >= buffers[0].end) continue;
    const button = make("button", { type: "button" }, "Show");
    button.addEventListener("click", () => blame(position));
    item.append(button);
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");

function theme() {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => { id("theme").querySelector(".label").textContent = isDark() ? "Light" : "Dark"; };
  const turn = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  };
  id("theme").addEventListener("click", turn);
  dark.addEventListener("change", name);
  name();
  return turn;
}

function steps(by) {
  const { steps: computation } = panes.details;
  if (computation && by) computation.move(by);
  else if (computation && !still.matches) computation.toggle();
}

/** The keys that work wherever the focus is, but in the search. */
function keys(turn) {
  const actions = {
    "/": () => { panes.search.input.focus(); panes.search.input.select(); },
    "?": () => id("help").showModal(),
    n: () => panes.search.go(1),
    N: () => panes.search.go(-1),
    s: () => steps(1),
    S: () => steps(-1),
    p: () => steps(0),
    t: turn,
    Escape: () => point(null),
  };
  id("keys").addEventListener("click", actions["?"]);
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest("input, dialog") || event.ctrlKey || event.metaKey || event.altKey;
    if (isTyped || !Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  });
}

function start() {
  document.documentElement.classList.add("alive");
  document.querySelector(".controls").hidden = false;
  id("panes").hidden = false;
  panes.hex = new HexPane(id("hex"));
  panes.tree = new TreePane(id("tree"));
  panes.details = new Details(id("details"));
  panes.search = new Search(id("search"));
  tabs();
  findings();
  keys(theme());
}

start();
