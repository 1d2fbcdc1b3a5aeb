// What is chosen and what the pointer is over, and who wants to know. The pointer goes before the choice: it is a
// look, and when it leaves, what was chosen is shown again.

const chosen = { buffer: buffers[0], region: buffers[0].regions[0], position: buffers[0].start };
let pointed = null;
const watchers = { active: [], chosen: [], buffer: [] };

const active = () => pointed || chosen.region;
const tell = (what) => watchers[what].forEach((watcher) => watcher());

/** Looks at a region without choosing it; null ends the look. */
function point(region) {
  if (region === pointed) return;
  pointed = region;
  tell("active");
}

/** Chooses a region, and a byte in it. */
function choose(buffer, region, position = region.position) {
  const before = chosen.buffer;
  pointed = null;
  Object.assign(chosen, { buffer, region, position });
  if (buffer !== before) tell("buffer");
  tell("chosen");
  tell("active");
}

/** Chooses the byte, and with it the region that owns it. */
function chooseByte(buffer, position) {
  const within = Math.min(Math.max(position, buffer.start), Math.max(buffer.start, buffer.end - 1));
  choose(buffer, buffer.owner(within), within);
}

/** The field that a word of a formula means, the nearest one before or around the region. */
function meant(word, buffer, region) {
  for (const around of ancestors(region)) {
    for (let index = around.index; index <= around.last && index - around.index < 60; index += 1) {
      const one = buffer.regions[index];
      if (one.name === word && one !== region) return { buffer, region: one };
    }
  }
  const origin = originOf(buffer);
  return origin && meant(word, origin.buffer, origin.region);
}

/** The words of a formula, those that name a field with the field that they name. */
function words(formula, buffer, region) {
  return formula.split(/([a-z][a-z0-9]*(?:_[a-z0-9]+)+|\boffset\b|\bcrc\b)/).map((text, index) => {
    const found = index % 2 && text !== region.name ? meant(text, buffer, region) : null;
    return { text, found };
  });
}

/** The fields of the buffer that the region's formula takes its numbers from. */
function sources(region, buffer) {
  const formula = region.more.formula;
  if (!formula) return [];
  return words(formula, buffer, region)
    .filter(({ found }) => found && found.buffer === buffer)
    .map(({ found }) => found.region);
}

/** What is marked while a region is active, as spans in the buffer. */
function marks() {
  const region = active();
  const buffer = chosen.buffer;
  const around = region.isGroup ? region : region.parent;
  const covers = region.more.covers;
  return {
    region,
    around: around && around.parent ? around : null, // the whole is no mark
    sources: sources(region, buffer),
    covered: covers && covers[0] === buffer.id ? { position: covers[1], end: covers[1] + covers[2] } : null,
  };
}

const within = (position, span) => span !== null && position >= span.position && position < span.end;

function announce(text) {
  document.getElementById("live").textContent = text;
}
