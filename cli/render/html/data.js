// What was explained, out of the JSON in the page: for each buffer its bytes and its regions, as flat lists in the
// order of the tree. Everything here is text to show, never markup.

const source = JSON.parse(document.getElementById("data").textContent);

class Region {
  constructor(index, row, texts) {
    const [depth, name, kind, position, size, value, sentence, since, more = {}] = row;
    Object.assign(this, { index, depth, position, size, more });
    Object.assign(this, { parent: null, place: 1, children: 0, last: index, broken: 0 }); // told by `nest`
    this.name = texts[name];
    this.kind = texts[kind];
    this.value = texts[value];
    this.sentence = texts[sentence];
    this.since = texts[since];
    for (const told of ["shown", "formula", "problem"]) if (told in more) more[told] = texts[more[told]];
    if (more.steps) more.steps = more.steps.map((step) => texts[step]);
  }

  get end() { return this.position + this.size; }
  get isGroup() { return this.kind === "group"; }
  get problem() { return this.more.problem; }
  get isBroken() { return this.kind === "unread" || this.problem !== undefined; }

  /** How it is coloured: by how its bytes spell the value. */
  get family() {
    if (this.kind === "unread" || this.kind === "elided") return this.kind;
    if (this.more.covers) return "sum";
    if (/^(u?varint|u?varlong)/.test(this.kind)) return "varint";
    if (/^u?int\d+|^float|^bool|^uuid/.test(this.kind)) return "fixed";
    return "payload";
  }
}

class Bytes {
  constructor(row, index, texts) {
    Object.assign(this, { index, id: row.id, name: row.name, size: row.size, start: row.start, end: row.end });
    this.text = atob(row.bytes); // one character for each byte
    this.regions = row.regions.map((region, number) => new Region(number, region, texts));
    this.nest();
    this.owners = this.regions.filter((region) => !region.isGroup && region.size > 0);
  }

  /** From the depths: each region's parent, its place beside others, the last and the damaged ones within it. */
  nest() {
    const path = [];
    for (const region of this.regions) {
      path.length = region.depth;
      region.parent = path[region.depth - 1] || null;
      if (region.parent) region.place = region.parent.children += 1;
      path.push(region);
    }
    for (let index = this.regions.length - 1; index > 0; index -= 1) {
      const region = this.regions[index];
      region.parent.last = Math.max(region.parent.last, region.last);
      region.parent.broken += region.broken + (region.isBroken ? 1 : 0);
    }
  }

  get stored() { return this.start + this.text.length; }
  byte(position) { return this.text.charCodeAt(position - this.start); }

  /** The bytes of a region as numbers, as far as they are here and not more than `most`. */
  bytes(region, most) {
    const end = Math.min(region.end, this.stored, region.position + most);
    return Array.from({ length: Math.max(0, end - region.position) }, (_, n) => this.byte(region.position + n));
  }

  /** The region that owns a byte. */
  owner(position) {
    let [low, high] = [0, this.owners.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.owners[middle].position <= position) low = middle;
      else high = middle - 1;
    }
    return this.owners[low] || this.regions[0];
  }
}

const buffers = source.buffers.map((row, index) => new Bytes(row, index, source.texts));
const bufferOf = (id) => buffers.find((buffer) => buffer.id === id);

const origins = new Map();
for (const buffer of buffers) {
  const opening = buffer.regions.filter((region) => region.more.opens !== undefined);
  opening.forEach((region) => origins.set(region.more.opens, { buffer, region }));
}

/** The region whose bytes decompress to this buffer, with the buffer in which it lies. */
const originOf = (buffer) => origins.get(buffer.id) || null;

function* ancestors(region) {
  for (let one = region.parent; one; one = one.parent) yield one;
}

const hex = (byte) => byte.toString(16).padStart(2, "0");
const number = (value) => value.toLocaleString("en");
const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A new element. Strings among its children become text, whatever they hold. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
