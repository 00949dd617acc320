import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { importFile } from '../../src/cli/import/import.ts';
import { splitFile } from '../../src/sources/folder/split-file.ts';
import { openWorld, type World } from '../flow/world.ts';
import { inputs } from './kit.ts';

const now = Date.parse('2026-11-24T12:00Z');

interface Brought {
  code: number;
  imported: { file: string }[];
  problems: { what: string; hint?: string; severity: string }[];
  posts: Record<string, unknown>[];
}

async function bringIn(world: World, csv: string, ignore: string[] = []): Promise<Brought> {
  world.write({ 'plan.csv': csv });
  let said: unknown;
  const terminal = {
    isJson: true,
    canAsk: false,
    print: (_: string, json: unknown) => void (said = json),
    ask: () => Promise.reject(new Error('asked')),
  };
  const options = { dates: 'day-first', ignore };
  const cli = { folder: world.folder, config: world.config, terminal, options, args: ['plan.csv'] };
  const get = () => Promise.reject(new Error('fetched'));
  const code = await importFile(cli, get, now);
  const report = said as Omit<Brought, 'code' | 'posts'>;
  return { code, ...report, posts: report.imported.map(({ file }) => read(world, file)) };
}

function read(world: World, file: string): Record<string, unknown> {
  const split = splitFile(readFileSync(join(world.folder, file), 'utf8'), file);
  if ('what' in split) throw new Error(split.what);
  return { ...(parse(split.front ?? '') as Record<string, unknown>), body: split.body.trim() };
}

async function openDesk(): Promise<World> {
  const world = await openWorld();
  mkdirSync(join(world.folder, 'media'), { recursive: true });
  world.write({
    'media/drip.png': readFileSync(join(import.meta.dirname, '../../media/drip.png')),
  });
  return world;
}

const date = '2026-12-05 10:00';
const text = 'Advent, Advent!';
const media = [{ src: 'drip.png', alt: '' }];

/** As each tool, or Excel in each language, writes one post of 5 December to Bluesky. */
const templates: Record<string, [csv: string, post: Record<string, unknown>]> = {
  Buffer: [
    `Profile,Text,Link,Image URL,Tags,Posting Time\nbluesky,"${text}",https://e.example/a,drip.png,,2026-12-05 10:00\n`,
    { networks: ['bluesky'], date, link: 'https://e.example/a', media },
  ],
  Publer: [
    'Date,Text,Link(s),Media URL(s),Title,Label(s),Alt text(s),Comment(s),' +
      `"Pin board, FB album, or Google category",Post subtype,CTA,Reminder\n` +
      `2026-12-05 10:00,"${text}",,drip.png,,,A drop,Look here,,,,\n`,
    {
      date,
      media: [{ src: 'drip.png', alt: 'A drop' }],
      followUps: [{ when: 'age >= 1m', as: 'reply', text: 'Look here' }],
    },
  ],
  SocialBee: [
    `postAtSpecificTime (YYYY-MM-DD HH:mm:ss),content,link (OGmetaURL),imageUrls,gifUrl,videoUrls\n2026-12-05 10:00:00,"${text}",,drip.png,,\n`,
    { date: '2026-12-05 10:00:00', media },
  ],
  Hootsuite: [
    `05/12/2026 10:00,"${text}",https://e.example/a\n`,
    { date, link: 'https://e.example/a' },
  ],
  Postiz: [
    `content,date,platform,media\n"<p>${text}</p>",2026-12-05T10:00:00Z,bluesky,drip.png\n`,
    { networks: ['bluesky'], date: '2026-12-05T10:00:00Z', media },
  ],
  Metricool: [
    'Text,Date,Time,Draft,Facebook,Twitter/X,LinkedIn,Bluesky,Picture Url 1,Picture Url 2,' +
      'Alt text picture 1,Shortener,First Comment Text\n' +
      `"${text}",2026-12-05,10:00:00,FALSE,FALSE,TRUE,FALSE,TRUE,drip.png,,A drop,,Look here\n`,
    {
      networks: ['x', 'bluesky'],
      date: '2026-12-05 10:00:00',
      media: [{ src: 'drip.png', alt: 'A drop' }],
      followUps: [{ when: 'age >= 1m', as: 'reply', text: 'Look here' }],
    },
  ],
  MagicSync: [
    `content,image_url,scheduled_time\n"${text}",drip.png,2026-12-05T10:00:00Z\n`,
    { date: '2026-12-05T10:00:00Z', media },
  ],
  'Excel in German': [
    `\ufeffDatum;Uhrzeit;Text;Netzwerk;Bild\r\n05.12.2026;10:00;"${text}";bluesky;drip.png\r\n`,
    { networks: ['bluesky'], date, media },
  ],
  'Excel in French': [
    `\ufeffDate;Heure;Légende;Réseau;Image\r\n05/12/2026;10:00;"${text}";bluesky;drip.png\r\n`,
    { networks: ['bluesky'], date, media },
  ],
  'Excel in Spanish': [
    `\ufeffFecha;Hora;Texto;Red;Imagen\r\n05/12/2026;10:00;"${text}";bluesky;drip.png\r\n`,
    { networks: ['bluesky'], date, media },
  ],
  'Excel in Italian': [
    `\ufeffData;Ora;Testo;Rete;Immagine\r\n05/12/2026;10:00;"${text}";bluesky;drip.png\r\n`,
    { networks: ['bluesky'], date, media },
  ],
  'Excel in Portuguese': [
    `\ufeffData;Hora;Conteúdo;Rede;Imagem\r\n05/12/2026;10:00;"${text}";bluesky;drip.png\r\n`,
    { networks: ['bluesky'], date, media },
  ],
  'Excel in Dutch': [
    `\ufeffDatum;Tijd;Bericht;Kanaal;Afbeelding\r\n05-12-2026;10:00;"${text}";bluesky;drip.png\r\n`,
    { networks: ['bluesky'], date, media },
  ],
  'times in UTC': [
    `text,Scheduled (UTC),image\n"${text}",2026-12-05 10:00,drip.png\n`,
    { date, timezone: 'UTC', media },
  ],
  'a zone in each row': [
    `text,date,time zone,image\n"${text}",2026-12-05 10:00,Asia/Tokyo,drip.png\n`,
    { date, timezone: 'Asia/Tokyo', media },
  ],
  "Excel's own look": [
    `date,text,networks,image\n05-Dec-26 10:00,"${text}","Twitter/X, Bluesky",drip.png\n`,
    { networks: ['x', 'bluesky'], date, media },
  ],
};

test.for(Object.entries(templates))(
  '%s: text, time, networks and pictures come in',
  async ([, of]) => {
    await using world = await openDesk();
    const [csv, post] = of;
    const { code, posts, problems } = await bringIn(world, csv);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect([code, posts]).toEqual([0, [{ id: expect.any(String), body: text, ...post }]]);
  },
);

const heads = {
  date: ['Slot', 'Go live', 'Veröffentlichungszeit', 'Scheduled for', 'Fecha límite', 'kolom'],
  networks: ['Where', 'Social channel', 'Zielkonto', 'kolom'],
  media: ['Visual', 'Hero image', 'Bilddatei', 'kolom'],
};
const cells = {
  date: ['2026-12-05 10:00', '05.12.2026', '12/13/2026 9:30 AM', '24-Dec-26 9:30'],
  networks: ['bluesky', 'X', 'mastodon, x'],
  media: ['drip.png', 'https://e.example/a.jpg?x=1', 'clip.mp4'],
};
const kinds = Object.keys(heads) as (keyof typeof heads)[];
const runs = inputs(30, 120);

const anyLost = fc
  .constantFrom(...kinds)
  .chain((kind) =>
    fc.tuple(fc.constantFrom(...heads[kind]), fc.constantFrom(...cells[kind]), fc.nat({ max: 3 })),
  );

test(`nothing comes in without its time, networks or pictures, unless it is said (${runs} tables)`, async () => {
  await using world = await openDesk();
  let i = 0;
  await fc.assert(
    fc.asyncProperty(anyLost, async ([head, cell, empty]) => {
      const rows = Array.from({ length: empty }, () => `no ${i++},`);
      const csv = ['text,' + head, `post ${i++},"${cell}"`, ...rows, ''].join('\n');
      const refused = await bringIn(world, csv);
      expect([refused.code, refused.imported]).toEqual([1, []]);
      expect(refused.problems).toEqual([
        {
          where: 'plan.csv:1',
          what: expect.stringContaining(`"${head}"`),
          hint: expect.stringContaining(`--ignore "${head}"`),
          severity: 'error',
        },
      ]);
      const said = await bringIn(world, csv, [head]);
      expect([said.code, said.posts.length]).toEqual([0, empty + 1]);
    }),
    { numRuns: runs },
  );
});

test('labels and comments that may be for colleagues are published only when that is said', async () => {
  await using world = await openDesk();
  const buffer = 'Text,Tags,Posting Time\nHello,gift,2026-12-05 10:00\n';
  expect((await bringIn(world, buffer)).problems).toMatchObject([
    { what: 'the column "Tags" may hold notes for yourself', severity: 'error' },
  ]);
  expect((await bringIn(world, buffer, ['Tags'])).posts).toEqual([
    { id: expect.any(String), body: 'Hello', date: '2026-12-05 10:00' },
  ]);
  const comment = 'text,comment\nGood morning,ask Ann first\n';
  expect((await bringIn(world, comment)).problems).toMatchObject([
    { what: 'the column "comment" may hold notes for yourself', severity: 'error' },
  ]);
  const renamed = comment.replace('comment', 'first comment').replace('ask Ann first', 'Hi');
  expect((await bringIn(world, renamed)).posts[0]).toMatchObject({
    followUps: [{ as: 'reply', text: 'Hi' }],
  });
  await expect(bringIn(world, comment, ['remark'])).rejects.toThrow(
    'plan.csv:1 has no column "remark" to ignore: it has "text", "comment"',
  );
});

test('a column for each network says yes or no, and nothing else', async () => {
  await using world = await openDesk();
  const { posts } = await bringIn(world, 'text,Bluesky,X,Facebook\nHi,yes,no,yes\n');
  expect(posts).toMatchObject([{ networks: ['bluesky'] }]);
  expect((await bringIn(world, 'text,Bluesky,X\nNowhere,no,no\n')).problems).toMatchObject([
    { what: 'no network is marked', severity: 'error' },
  ]);
  expect((await bringIn(world, 'text,Bluesky\nHi,Hi there\n')).problems).toMatchObject([
    { what: expect.stringContaining('holds more than yes or no'), severity: 'error' },
  ]);
});

test('hashtags of two words stay one, and several are told apart', async () => {
  await using world = await openDesk();
  const csv = 'text,hashtags\nA,#machine learning\nB,"#one #two, three"\nC,#one#two\n';
  const { posts } = await bringIn(world, csv);
  expect(posts.map(({ hashtags }) => hashtags)).toEqual([
    ['machine learning'],
    ['one', 'two', 'three'],
    ['one', 'two'],
  ]);
});

const stageHeads = [
  'Status state Posted Published? Sent Approved approval_status Archived Freigabe Veröffentlicht',
  'Gesendet Statut Estado Publicado Stage Done Live',
].flatMap((line) => line.split(' '));

test('nothing comes in without the stage that its table gives it', async () => {
  await using world = await openDesk();
  for (const head of stageHeads) {
    const { code, imported, problems } = await bringIn(world, `text,${head}\nHello,TRUE\nYou,no\n`);
    expect([head, code, imported]).toEqual([head, 1, []]);
    expect(problems).toEqual([
      {
        where: 'plan.csv:1',
        what: `the column "${head}" is unknown, and seems to say whether a post is a draft, or published already`,
        hint: `rename it to draft if it does, or add --ignore "${head}" to import without it`,
        severity: 'error',
      },
    ]);
  }
  const byCells = await bringIn(world, 'text,Etappe\nOne,Draft\nTwo,Published\n');
  expect([byCells.code, byCells.imported]).toEqual([1, []]);
  expect((await bringIn(world, 'Status\nOur news\n')).posts).toMatchObject([{ body: 'Our news' }]);
});

test('a draft is a draft in each word for it, and what is out already stays out', async () => {
  await using world = await openDesk();
  const drafts = 'yes WAHR vrai Draft Entwurf ☑ pending in@review unapproved'.split(' ');
  const posts = 'no FALSCH faux Approved scheduled 0'.split(' ');
  const refused = 'Published posted Failed perhaps archived'.split(' ');
  const rows = [...drafts, ...posts, ...refused].map(
    (cell, i) => `Text number ${i},${cell.replace('@', ' ')}`,
  );
  const brought = await bringIn(world, ['text,draft', ...rows, ''].join('\n'));
  expect(brought.posts.map(({ draft }) => draft === true)).toEqual([
    ...drafts.map(() => true),
    ...posts.map(() => false),
  ]);
  expect(brought.problems).toHaveLength(refused.length);
  for (const { severity, hint } of brought.problems)
    expect([severity, hint]).toEqual(['error', expect.stringContaining('remove the row')]);
});

test('formulas and their errors are no texts; a workbook is told from a table', async () => {
  await using world = await openDesk();
  const cells = `#REF! #NAME? #N/A #VALUE! #DIV/0! #WERT! =HYPERLINK(A1) =SVERWEIS(A1;B:C)`.split(
    ' ',
  );
  const brought = await bringIn(world, ['text', ...cells, '#launch', '= equal', ''].join('\n'));
  expect(brought.posts).toHaveLength(2);
  expect(brought.problems.map(({ what }) => what)).toEqual(
    cells.map((cell) => `its text is a formula of the spreadsheet or its error: ${cell}`),
  );
  for (const bytes of ['PK\u0003\u0004rest', '%PDF-1.7', '<!DOCTYPE html><html>'])
    await expect(bringIn(world, bytes)).rejects.toThrow(/not CSV: export or save/);
});
