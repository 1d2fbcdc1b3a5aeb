// Searching names, values and bytes.

const MOST_HITS = 10000;

class Search {
  constructor(input) {
    this.input = input;
    this.output = document.getElementById("hits");
    this.buttons = [document.getElementById("previous"), document.getElementById("next")];
    this.clear();
    input.addEventListener("input", () => this.find(input.value.trim()));
    input.addEventListener("keydown", (event) => this.key(event));
    input.form.addEventListener("submit", (event) => event.preventDefault());
    this.buttons[0].addEventListener("click", () => this.go(-1));
    this.buttons[1].addEventListener("click", () => this.go(1));
  }

  clear() {
    [this.hits, this.at] = [[], -1];
    this.tell();
  }

  find(query) {
    this.clear();
    if (!query) return;
    this.hits = buffers.flatMap((buffer) => hitsIn(buffer, query)).slice(0, MOST_HITS);
    this.tell();
  }

  /** To the next hit; from the last to the first. The first time, to the first one. */
  go(by) {
    if (!this.hits.length) return;
    this.at = this.at < 0 && by < 0 ? this.hits.length - 1 : (this.at + by + this.hits.length) % this.hits.length;
    const { buffer, region, position } = this.hits[this.at];
    choose(buffer, region, position);
    this.tell();
    announce(`${this.output.textContent}: ${spoken(region)}`);
  }

  tell() {
    const found = this.hits.length;
    const most = found === MOST_HITS ? "+" : "";
    const place = this.at < 0 ? count(found, "hit") : `${this.at + 1} of ${found}${most}`;
    this.output.textContent = this.input.value.trim() ? (found ? place : "none") : "";
    this.buttons.forEach((button) => { button.disabled = !found; });
  }

  key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.go(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.input.value = "";
      this.clear();
      panes.tree.box.focus();
    }
  }
}

/** Every region whose name or value holds the text, and every place that holds the bytes, in order. */
function hitsIn(buffer, query) {
  const needle = query.toLowerCase();
  const holds = (text) => text.toLowerCase().includes(needle);
  const named = buffer.regions
    .filter((region) => holds(region.name) || holds(region.value) || holds(region.more.shown || ""))
    .map((region) => ({ buffer, region, position: region.position }));
  const places = placesOf(buffer, query).map((position) => ({ buffer, region: buffer.owner(position), position }));
  const seen = new Set(named.map(({ region, position }) => `${region.index} ${position}`));
  const fresh = places.filter(({ region, position }) => !seen.has(`${region.index} ${position}`));
  const order = (one, other) => one.position - other.position || one.region.index - other.region.index;
  return [...named, ...fresh].sort(order);
}

/** Where bytes lie that were typed as pairs of hexadecimal digits. */
function placesOf(buffer, query) {
  const digits = query.toLowerCase().replace(/^0x/, "").replace(/\s+/g, "");
  if (!/^(?:[0-9a-f]{2})+$/.test(digits)) return [];
  const needle = String.fromCharCode(...digits.match(/../g).map((pair) => parseInt(pair, 16)));
  const found = [];
  let at = buffer.text.indexOf(needle);
  while (at >= 0 && found.length < MOST_HITS) {
    found.push(buffer.start + at);
    at = buffer.text.indexOf(needle, at + 1);
  }
  return found;
}
