import { expect, test } from 'vitest';
import { makePlace } from './kit.ts';

const least = 'from: "Shop <hello@example.com>", postalAddress: Weg 1, host: smtp.example.com';
const door = 'public: { url: https://go.example.com }\n';
const login = { user: 'shop', password: 'hunter22' };

const load = (keys: string) => {
  using place = makePlace(`${door}mail: { ${keys} }`);
  return place.load({ MAIL_PASSWORD: 'hunter22' });
};

test('a mail server has what is usual where nothing else is said', () => {
  expect(load(least).mail).toEqual({
    from: 'Shop <hello@example.com>',
    postalAddress: 'Weg 1',
    host: 'smtp.example.com',
    port: 587,
    tls: 'required',
    isImplicit: false,
    perSecond: 1,
    perDay: 500,
    warmUp: false,
    whenUnknown: 'leave',
    bounces: { address: 'hello@example.com' },
  });
  using none = makePlace('timezone: UTC');
  expect(none.load().mail).toBeUndefined();
});

test.each([
  ['tls: implicit', { port: 465, tls: 'required', isImplicit: true }],
  ['port: 465', { port: 465, tls: 'required', isImplicit: true }],
  ['port: 2465, tls: implicit', { port: 2465, tls: 'required', isImplicit: true }],
  ['port: 25', { port: 25, tls: 'required', isImplicit: false }],
  ['port: 465, tls: "off"', { port: 465, tls: 'off', isImplicit: false }],
  ['port: "2525"', { port: 2525, tls: 'required', isImplicit: false }],
])('with %s its connection is as it says', (keys, expected) => {
  expect(load(`${least}, ${keys}`).mail).toMatchObject(expected);
});

test('every key is taken, and the mailbox of reports has its own usual values', () => {
  const keys =
    'replyTo: team@example.com, user: shop, password: "${MAIL_PASSWORD}", perSecond: 0.5, ' +
    'perDay: 2000, warmUp: true, whenUnknown: again, bounces: { address: b@example.com, ' +
    'imap: { host: imap.example.com, user: shop, password: "${MAIL_PASSWORD}" } }';
  expect(load(`${least}, ${keys}`).mail).toMatchObject({
    ...login,
    replyTo: 'team@example.com',
    perSecond: 0.5,
    perDay: 2000,
    warmUp: true,
    whenUnknown: 'again',
    bounces: {
      address: 'b@example.com',
      imap: {
        ...login,
        host: 'imap.example.com',
        port: 993,
        tls: 'required',
        isImplicit: true,
        mailbox: 'INBOX',
      },
    },
  });
});

test('passwords are secrets, and never shown', () => {
  const imap = 'imap: { host: i.example.com, user: u, password: otherpass }';
  const config = load(`${least}, user: u, password: "\${MAIL_PASSWORD}", bounces: { ${imap} }`);
  expect(config.secrets).toEqual(expect.arrayContaining(['hunter22', 'otherpass']));
  const shown = JSON.stringify(config.shown);
  expect(shown).not.toMatch(/hunter22|otherpass/);
  expect(shown).toContain('smtp.example.com');
});

test('what cannot be right is refused, with what to do', () => {
  const sender = 'not a sender: write it as "Shop <hello@example.com>"';
  const server = 'not the name of a server: write smtp.example.com, and its port as port';
  const postal = 'is missing: write the postal address that laws ask for in each mail';
  const pair = 'is missing: user and password belong together: set both or neither';
  const missing = (told: string, key: string) => told.replace(/^[^:]*/, `mail.${key}: is missing`);
  const cases: [string, string[]][] = [
    ['{ }', [missing(sender, 'from'), `mail.postalAddress: ${postal}`, missing(server, 'host')]],
    [
      `{ ${least}, from: x }`.replace('from: "Shop <hello@example.com>", ', ''),
      [`mail.from: ${sender}`],
    ],
    [`{ ${least}, replyTo: "a@b, c@d" }`, [`mail.replyTo: ${sender}`]],
    [`{ ${least}, user: u }`, [`mail.password: ${pair}`]],
    [`{ ${least}, password: p }`, [`mail.user: ${pair}`]],
    [
      `{ ${least}, bounces: { imap: { host: h, user: u } } }`,
      [`mail.bounces.imap.password: ${pair}`],
    ],
    [
      `{ ${least}, bounces: { address: "Shop <a@b.example>" } }`,
      ['mail.bounces.address: not an address: write it as bounces@example.com'],
    ],
    [
      `{ ${least}, tls: none }`,
      [
        'mail.tls: neither required, implicit nor off: leave it out: a secure connection is required',
      ],
    ],
    [
      `{ ${least}, whenUnknown: retry }`,
      ['mail.whenUnknown: neither leave nor again: leave never sends a mail twice, again may'],
    ],
    [
      `{ ${least}, perSecond: 0 }`,
      ['mail.perSecond: not a rate: write a number above 0, such as 1'],
    ],
    [
      `{ ${least}, perDay: 0.5 }`,
      ['mail.perDay: not a number of mails a day: write a whole number from 1 up'],
    ],
    [`{ ${least}, port: 99999 }`, ['mail.port: not a port: use a whole number up to 65535']],
    [`{ ${least}, pasword: p }`, ['unknown key "pasword": did you mean "password"?']],
    [
      `{ ${least}, bounces: { imap: { hst: x, host: y } } }`,
      ['unknown key "hst": did you mean "host"?'],
    ],
    [
      `{ from: "a@b.example", postalAddress: x, host: "smtp.example.com:587" }`,
      [`mail.host: ${server}`],
    ],
  ];
  for (const [yaml, told] of cases) {
    using place = makePlace(`mail: ${yaml}`);
    expect([yaml, place.told().map((line) => line.replace(/^\S*\.yaml:\d+:\d+ /, ''))]).toEqual([
      yaml,
      told,
    ]);
  }
});

test('what providers prove themselves by is read, kept secret, and refused where it cannot be right', () => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:mails';
  const key =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+' +
    '2fNNRaINXvVpiglSI8eNEc6wEA3F+g==';
  const all =
    `ses: { topic: "${topic}" }, postmark: { user: pm, password: pm-password }, ` +
    `mailgun: { signingKey: key-signing }, sendgrid: { publicKey: "${key}" }, ` +
    'brevo: { token: brevo-token }';
  const config = load(`${least}, webhooks: { ${all} }`);
  expect(config.mail?.webhooks).toEqual({
    ses: { topic },
    postmark: { user: 'pm', password: 'pm-password' },
    mailgun: { signingKey: 'key-signing' },
    sendgrid: { publicKey: key },
    brevo: { token: 'brevo-token' },
  });
  for (const secret of ['pm-password', 'key-signing', 'brevo-token']) {
    expect(config.secrets).toContain(secret);
    expect(JSON.stringify(config.shown)).not.toContain(secret);
  }
  const brevo = load(`${least}, webhooks: { brevo: { user: a, password: b } }`).mail?.webhooks;
  expect(brevo).toEqual({ brevo: { user: 'a', password: 'b' } });
  for (const [yaml, told] of [
    ['ses: { topic: mails }', /ses\.topic: not a topic of SNS: write its ARN/],
    ['sendgrid: { publicKey: abc }', /publicKey: not a public key: copy the verification key/],
    ['postmark: { user: a }', /postmark\.password/],
    ['brevo: { user: a }', /brevo: has no credentials: write token, or user and password/],
    ['brevo: { token: t, user: a, password: b }', /brevo: has no credentials/],
    ['mailgun: { key: x }', /unknown key "key"/],
    ['sparkpost: { }', /unknown key "sparkpost"/],
  ] as const) {
    using place = makePlace(`${door}mail: { ${least}, webhooks: { ${yaml} } }`);
    expect(place.told().join('\n')).toMatch(told);
  }
});

test('events need a token that nobody guesses, and mail that reaches people', () => {
  const token = 'a-token-of-twenty-characters';
  const whole = `${door}mail: { ${least} }\n`;
  using place = makePlace(`${whole}events: { token: "\${EVENTS_TOKEN}" }`);
  const config = place.load({ EVENTS_TOKEN: token });
  expect(config.events).toEqual({ token });
  expect(config.secrets).toContain(token);
  expect(JSON.stringify(config.shown)).not.toContain(token);
  using shop = makePlace(`${whole}events: { woocommerce: { secret: "\${EVENTS_TOKEN}" } }`);
  const sold = shop.load({ EVENTS_TOKEN: token });
  expect(sold.events).toEqual({ woocommerce: { secret: token } });
  expect(sold.secrets).toContain(token);
  for (const [yaml, told] of [
    [`${whole}events: { token: short }`, /events\.token: is too short: use 20 characters or more/],
    [`${whole}events: {}`, /events: says nobody who may tell them: add token:, woocommerce: or/],
    [`${whole}events: { shopify: { secret: short } }`, /events\.shopify\.secret: is too short/],
    [`${door}events: { token: ${token} }`, /there is no mail to reach them: add mail, or remove/],
    [`${whole}events: { tokn: ${token} }`, /unknown key "tokn": did you mean "token"\?/],
  ] as const) {
    using wrong = makePlace(yaml);
    expect(wrong.told().join('\n')).toMatch(told);
  }
});
