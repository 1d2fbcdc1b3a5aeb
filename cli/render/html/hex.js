// The bytes: sixteen to a row, eight where it is narrow, each with the colour of the field that owns it.

const narrow = matchMedia("(max-width: 700px)");

class HexPane {
  constructor(box) {
    this.box = box;
    this.rows = new Rows(box, (index) => this.row(index), () => this.mark());
    box.addEventListener("mouseover", (event) => this.over(event.target.closest("[data-p]")));
    box.addEventListener("mouseleave", () => point(null));
    box.addEventListener("click", (event) => this.click(event.target.closest("[data-p]")));
    box.addEventListener("keydown", (event) => this.key(event));
    narrow.addEventListener("change", () => this.reset());
    watchers.buffer.push(() => this.reset());
    watchers.active.push(() => this.look());
    watchers.chosen.push(() => this.follow());
    this.reset();
  }

  get buffer() { return chosen.buffer; }
  get stored() { return Math.min(this.buffer.stored, this.buffer.end); }

  reset() {
    this.width = narrow.matches ? 8 : 16;
    this.base = Math.floor(this.buffer.start / this.width) * this.width;
    this.full = Math.ceil((this.stored - this.base) / this.width);
    this.digits = Math.max(4, String(this.buffer.end).length);
    const left = this.buffer.end > this.stored ? 1 : 0;
    this.box.setAttribute("aria-rowcount", this.full + left);
    this.box.setAttribute("aria-colcount", this.width + 1);
    this.rows.space.style.width = `${this.digits + (narrow.matches ? 33 : 68)}ch`; // as wide as a row
    this.rows.reset(this.full + left);
    this.follow();
  }

  row(index) {
    if (index === this.full) return this.leftOut(index);
    const start = this.base + index * this.width;
    const bytes = [];
    const signs = [];
    for (let position = start; position < start + this.width; position += 1) {
      bytes.push(this.cell(position));
      signs.push(this.sign(position));
    }
    const head = make("span", { role: "rowheader", class: "position" }, String(start).padStart(this.digits));
    const ascii = make("span", { class: "ascii", "aria-hidden": "true" }, ...signs);
    return make("div", { role: "row", class: "row", "aria-rowindex": index + 1 }, head, ...bytes, ascii);
  }

  leftOut(index) {
    const at = this.stored;
    const text = `${count(this.buffer.end - at, "byte")} from position ${number(at)} on are left out`;
    const cell = make("span", { role: "gridcell", class: "leftout", "data-p": at, id: `p${at}` }, text);
    return make("div", { role: "row", class: "row", "aria-rowindex": index + 1 }, cell);
  }

  isHere(position) { return position >= this.buffer.start && position < this.stored; }

  cell(position) {
    if (!this.isHere(position)) return make("span", { class: "byte none", role: "gridcell" }, "  ");
    const owner = this.buffer.owner(position);
    const place = { "data-p": position, id: `p${position}` };
    const cell = make("span", { role: "gridcell", class: `byte ${owner.family}`, ...place });
    cell.classList.toggle("first", position === owner.position);
    cell.classList.toggle("end", position === owner.end - 1);
    cell.classList.toggle("broken", owner.isBroken);
    cell.textContent = hex(this.buffer.byte(position));
    return cell;
  }

  sign(position) {
    if (!this.isHere(position)) return make("span", {}, " ");
    const byte = this.buffer.byte(position);
    const shown = byte > 31 && byte < 127;
    const text = shown ? String.fromCharCode(byte) : "\u00b7";
    return make("span", { "data-p": position, class: shown ? "" : "dot" }, text);
  }

  /** Marks the bytes in sight: the active field's, those around it, a checksum's reach, a formula's sources. */
  mark() {
    const { region, around, sources: from, covered } = marks();
    for (const cell of this.box.querySelectorAll("[data-p]")) {
      const position = Number(cell.dataset.p);
      const list = cell.classList;
      list.toggle("on", !region.isGroup && within(position, region));
      list.toggle("around", within(position, around));
      list.toggle("covered", within(position, covered));
      list.toggle("source", from.some((one) => within(position, one)));
      list.toggle("cursor", position === chosen.position);
      if (cell.id) cell.setAttribute("aria-selected", within(position, chosen.region));
    }
  }

  /** Shows what the pointer is over in the other pane. */
  look() {
    const isElsewhere = pointed && !this.box.matches(":hover");
    if (isElsewhere && pointed.size > 0) this.rows.show(this.rowOf(pointed.position));
    this.mark();
  }

  rowOf(position) { return Math.min(this.full, Math.floor((position - this.base) / this.width)); }

  follow() {
    if (this.buffer.end > this.buffer.start) this.rows.show(this.rowOf(chosen.position));
    this.mark();
    this.box.setAttribute("aria-activedescendant", `p${Math.min(chosen.position, this.stored)}`);
  }

  over(cell) { point(cell ? this.buffer.owner(Number(cell.dataset.p)) : null); }
  click(cell) { if (cell) chooseByte(this.buffer, Number(cell.dataset.p)); }

  key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      return chosen.region.more.opens === undefined ? panes.tree.box.focus() : enter(chosen.buffer, chosen.region);
    }
    const to = this.target(event);
    if (to === undefined) return undefined;
    event.preventDefault();
    chooseByte(this.buffer, Math.min(to, this.stored));
    return announce(spoken(chosen.region, chosen.position));
  }

  /** Where a key leads to. */
  target(event) {
    const at = chosen.position;
    const start = at - ((at - this.base) % this.width);
    const page = this.rows.page * this.width;
    const whole = event.ctrlKey || event.metaKey;
    return {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - this.width,
      ArrowDown: at + this.width,
      PageUp: at - page,
      PageDown: at + page,
      Home: whole ? this.buffer.start : start,
      End: whole ? this.stored - 1 : start + this.width - 1,
    }[event.key];
  }
}

/** A region as it is read aloud. */
function spoken(region, position) {
  const isOne = position === undefined || region.size < 2;
  const byte = isOne ? "" : `, byte ${position - region.position + 1} of ${region.size}`;
  const problem = region.isBroken ? `, damaged: ${region.problem || "not readable"}` : "";
  return `${region.name}${region.value ? ` ${region.value}` : ""}${byte}${problem}`;
}
