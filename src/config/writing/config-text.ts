import { ownCommand } from '../../core/text/own-command.ts';
import { networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { YamlEdit } from '../../io/yaml-edit.ts';

export interface Answers {
  zone: string;
  /** Absent: there was no one to ask. */
  cadence?: { perDay: string; windows: string[]; days: string[] };
  accounts: { name: string; entry: Record<string, unknown> }[];
}

export const usualCadence: NonNullable<Answers['cadence']> = {
  perDay: '1-2',
  windows: ['08:00-12:00', '16:00-21:00'],
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
};

/** Existing values stay, unless the person (or --force) decides otherwise. */
export function editConfig(
  edit: YamlEdit,
  { zone, cadence, accounts }: Answers,
  isForced: boolean,
): void {
  const set = (path: string[], value: unknown, isWanted = isForced) => {
    const before = edit.read(path);
    if (
      (before === undefined || before === null || isWanted) &&
      JSON.stringify(before) !== JSON.stringify(value)
    )
      edit.set(path, value);
  };
  set(['timezone'], zone);
  for (const { name, entry } of accounts) {
    const before = edit.read(['accounts', name]);
    if (typeof before !== 'object' || before === null) edit.set(['accounts', name], entry);
    // Each of these was asked for, so the answer is written.
    else
      for (const [key, value] of Object.entries(entry)) set(['accounts', name, key], value, true);
  }
  if (!cadence || (!isForced && edit.read(['cadence']) !== undefined)) return;
  set(['cadence', 'perDay'], toPerDay(cadence.perDay));
  set(['cadence', 'windows'], cadence.windows);
  set(['cadence', 'days'], cadence.days);
  if (edit.read(['cadence', 'minGap']) === undefined) edit.set(['cadence', 'minGap'], '90m');
}

const toPerDay = (text: string): string | number =>
  /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;

const people = networks.map((name) => `${name}: "${traitsOf(name).mentions.example}"`);

export function newConfig({ zone, cadence = usualCadence, accounts }: Answers): string {
  const lines = accounts.map(({ name, entry }) => `  ${`${name}:`.padEnd(9)} ${toFlow(entry)}`);
  const list = (words: string[]) =>
    `[${words.map((word) => (word.includes(':') ? `"${word}"` : word)).join(', ')}]`;
  return `# yaml-language-server: $schema=./dripline.schema.json
# Dripline. Values like \${NAME} come from the environment or from .env.
# \`${ownCommand('config')}\` shows where each value comes from.

timezone: ${zone}

# The accounts to publish as. Choose the names on the left; they appear in ids such as hello@bsky.
accounts:
${lines.join('\n')}

# How often, and when. Each account may have its own cadence.
cadence:
  perDay: ${cadence.perDay.padEnd(20)} # a number, or a range
  windows: ${list(cadence.windows)}
  days: ${list(cadence.days)}
  minGap: 90m
  # blackout: ["2026-12-24/2026-12-26"]

# Named queues, for \`queue: tips\` in a post.
# queues:
#   tips: { perDay: 1, windows: ["12:00-14:00"] }

# Feeds add posts. What a feed contains at its first check is not posted.
# feeds:
#   - { url: https://example.com/feed.xml, template: "{{title}}", perDay: 2 }

# UTM tags for the \`link\` of posts with \`campaign: spring\`.
# campaigns:
#   spring: { utm: { source: "{{network}}", campaign: spring } }

# For how long what grows is kept.
# keep: { journal: 2y, samples: 2y, pictures: 60d }

# People: \`{{@alice}}\` in a post becomes the address on each network.
# mentions:
#   alice: { ${people.join(', ')} }
`;
}

const toScalar = (text: string) => (/^[\w./:-]+$/.test(text) ? text : JSON.stringify(text));

/** A map on one line, or a long one on two. */
function toFlow(entry: Record<string, unknown>): string {
  const parts = Object.entries(entry).map(([key, value]) => `${key}: ${toScalar(String(value))}`);
  const line = `{ ${parts.join(', ')} }`;
  if (line.length <= 110) return line;
  const half = Math.ceil(parts.length / 2);
  const [first, second] = [parts.slice(0, half), parts.slice(half)];
  return `{ ${first.join(', ')},\n              ${second.join(', ')} }`;
}
