// Draws the pictures of the sample posts. By hand, after a change here: node media/make-pictures.ts
// No words in them: a machine without fonts has to draw the same, and what they say stands in their
// alt texts.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

const home = join(import.meta.dirname, '..');
const [width, height] = [1200, 675];
const deep = '#0b3b3a';
const teal = '#0b7a75';
const mint = '#d7f5ef';
const sand = '#fbf6ea';
const amber = '#e9a23b';
const soil = '#c9a477';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

function frame(background: string, drawing: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <rect width="${width}" height="${height}" fill="${background}"/>${drawing}</svg>`;
}

/** Its tip stands at x, y. */
function drop(x: number, y: number, size: number, fill: string): string {
  return `<path transform="translate(${x} ${y}) scale(${size / 100})" d="M0 0C30 42 48 64 48 92A48 48 0 0 1 -48 92C-48 64 -30 42 0 0Z" fill="${fill}"/>`;
}

function plant(x: number, ground: number, tall: number): string {
  const leaf = (side: number, up: number, size: number) =>
    `<path transform="translate(${x} ${ground - up}) scale(${side * size} ${size})" d="M0 0C18 -34 58 -40 84 -34C78 -8 44 12 0 0Z" fill="${teal}"/>`;
  return (
    `<path d="M${x} ${ground}V${ground - tall}" stroke="${deep}" stroke-width="9" stroke-linecap="round"/>` +
    leaf(1, tall * 0.35, tall / 200) +
    leaf(-1, tall * 0.6, tall / 190) +
    leaf(1, tall * 0.95, tall / 210) +
    leaf(-1, tall, tall / 230)
  );
}

/** A hose with a drop over each plant; the plants are larger where it has dripped longer. */
function drawDrip(): string {
  const places = range(5).map((i) => 150 + i * 225);
  return frame(
    mint,
    `
    <circle cx="1010" cy="100" r="62" fill="${amber}" opacity=".85"/>
    <rect y="520" width="${width}" height="155" fill="${soil}"/>
    <path d="M-10 210H${width + 10}" stroke="${deep}" stroke-width="22"/>
    ${places
      .map(
        (
          x,
          i,
        ) => `<rect x="${x - 13}" y="206" width="26" height="34" rx="8" fill="${deep}"/>${drop(x, 262, 36, teal)}
      <ellipse cx="${x}" cy="556" rx="70" ry="14" fill="${deep}" opacity=".18"/>${plant(x, 540, 176 - i * 27)}`,
      )
      .join('')}`,
  );
}

/** Two rows of four weeks: everything at once and then nothing, and one each day. */
function drawCadence(): string {
  const row = (y: number, fillOf: (day: number) => string, heightOf: (day: number) => number) =>
    range(28)
      .map((day) => {
        const x = 92 + day * 32 + Math.floor(day / 7) * 40;
        const tall = heightOf(day);
        return `<rect x="${x}" y="${y - tall}" width="22" height="${tall}" rx="6" fill="${fillOf(day)}"/>`;
      })
      .join('') + `<path d="M80 ${y + 14}H1120" stroke="${deep}" stroke-width="3" opacity=".35"/>`;
  const burst = [0, 190, 150, 60, 0, 0, 0];
  return frame(
    sand,
    `
    ${row(
      290,
      () => amber,
      (day) => (day < 7 ? (burst[day] ?? 0) || 8 : 8),
    )}
    ${row(
      560,
      (day) => (day % 7 < 5 ? teal : '#b9d9d3'),
      (day) => (day % 7 < 5 ? 96 : 8),
    )}`,
  );
}

/** One curve for each post from its own first minute; one of them leaves the usual band. */
function drawMeasure(): string {
  const curve = (top: number, speed: number) =>
    range(61)
      .map(
        (i) =>
          `${i ? 'L' : 'M'}${120 + i * 16} ${(560 - top * (1 - Math.exp(-i / speed))).toFixed(1)}`,
      )
      .join('');
  const usual = [150, 185, 210, 240];
  return frame(
    '#f2f7f6',
    `
    <path d="${curve(255, 13)}L1080 ${(560 - 130 * (1 - Math.exp(-60 / 16))).toFixed(1)}${range(61)
      .reverse()
      .map((i) => `L${120 + i * 16} ${(560 - 130 * (1 - Math.exp(-i / 16))).toFixed(1)}`)
      .join('')}Z" fill="${mint}"/>
    ${range(4)
      .map(
        (i) =>
          `<path d="M120 ${160 + i * 100}H1080" stroke="${deep}" stroke-width="2" opacity=".1"/>`,
      )
      .join('')}
    ${usual.map((top, i) => `<path d="${curve(top, 14 + i)}" fill="none" stroke="${teal}" stroke-width="5" opacity=".45"/>`).join('')}
    <path d="${curve(440, 15)}" fill="none" stroke="${amber}" stroke-width="9" stroke-linecap="round"/>
    <circle cx="1080" cy="${(560 - 440 * (1 - Math.exp(-4))).toFixed(1)}" r="15" fill="${amber}"/>
    <path d="M120 100V560H1100" fill="none" stroke="${deep}" stroke-width="6" stroke-linecap="round"/>`,
  );
}

/** Cards in a row, the first one about to leave through a gap in the line. */
function drawQueue(): string {
  const card = (
    x: number,
    y: number,
    opacity: number,
    accent: string,
  ) => `<g transform="translate(${x} ${y})" opacity="${opacity}">
    <rect width="190" height="240" rx="18" fill="#fff" stroke="${deep}" stroke-width="5"/>
    <rect x="26" y="30" width="138" height="78" rx="10" fill="${accent}"/>
    ${[136, 162, 188].map((line, i) => `<rect x="26" y="${line}" width="${[138, 120, 76][i]}" height="12" rx="6" fill="${deep}" opacity=".3"/>`).join('')}</g>`;
  const accents = [amber, teal, mint, soil];
  return frame(
    '#e8f1f0',
    `
    <path d="M60 520H1140" stroke="${deep}" stroke-width="6" stroke-linecap="round" stroke-dasharray="2 22"/>
    ${range(4)
      .map((i) => card(60 + i * 215, 240, 1 - i * 0.02, accents[3 - i] ?? teal))
      .join('')}
    <path d="M915 190V520" stroke="${deep}" stroke-width="10" stroke-linecap="round"/>
    <g transform="rotate(5 1040 320)">${card(950, 170, 1, teal)}</g>
    <path d="M975 470c34 26 90 26 128 -6m0 0l-8 30m8 -30l-30 4" fill="none" stroke="${amber}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"/>`,
  );
}

const pictures: Record<string, string> = {
  'media/drip.png': drawDrip(),
  'media/cadence.png': drawCadence(),
  'media/measure.png': drawMeasure(),
  'posts/200-what-a-queue-is-for/queue.png': drawQueue(),
};
for (const [path, svg] of Object.entries(pictures)) {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await sharp(Buffer.from(svg))
    .png({ palette: true, compressionLevel: 9 })
    .toFile(join(home, path));
}
