// All that is known of one region, in words.

const MOST_SHOWN = { field: 96, group: 32 }; // bytes
const NO_TYPE = new Set(["group", "unread", "elided"]);

/** A sentence of ours, in which names of fields stand between backticks. */
const prose = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));

const fact = (name, text) => [make("dt", {}, name), make("dd", { class: name.toLowerCase() }, text)];

class Details {
  constructor(box) {
    this.box = box;
    this.steps = null;
    watchers.active.push(() => this.show());
    this.show();
  }

  show() {
    const region = active();
    if (region === this.region) return;
    this.region = region;
    if (this.steps) this.steps.stop();
    this.steps = null;
    this.box.replaceChildren(...this.parts(region, chosen.buffer).filter(Boolean));
    this.box.scrollTop = 0;
  }

  parts(region, buffer) {
    return [
      this.path(region, buffer),
      make("h3", {}, region.name),
      region.value ? make("p", { class: `value${region.value.length > 20 ? " long" : ""}` }, region.value) : null,
      region.more.shown ? make("p", { class: "shown" }, region.more.shown) : null,
      this.problem(region),
      region.sentence ? make("p", { class: "sentence" }, ...prose(region.sentence)) : null,
      this.formula(region, buffer),
      this.computation(region, buffer),
      this.reach(region),
      this.way(region, buffer),
      this.facts(region, buffer),
    ];
  }

  path(region, buffer) {
    const above = [...ancestors(region)].reverse();
    const steps = above.map((one) => make("li", {}, this.link(one.name, buffer, one)));
    return steps.length ? make("ol", { class: "path", "aria-label": "Lies in" }, ...steps) : null;
  }

  link(text, buffer, region) {
    const button = make("button", { type: "button", class: "link" }, text);
    button.addEventListener("click", () => choose(buffer, region));
    return button;
  }

  problem(region) {
    if (!region.isBroken) return null;
    const why = region.problem || "These bytes could not be read.";
    return make("p", { class: "problem" }, make("b", {}, "Damaged: "), why);
  }

  formula(region, buffer) {
    if (!region.more.formula) return null;
    const parts = words(region.more.formula, buffer, region);
    const shown = parts.map(({ text, found }) => (found ? this.link(text, found.buffer, found.region) : text));
    return make("p", { class: "formula" }, ...shown);
  }

  computation(region, buffer) {
    const steps = region.more.steps;
    const bits = bitsOf(region, buffer.bytes(region, MOST_BYTES_IN_BITS + 1));
    if (!steps) return bits ? bits.element : null;
    this.steps = new Steps(steps, bits);
    return this.steps.element;
  }

  reach(region) {
    const covers = region.more.covers;
    if (!covers) return null;
    const [id, position, size] = covers;
    const places = `positions ${number(position)} to ${number(position + size - 1)}`;
    const text = `Covers ${count(size, "byte")}: ${places}, marked in the bytes.`;
    const buffer = bufferOf(id);
    return make("p", { class: "reach" }, buffer && buffer !== chosen.buffer ? `${text} (${buffer.name})` : text);
  }

  /** To what these bytes decompress to, or back from there. */
  way(region, buffer) {
    const inner = region.more.opens === undefined ? null : bufferOf(region.more.opens);
    if (inner) return this.wayTo(`Open ${inner.name}, ${count(inner.size, "byte")} \u2192`, inner, inner.regions[0]);
    const origin = region.parent ? null : originOf(buffer);
    if (!origin) return null;
    const from = `${count(origin.region.size, "byte")} at position ${number(origin.region.position)}`;
    return this.wayTo(`\u2190 Decompressed from ${from}`, origin.buffer, origin.region);
  }

  wayTo(text, buffer, region) { return make("p", { class: "way" }, this.link(text, buffer, region)); }

  facts(region, buffer) {
    const last = region.size > 1 ? ` to ${number(region.end - 1)}` : "";
    const where = `${number(region.position)}${last} (${count(region.size, "byte")})`;
    const bytes = buffer.bytes(region, region.isGroup ? MOST_SHOWN.group : MOST_SHOWN.field);
    const rest = region.size - bytes.length;
    const more = bytes.length && rest > 0 ? ` \u2026 and ${count(rest, "byte")} more` : "";
    const raw = bytes.map(hex).join(" ") + more;
    const type = NO_TYPE.has(region.kind) ? "" : region.kind;
    const since = region.since && `Kafka ${region.since}`;
    const facts = [["Position", where], ["Bytes", raw], ["Type", type], ["Since", since]];
    return make("dl", {}, ...facts.filter(([, text]) => text).flatMap(([name, text]) => fact(name, text)));
  }
}
