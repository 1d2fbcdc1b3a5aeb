// The fields: the tree of regions, of which only the open branches are rows.

const MOST_OPEN = 64; // rows, at the start

class TreePane {
  constructor(box) {
    this.box = box;
    this.open = new Set();
    this.rows = new Rows(box, (index) => this.row(index), () => this.mark());
    box.addEventListener("mouseover", (event) => point(this.at(event)));
    box.addEventListener("mouseleave", () => point(null));
    box.addEventListener("click", (event) => this.click(event));
    box.addEventListener("keydown", (event) => this.key(event));
    watchers.buffer.push(() => this.reset());
    watchers.active.push(() => this.look());
    watchers.chosen.push(() => this.follow());
    buffers.forEach((buffer) => this.openSome(buffer));
    this.reset();
  }

  get buffer() { return chosen.buffer; }

  /** Opens branches from the root on, level by level, as long as all of it can be taken in at a glance. */
  openSome(buffer) {
    let shown = 1;
    const byDepth = buffer.regions.filter((region) => region.children).sort((one, other) => one.depth - other.depth);
    for (const region of byDepth) {
      const reached = region.parent === null || this.open.has(region.parent);
      if (!reached || (shown + region.children > MOST_OPEN && region.parent)) continue;
      this.open.add(region);
      shown += region.children;
    }
    const broken = buffer.regions.find((region) => region.isBroken);
    if (broken) for (const region of ancestors(broken)) this.open.add(region);
  }

  reset() {
    this.list();
    this.follow();
  }

  /** The rows, from the open branches. */
  list() {
    this.shown = [];
    for (let index = 0; index < this.buffer.regions.length;) {
      const region = this.buffer.regions[index];
      this.shown.push(region);
      index = this.open.has(region) ? index + 1 : region.last + 1;
    }
    this.number = new Map(this.shown.map((region, index) => [region, index]));
    this.rows.reset(this.shown.length);
  }

  row(index) {
    const region = this.shown[index];
    const isOpen = this.open.has(region);
    const sign = isOpen ? "\u25be" : "\u25b8";
    const twisty = make("span", { class: "twisty", "aria-hidden": "true" }, region.children ? sign : "");
    const name = make("span", { class: "name" }, region.name);
    const { shown: told } = region.more;
    const value = make("span", { class: told && region.value.length < 23 ? "value whole" : "value" }, region.value);
    const shown = told ? make("span", { class: "shown" }, told) : null;
    const row = make("div", {
      role: "treeitem",
      id: `r${region.index}`,
      class: `row ${region.isGroup ? "group" : region.family}${region.isBroken ? " broken" : ""}`,
      "data-r": region.index,
      "aria-level": region.depth + 1,
      "aria-setsize": region.parent ? region.parent.children : 1,
      "aria-posinset": region.place,
      "aria-expanded": region.children ? String(isOpen) : undefined,
      "aria-label": `${spoken(region)}${told ? `, ${told}` : ""}`,
    }, twisty, name, value, shown, make("span", { class: "signs" }, ...this.signs(region)));
    row.style.setProperty("--depth", Math.min(region.depth, 12));
    return row;
  }

  /** What else a row says at its end: damage, other bytes to go to, its size. */
  signs(region) {
    const isHidden = region.broken && !this.open.has(region);
    const damage = region.isBroken ? "damaged" : isHidden && "damage inside";
    const opens = region.more.opens !== undefined && "opens \u2192";
    const size = (region.isGroup || region.kind === "unread") && count(region.size, "byte");
    const all = [["badge", damage], ["opens", opens], ["size", size]];
    return all.filter(([, text]) => text).map(([name, text]) => make("span", { class: name }, text));
  }

  at(event) {
    const row = event.target.closest("[data-r]");
    return row ? this.buffer.regions[Number(row.dataset.r)] : null;
  }

  click(event) {
    const region = this.at(event);
    if (!region) return;
    if (event.target.closest(".opens")) enter(this.buffer, region);
    else if (region.children && (event.target.closest(".twisty") || region === chosen.region)) this.toggle(region);
    else choose(this.buffer, region);
  }

  /** Opens or closes a branch; where that hides what is chosen, the branch itself is chosen. */
  toggle(region) {
    const wasOpen = this.open.delete(region);
    if (!wasOpen) this.open.add(region);
    const isInside = chosen.region.index > region.index && chosen.region.index <= region.last;
    this.list();
    if (wasOpen && isInside) choose(this.buffer, region);
    else this.follow();
  }

  /** Opens what the region lies in. */
  reveal(region) {
    const closed = [...ancestors(region)].filter((one) => !this.open.has(one));
    closed.forEach((one) => this.open.add(one));
    if (closed.length) this.list();
  }

  /** The row of a region, or of the closed branch that it lies in. */
  visible(region) {
    for (let one = region; one; one = one.parent) if (this.number.has(one)) return one;
    return this.buffer.regions[0];
  }

  look() {
    const isElsewhere = pointed && !this.box.matches(":hover");
    if (isElsewhere) this.rows.show(this.number.get(this.visible(pointed)));
    this.mark();
  }

  follow() {
    this.reveal(chosen.region);
    this.rows.show(this.number.get(chosen.region) || 0);
    this.box.setAttribute("aria-activedescendant", `r${chosen.region.index}`);
    this.mark();
  }

  /** Marks the rows in sight: the active one, those around it, those that a checksum covers, a formula's sources. */
  mark() {
    const { region, sources: from, covered } = marks();
    const row = this.visible(region);
    const around = new Set(ancestors(region));
    for (const element of this.box.querySelectorAll("[data-r]")) {
      const one = this.buffer.regions[Number(element.dataset.r)];
      const list = element.classList;
      list.toggle("on", one === row);
      list.toggle("around", around.has(one) && one !== row);
      list.toggle("covered", one.size > 0 && within(one.position, covered) && one.end <= covered.end);
      list.toggle("source", from.includes(one));
      element.setAttribute("aria-selected", one === chosen.region);
    }
  }

  key(event) {
    const action = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      PageDown: () => this.step(this.rows.page),
      PageUp: () => this.step(-this.rows.page),
      Home: () => this.step(-Infinity),
      End: () => this.step(Infinity),
      ArrowRight: () => this.right(),
      ArrowLeft: () => this.left(),
      Enter: () => enter(this.buffer, chosen.region),
      " ": () => enter(this.buffer, chosen.region),
    }[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
    announce("");
  }

  step(by) {
    const at = this.number.get(chosen.region);
    choose(this.buffer, this.shown[Math.min(Math.max(at + by, 0), this.shown.length - 1)]);
  }

  right() {
    const region = chosen.region;
    if (!region.children) return;
    if (this.open.has(region)) this.step(1);
    else this.toggle(region);
  }

  left() {
    const region = chosen.region;
    if (this.open.has(region)) this.toggle(region);
    else if (region.parent) choose(this.buffer, region.parent);
  }
}
