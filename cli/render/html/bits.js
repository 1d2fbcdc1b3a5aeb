// The bits of a field, drawn: what a varint does with the first bit of each byte, and which bits say what in a field
// of flags.

const still = matchMedia("(prefers-reduced-motion: reduce)");
const MOST_BYTES_IN_BITS = 10;
const BITS = /^bits? (\d+)(?:\s*(?:-|\u2013|to|and)\s*(\d+))?/i; // how a step says which bits it is about

/** A drawing that follows the steps; null where bits would tell nothing. */
function bitsOf(region, bytes) {
  const isVarint = region.family === "varint";
  const isFlags = (region.more.steps || []).some((step) => BITS.test(step));
  if (!bytes.length || bytes.length > MOST_BYTES_IN_BITS || !(isVarint || isFlags)) return null;
  return isVarint ? new VarintBits(bytes) : new FlagBits(bytes);
}

const binary = (byte) => byte.toString(2).padStart(8, "0");

class Bits {
  constructor(bytes, name) {
    this.bytes = bytes.map((byte, index) => this.byteOf(byte, index));
    const said = bytes.map(binary).join(" ");
    this.element = make("div", { class: `bits ${name}`, role: "img", "aria-label": said }, ...this.bytes);
  }

  byteOf(byte, index) {
    const bits = [...binary(byte)].map((digit, place) => {
      const kind = digit === "1" ? "one" : "";
      return make("i", { class: kind, "data-bit": 7 - place, "data-byte": index }, digit);
    });
    return make("span", { class: "eight" }, ...bits);
  }

  /** Moves what moves from where it was to where it is, unless the reader wants no motion. */
  moving(change) {
    const before = this.bytes.map((byte) => byte.getBoundingClientRect().left);
    change();
    if (still.matches) return;
    this.bytes.forEach((byte, index) => {
      const moved = before[index] - byte.getBoundingClientRect().left;
      const way = [{ transform: `translateX(${moved}px)` }, { transform: "none" }];
      if (moved) byte.animate(way, { duration: 500, easing: "ease-in-out" });
    });
  }
}

/** Byte by byte, with the bit that only says whether more follows; then seven bits of each, the last byte first. */
class VarintBits extends Bits {
  constructor(bytes) {
    super(bytes, "varint");
    this.bytes.forEach((byte) => byte.firstChild.classList.add("flag"));
  }

  at(step) {
    this.moving(() => {
      this.bytes.forEach((byte, index) => byte.classList.toggle("told", index === step));
      this.element.classList.toggle("joined", step >= this.bytes.length);
    });
  }
}

/** Which bits a step speaks of. Bit 0 is the last one. */
class FlagBits extends Bits {
  constructor(bytes) { super(bytes, "flagged"); }

  at(_step, text) {
    const found = BITS.exec(text) || [];
    const [low, high] = [Number(found[1]), Number(found[2] || found[1])].sort((one, other) => one - other);
    for (const bit of this.element.querySelectorAll("i")) {
      const number = Number(bit.dataset.bit) + 8 * (this.bytes.length - 1 - Number(bit.dataset.byte));
      bit.classList.toggle("told", number >= low && number <= high);
    }
  }
}
