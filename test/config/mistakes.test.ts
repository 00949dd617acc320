import { expect, test } from 'vitest';
import { makePlace } from './kit.ts';

const account =
  'timezone: UTC\naccounts:\n  bsky: { network: bluesky, handle: a.example.com, password: ';

test('mistakes are reported with the place and what to do, all at once', () => {
  const cases: [string, ...string[]][] = [
    [
      'timezone: Europe/Berln',
      '1:11 timezone: unknown time zone: use an IANA name such as Europe/Berlin',
    ],
    [
      `${account.slice(14)}abcd }`,
      '1:1 timezone is missing: set it, such as timezone: Europe/Berlin; containers use UTC otherwise',
    ],
    [
      'timezone: UTC\naccounts:\n  bsky: { network: blusky }',
      '3:20 accounts.bsky.network: unknown network "blusky": did you mean "bluesky"?',
    ],
    [
      'timezone: UTC\naccounts:\n  bsky: { netwrk: bluesky }',
      '3:9 accounts.bsky.network: needs a network: use x, bluesky, mastodon',
    ],
    [
      'timezone: UTC\naccounts:\n  bsky: { network: bluesky, handle: a.b.c, pasword: x }',
      '3:9 accounts.bsky.password: is missing',
      '3:44 unknown key "pasword": did you mean "password"?',
    ],
    [
      'timezone: UTC\naccounts:\n  B Y: { network: bluesky, handle: a.b.c, password: abcd }',
      '3:8 accounts.B Y: not a name: use lower-case letters, digits, - and _',
    ],
    [
      'timezone: UTC\naccounts:\n  m: { network: mastodon, url: mastodon.social, token: t }',
      '3:32 accounts.m.url: not a URL: a URL begins with https://',
    ],
    [
      'timezone: UTC\nletters: { sender: Drip Press, country: XX }',
      '2:41 letters.country: not a country: write its two letters, such as DE',
    ],
    ['timezone: UTC\naccounts: []', '2:11 accounts: needs keys with values, not a list'],
    [
      'cadence: { perDay: many }',
      '1:20 cadence.perDay: not a number of posts a day: write 2, or 1-3',
    ],
    ...['3-1', '"3-1"', '2.5 - 2.4', '1-0'].map((range): [string, string] => [
      `cadence: { perDay: ${range} }`,
      '1:20 cadence.perDay: not a range: write the smaller number first, as in 1-3',
    ]),
    ...['"0"', '0-0', '"0.0"'].map((range): [string, string] => [
      `cadence: { perDay: ${range} }`,
      '1:20 cadence.perDay: not a number of posts a day: write more than 0, or pause the account',
    ]),
    ['cadence: { perDay: 0 }', '1:20 cadence.perDay: has to be more than 0'],
    ['cadence: { windows: ["8-12"] }', '1:22 cadence.windows.0: not a window: write "08:00-12:00"'],
    ['cadence: { windows: [] }', '1:21 cadence.windows: is empty'],
    [
      'cadence: { days: [monday] }',
      '1:19 cadence.days.0: not a day: use mon, tue, wed, thu, fri, sat, sun',
    ],
    ...[
      ['pictures', '29d', '30d, since a release may be tried again so late'],
      ['journal', '1w', '30d, since chats and the pace look back so far'],
      ['samples', '6h', '190d, since the pace learns from 26 weeks'],
    ].map(([key = '', value = '', told]): [string, string] => [
      `keep: { ${key}: ${value} }`,
      `1:${11 + key.length} keep.${key}: is too short: keep at least ${told}`,
    ]),
    ['keep: { journal: long }', '1:18 keep.journal: not a duration: write it as 90m, 2h or 3d'],
    ['keep: { sample: 2y }', '1:9 unknown key "sample": did you mean "samples"?'],
    ['cadence: { minGap: 90 }', '1:20 cadence.minGap: not a duration: write it as 90m, 2h or 3d'],
    [
      'cadence: { blackout: ["2026-12-26/2026-12-24"] }',
      '1:23 cadence.blackout.0: not a date: write "2026-12-24" or "2026-12-24/2026-12-26"',
    ],
    ['cadence: { perday: 1 }', '1:12 unknown key "perday": did you mean "perDay"?'],
    [
      'queues: { tips: { accounts: [bksy] } }',
      '1:30 unknown account "bksy": add it under accounts',
    ],
    [
      'pacing: { mode: steddy }',
      '1:17 pacing.mode: "steddy" is not one of adaptive, steady: did you mean "steady"?',
    ],
    ['feeds: [{ url: example.com }]', '1:16 feeds.0.url: not a URL: a URL begins with https://'],
    [
      'feeds:\n  - { url: "https://a.example", queue: x, networks: [y], template: "{{titel}}" }\n  - { url: "https://a.example/" }',
      '2:68 a feed has no {{titel}}: did you mean "title"?',
      '2:40 unknown queue "x": add it under queues',
      '2:54 unknown network "y": did you mean "x"?',
      '3:12 the feed https://a.example is listed twice: each of its items is posted once: keep one of the two',
    ],
    ['web: { port: 70000 }', '1:14 web.port: not a port: use a whole number up to 65535'],
    [
      'campaigns: { spring: { utm: { Source: a } } }',
      '1:39 campaigns.spring.utm.Source: not a UTM tag: use source, medium, campaign, term or content',
    ],
    [
      'chat: { telegram: { token: abcd, allow: [] } }',
      '1:41 chat.telegram.allow: is empty: list who may give commands; Dripline answers no one else',
    ],
    ['a: b: c', '1:4 a text with ": " in it is not in quotes: put the whole value in quotes'],
    ['just text', '1:1 needs keys with values, not a text'],
    [
      'timezone: UTC\ntimezone: UTC',
      '2:1 Map keys must be unique: each key once: remove one of them',
    ],
  ];
  for (const [yaml, ...told] of cases) {
    using place = makePlace(yaml);
    expect([yaml, place.told()]).toEqual([yaml, told.map((one) => `config/dripline.yaml:${one}`)]);
  }
});

test('no message contains a secret', () => {
  for (const written of [
    'hunter22, port: 1',
    '*hunter22',
    '"hunter22" hunter22',
    '[hunter22]',
    '{ hunter22: 1 }',
    '&a hunter22 : 1',
    '!hunter22 [1]',
    '%hunter22',
    '@hunter22',
    '"hunter22',
    '`hunter22',
  ]) {
    using place = makePlace(`${account}${written} }`);
    const told = place.told().join('\n');
    expect([written, told.replaceAll('unknown key "hunter22"', '')]).toEqual([
      written,
      expect.not.stringContaining('hunter22'),
    ]);
    expect([written, told]).not.toEqual([written, '']);
  }
});

test('a door that cannot be right is refused, with what to do', () => {
  const cases: [string, string][] = [
    [
      'links: counted',
      '1:8 links are counted at the public door, and there is none: add public: ' +
        '{ url: https://go.example.com }, with an address of your own',
    ],
    [
      'links: yes please',
      '1:8 links: neither counted nor off: write counted, off, or { url: https://… }',
    ],
    ['links: { url: go.example.com }', '1:15 links.url: not a URL: a URL begins with https://'],
    ['public: { port: 4335 }', '1:9 public.url: is missing: a URL begins with https://'],
    [
      'public: { url: "https://go.example.com/?a=1" }',
      '1:16 public.url: has a ? or a #: write it as https://go.example.com',
    ],
    [
      'public: { url: "https://me:secret@go.example.com" }',
      '1:16 public.url: has a name or a password in it: write it as https://go.example.com',
    ],
    [
      'links: { url: "https://me@go.example.com" }',
      '1:15 links.url: has a name or a password in it: write it as https://go.example.com',
    ],
    [
      'public: { url: https://go.example.com, port: 99999 }',
      '1:46 public.port: not a port: use a whole number up to 65535',
    ],
    [
      'public: { url: https://go.example.com, trustedProxy: caddy }',
      '1:54 public.trustedProxy: not an IP address or a network: write it as 127.0.0.1 or 10.0.0.0/8',
    ],
    [
      'public: { url: https://go.example.com, visits: [https://example.com/shop] }',
      '1:49 public.visits.0: not a site: write a list such as [https://example.com]',
    ],
    [
      'public: { url: https://go.example.com, visits: [https://example.com] }',
      '1:48 visits are told of people who came by a mail, and there is no mail: add mail, or remove visits',
    ],
    [
      'public: { url: https://go.example.com, prt: 1 }',
      '1:40 unknown key "prt": did you mean "port"?',
    ],
    [
      'public: { url: https://a.example }\nlinks: { url: https://b.example }',
      '2:15 the public door is at https://a.example, and links would lead to ' +
        'https://b.example: write links: counted, or the same address in both',
    ],
    [
      'public: { url: https://a.example, port: 4330 }',
      '1:41 the dashboard and the public door would both listen on port 4330: ' +
        'give one of them another port',
    ],
  ];
  for (const [yaml, told] of cases) {
    using place = makePlace(yaml);
    expect(place.told().map((line) => line.replace(/^\S*dripline\.yaml:/, ''))).toEqual([told]);
  }
});

test('the door and counted links, in the long form and in the short one', () => {
  const door = { host: '127.0.0.1', port: 4335, trustedProxies: ['127.0.0.0/8', '::1'] };
  const url = 'https://go.example.com';
  for (const [yaml, links] of [
    [`public: { url: ${url}/ }\nlinks: counted`, { url }],
    [`links: { url: ${url} }`, { url }],
    [`public: { url: ${url} }\nlinks: off`, undefined],
    [`public: { url: ${url} }`, undefined],
  ] as const) {
    using place = makePlace(yaml);
    const config = place.load();
    expect([config.public, config.links]).toEqual([{ url, ...door }, links]);
  }
  using none = makePlace('timezone: UTC');
  expect([none.load().public, none.load().links]).toEqual([undefined, undefined]);
  using behind = makePlace('links: { url: https://a.example }\nweb: { trustedProxy: 10.0.0.0/8 }');
  expect(behind.load({ DRIPLINE_PUBLIC_HOST: '0.0.0.0' }).public).toEqual({
    url: 'https://a.example',
    host: '0.0.0.0',
    port: 4335,
    trustedProxies: ['10.0.0.0/8'],
  });
});
