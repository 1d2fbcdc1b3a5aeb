// A long list of rows of one height, of which only those in sight are made.

const OVERSCAN = 12;

class Rows {
  /** box: what scrolls. make: the row of an index, as an element. mark: called on rows that were made anew. */
  constructor(box, make, mark) {
    Object.assign(this, { box, make, mark, count: 0, first: 0, last: -1, height: 24 });
    this.space = box.appendChild(document.createElement("div"));
    this.space.className = "space";
    this.space.setAttribute("role", "presentation");
    box.addEventListener("scroll", () => this.paint(), { passive: true });
    new ResizeObserver(() => this.paint()).observe(box);
  }

  /** There are other rows now. */
  reset(count) {
    this.count = count;
    this.height = parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) || 24;
    this.space.style.height = `${count * this.height}px`;
    [this.first, this.last] = [0, -1];
    this.paint();
  }

  /** How many rows are in sight. */
  get page() { return Math.max(1, Math.floor(this.box.clientHeight / this.height)); }

  /** Makes the rows in sight, unless they are there. */
  paint() {
    const top = Math.floor(this.box.scrollTop / this.height);
    const first = Math.max(0, top - OVERSCAN);
    const last = Math.min(this.count - 1, top + this.page + OVERSCAN);
    if (first === this.first && last === this.last) return;
    [this.first, this.last] = [first, last];
    const rows = [];
    for (let index = first; index <= last; index += 1) {
      const row = this.make(index);
      row.style.transform = `translateY(${index * this.height}px)`;
      rows.push(row);
    }
    this.space.replaceChildren(...rows);
    this.mark();
  }

  /** Brings a row into sight, without moving when it is in sight. */
  show(index) {
    const top = index * this.height;
    const view = this.box.clientHeight;
    if (top < this.box.scrollTop || top + this.height > this.box.scrollTop + view) {
      this.box.scrollTop = Math.max(0, top - Math.floor(view / 3 / this.height) * this.height);
    }
    this.paint();
  }
}
