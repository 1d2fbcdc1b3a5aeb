// A computation, step by step: all of it is there to read, and can be gone through again, by hand or by itself.

const PAUSE = 1400; // milliseconds

class Steps {
  constructor(steps, bits) {
    Object.assign(this, { steps, bits, at: steps.length - 1, timer: null });
    this.lines = steps.map((step) => make("li", {}, step));
    this.play = make("button", { type: "button", class: "play", hidden: still.matches }, "Play");
    this.play.addEventListener("click", () => this.toggle());
    this.back = this.button("Back", -1);
    this.on = this.button("Step", 1);
    const controls = make("div", { class: "steps-controls" }, this.play, this.back, this.on);
    const drawing = bits ? bits.element : null;
    const list = make("ol", {}, ...this.lines);
    this.element = make("div", { class: "steps" }, drawing, list, steps.length > 1 ? controls : null);
    this.show();
  }

  button(text, by) {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", () => { this.stop(); this.move(by); });
    return button;
  }

  /** On or back; after the last step comes the first. */
  move(by) {
    this.at = (this.at + by + this.steps.length) % this.steps.length;
    this.show();
    announce(this.steps[this.at]);
  }

  show() {
    this.lines.forEach((line, index) => {
      line.classList.toggle("now", index === this.at);
      line.classList.toggle("later", index > this.at);
    });
    if (this.bits) this.bits.at(this.at, this.steps[this.at]);
  }

  toggle() {
    if (this.timer) return this.stop();
    this.at = -1;
    this.play.textContent = "Pause";
    this.timer = setInterval(() => this.tick(), PAUSE);
    return this.tick();
  }

  tick() {
    this.move(1);
    if (this.at === this.steps.length - 1) this.stop();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }
}
