import { createHash } from 'node:crypto';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import {
  type MailInput,
  renderMail,
  type RenderedMail,
} from '../../src/mail/rendering/render-mail.ts';

type Own = Omit<Partial<MailInput>, 'step' | 'person'> & {
  step?: Partial<MailInput['step']>;
  person?: Partial<MailInput['person']>;
};

const inputWith = ({ step, person, ...own }: Own = {}): MailInput => ({
  sequence: { id: 'welcome', title: 'Welcome' },
  sender: { from: 'Shop <hello@example.com>', postalAddress: 'Shop GmbH\nWeg 1\n12345 Berlin' },
  envelope: { envelopeFrom: 'bounces+t1@example.com', messageId: '<d1@example.com>' },
  at: Date.UTC(2026, 2, 3, 8),
  reason: 'You get this because you signed up on 2 March 2026.',
  urls: {
    unsubscribe: 'https://go.example.com/u/tok',
    unsubscribeMail: 'stop+tok@example.com',
    link: 'https://go.example.com/g?a=1&b=2',
  },
  ...own,
  step: {
    id: 'hello',
    file: 'posts/welcome/010-hello.md',
    subject: 'Your guide',
    text: 'Hello',
    params: {},
    ...step,
  },
  person: { address: 'ann@example.net', fields: { name: 'Ann' }, lang: 'en', ...person },
});

async function render(own: Own = {}): Promise<RenderedMail> {
  const rendered = await renderMail(inputWith(own));
  if ('problems' in rendered) throw new Error(JSON.stringify(rendered.problems));
  return rendered;
}

async function complaints(own: Own): Promise<string[]> {
  const rendered = await renderMail(inputWith(own));
  return 'problems' in rendered ? rendered.problems.map(({ what }) => what) : [];
}

const say = (text: string, fields: Record<string, string> = { name: 'Ann' }): Own => ({
  step: { text },
  person: { fields },
});
const parse = ({ mail }: RenderedMail) => PostalMime.parse(mail.bytes);
const headerOf = async (rendered: RenderedMail, name: string) =>
  (await parse(rendered)).headers.filter(({ key }) => key === name).map(({ value }) => value);

test('the same input gives the same bytes, and another Message-ID gives others', async () => {
  const [one, two] = [await render(), await render()];
  expect(one.mail.bytes.equals(two.mail.bytes)).toBe(true);
  const other = { envelopeFrom: 'b@example.com', messageId: '<d2@example.com>' };
  expect((await render({ envelope: other })).mail.bytes.equals(one.mail.bytes)).toBe(false);
});

test('lines end in CRLF, have no more signs than mail allows, and are ASCII alone', async () => {
  const text = `${'Ein längerer Satz mit Ä, ö und ß. '.repeat(200)}\n\n${'x'.repeat(5000)}`;
  const lines = (await render({ step: { text } })).mail.bytes.toString('latin1').split('\r\n');
  for (const line of lines) expect(line).toMatch(/^[\t -~]{0,998}$/);
});

test('a mail has the headers that programs ask for', async () => {
  const rendered = await render({ sender: { ...inputWith().sender, replyTo: 'team@example.com' } });
  const mail = await parse(rendered);
  expect(mail).toMatchObject({
    from: { name: 'Shop', address: 'hello@example.com' },
    to: [{ address: 'ann@example.net' }],
    replyTo: [{ address: 'team@example.com' }],
    subject: 'Your guide',
    messageId: '<d1@example.com>',
    date: '2026-03-03T08:00:00.000Z',
  });
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]));
  expect(headers).toMatchObject({
    'list-unsubscribe': '<https://go.example.com/u/tok>, <mailto:stop+tok@example.com>',
    'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    'list-id': '"Welcome" <welcome.example.com>',
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
    'feedback-id': 'hello:welcome:sequence:examplecom',
    'content-language': 'en',
  });
  expect(rendered.mail).toMatchObject({
    to: 'ann@example.net',
    envelopeFrom: 'bounces+t1@example.com',
    messageId: '<d1@example.com>',
  });
});

test('a mail that nobody can be unsubscribed from has no header that says so', async () => {
  const rendered = await render({ urls: {} });
  expect(await headerOf(rendered, 'list-unsubscribe')).toEqual([]);
  expect(await headerOf(rendered, 'list-unsubscribe-post')).toEqual([]);
  expect(rendered.text).not.toContain('Unsubscribe');
});

test('both parts say the same, with address, reason and the way out below', async () => {
  const text = '# Hello {{person.name}}\n\nSome *text*.\n\n- one\n- two\n\n[Read it]({{link}})';
  const rendered = await render({ step: { text } });
  expect(rendered.text).toBe(
    [
      'Hello Ann\n\nSome text.\n\n• one\n• two',
      'Read it https://go.example.com/g?a=1&b=2',
      '-- \nYou get this because you signed up on 2 March 2026.',
    ].join('\n\n') +
      '\nShop GmbH\nWeg 1\n12345 Berlin\nUnsubscribe: https://go.example.com/u/tok\n',
  );
  for (const part of [
    /<h1[^>]*>Hello Ann<\/h1>/,
    /<p[^>]*>Some <em>text<\/em>\.<\/p>/,
    /<a href="https:\/\/go\.example\.com\/g\?a=1&#x26;b=2" class="button"/,
    /Shop GmbH<br>\nWeg 1<br>\n12345 Berlin<br>/,
    /<a class="quiet" href="https:\/\/go\.example\.com\/u\/tok"[^>]*>Unsubscribe<\/a>/,
  ])
    expect(rendered.html).toMatch(part);
  const mail = await parse(rendered);
  expect(mail.html?.replaceAll('\r\n', '\n').trim()).toBe(rendered.html.trim());
  expect(mail.text?.replaceAll('\r\n', '\n').trim()).toBe(rendered.text.trim());
});

test('the frame is one column, in both colour schemes, in the language of the text', async () => {
  const { html } = await render({ person: { lang: 'de-AT' }, wayOut: 'Abmelden' });
  expect(html).toContain('<html lang="de-AT" dir="ltr">');
  expect(html).toContain('Abmelden');
  expect(html).toContain('max-width:560px');
  expect(html).toContain('content="light dark"');
  expect((await render({ person: { lang: 'ar' } })).html).toContain('<html lang="ar" dir="rtl">');
  expect((await render({ person: { lang: '"><script>' } })).html).toContain('<html lang="en"');
  expect((await render({ step: { preview: 'Short & good' } })).html).toContain(
    'overflow:hidden">Short &amp; good&#8199;',
  );
});

describe('variables', () => {
  test('have their values in subject, text, code, links and pictures', async () => {
    const rendered = await render({
      step: {
        subject: 'For {{person.name}}: {{coupon}}',
        text:
          '{{ person.name }} `{{coupon}}` [go](https://shop.example/{{params.a}}?c={{coupon}}) ' +
          'https://shop.example/x?c={{coupon}}. ![{{person.name}}](https://shop.example/a.png)',
        params: { a: 'ä/b' },
      },
      coupon: 'A&B 1',
    });
    expect(rendered.subject).toBe('For Ann: A&B 1');
    expect(rendered.text).toContain(
      'Ann A&B 1 go https://shop.example/%C3%A4%2Fb?c=A%26B%201 ' +
        'https://shop.example/x?c=A%26B%201. [Ann]',
    );
    expect(rendered.html).toContain('alt="Ann"');
    expect(rendered.html).toContain('<code style="font-family:monospace">A&#x26;B 1</code>');
  });

  test('without a value take their fallback, which may be nothing', async () => {
    const { text } = await render(say('Hi {{person.name | there}}{{person.title | }}!', {}));
    expect(text).toContain('Hi there!');
    expect((await render(say('Hi {{person.name | there}}', { name: ' \t' }))).text).toMatch(
      /^Hi there/,
    );
  });

  test('without value and fallback are named, each once, wherever they stand', async () => {
    const found = await complaints({
      step: {
        subject: '{{person.name}}',
        text: '{{person.name}} {{coupon}} {{params.x}} {{link}}',
      },
      person: { fields: {} },
      urls: {},
    });
    expect(found).toEqual(
      ['person.name', 'coupon', 'params.x', 'link'].map(
        (name) => `{{${name}}} has no value for this person`,
      ),
    );
    expect(await complaints(say('{{toString}} {{persn.name}} {{constructor.name}}'))).toEqual([
      'there is no variable {{toString}}',
      'there is no variable {{persn.name}}',
      'there is no variable {{constructor.name}}',
    ]);
    expect(await complaints(say('{{person.constructor}}'))).toHaveLength(1);
  });

  test('are nothing that Markdown or HTML is read in', async () => {
    const name = '**x** [y](z) <b>&amp; {{coupon}} `c` # _u_';
    const { text, html } = await render(say('# {{person.name}}\n\n*{{person.name}}*', { name }));
    expect(text).toContain(`${name}\n\n${name}`);
    expect(html).toContain('**x** [y](z) &#x3C;b>&#x26;amp; {{coupon}} `c` # _u_</h1>');
    expect(html).not.toContain('<b>');
  });

  test('braces with a backslash stay as they are', async () => {
    expect((await render(say(String.raw`A \{{name}} stays`))).text).toContain('A {{name}} stays');
    expect((await render(say(String.raw`A \{{name}} stays`))).html).toContain('A {{name}} stays');
  });

  test('a name has sixty characters at most, on one line', async () => {
    const { text } = await render(
      say('{{person.name}}', { name: `a\r\nb\u202E${'c'.repeat(200)}` }),
    );
    expect(text.split('\n')[0]).toBe(`a b ${'c'.repeat(56)}`);
  });

  test.each([
    'https://evil.example',
    'win at evil.com now',
    'www.evil.example',
    'javascript://x',
    'Ann http://evil',
  ])('a name that is an address, such as %s, counts as not given', async (name) => {
    expect(
      (await render(say('Hi {{person.firstName | there}}', { firstName: name }))).text,
    ).toMatch(/^Hi there/);
    expect(await complaints(say('{{person.name}}', { name }))).toHaveLength(1);
  });
});

describe('links', () => {
  test.each([
    'https://{{person.name}}/a',
    'https://{{person.name}}.example/a',
    'https://shop.example{{person.name}}/a',
    'https://{{person.name}}@shop.example/a',
    'https://shop.example:{{person.name}}/',
    '{{person.name}}://shop.example/',
    '{{person.name}}',
    '{{person.name}}{{link}}',
    '{{link}}{{person.name}}',
    '{{params.url}}',
    'mailto:{{person.name}}@example.com',
  ])('never lead where a variable says: %s', async (url) => {
    const own: Own = { step: { text: `[x](${url})`, params: { url: 'https://evil.example' } } };
    const found = await complaints({ ...own, person: { fields: { name: '1' } } });
    expect(found.join()).toMatch(/would lead where a variable says|is not absolute/);
  });

  test('keep what stands for a variable in one piece of the path', async () => {
    const { html } = await render(
      say('[x](https://shop.example/a/{{person.city}}/b)', { city: '../../evil?x#y' }),
    );
    expect(html).toContain('href="https://shop.example/a/..%2F..%2Fevil%3Fx%23y/b"');
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://example.com/',
    '/pricing',
    '#top',
    '',
    'pricing.html',
    '//example.com',
  ])('lead to the web, to mail or to a telephone, and not to %j', async (url) => {
    expect(await complaints(say(`[x](<${url}>)`))).toHaveLength(1);
    expect(await complaints(say(`[x]\n\n[x]: <${url}>`))).toHaveLength(1);
  });

  test('lead to mail and telephones as well, wherever they are written', async () => {
    const { html } = await render(
      say(
        '[a](mailto:a@example.com) [b](tel:+49123) <https://c.example> [d]\n\n[d]: https://d.example',
      ),
    );
    for (const href of [
      'mailto:a@example.com',
      'tel:+49123',
      'https://c.example',
      'https://d.example',
    ])
      expect(html).toContain(`href="${href}"`);
  });

  test('of the text are counted, in both parts; the way out and mail are not', async () => {
    const seen: string[] = [];
    const countLink = (url: string) => {
      seen.push(url);
      return `https://go.example.com/l/${seen.length}`;
    };
    const text =
      '[a](https://a.example) and https://b.example [a@example.com](mailto:a@example.com)';
    const rendered = await render({ step: { text }, countLink });
    expect(seen).toEqual(['https://a.example', 'https://b.example']);
    expect(rendered.text).toContain(
      'a https://go.example.com/l/1 and https://go.example.com/l/2 a@example.com',
    );
    expect(rendered.html).not.toMatch(/[ab]\.example"/);
    expect(rendered.html).toContain('https://go.example.com/u/tok');
  });
});

test('{{link}} is the counted address of what the step names, never counted twice', async () => {
  const seen: [string, string][] = [];
  const countLink = (url: string, bare: string) => {
    seen.push([url, bare]);
    return `https://go.example.com/l/${seen.length}`;
  };
  const link = 'https://shop.example/cart/{{person.cart}}?n={{person.name | you}}';
  const text = 'Look: {{link}}, [or here]({{link}}) and [stop]({{unsubscribe}}).';
  const fields = { name: 'Ann B', cart: 'a/1' };
  const urls = { unsubscribe: 'https://go.example.com/u/tok' };
  const rendered = await render({ step: { text, link }, person: { fields }, urls, countLink });
  expect(seen).toEqual([
    ['https://shop.example/cart/a%2F1?n=Ann%20B', 'https://shop.example/cart/?n=you'],
  ]);
  expect(rendered.text).toContain(
    'Look: https://go.example.com/l/1, or here https://go.example.com/l/1 and stop https://go',
  );
  expect(rendered.html.match(/href="https:\/\/go\.example\.com\/l\/1"/g)).toHaveLength(2);
  // The host is never up to a variable, and a hole holds it.
  for (const wrong of ['https://{{person.name}}.example', 'https://a.example/{{person.none}}'])
    expect(await complaints({ step: { text, link: wrong }, urls })).toHaveLength(1);
  expect(await complaints({ step: { text }, urls })).toHaveLength(1);
});

test('a picture has an https address, a text and a width', async () => {
  const { html } = await render(say('![A cup](https://shop.example/c.png "320")'));
  expect(html).toContain('<img src="https://shop.example/c.png" alt="A cup" width="320"');
  expect((await render(say('![A cup](https://shop.example/c.png)'))).html).toContain('width="560"');
  expect(await complaints(say('![A cup](http://shop.example/c.png)'))).toHaveLength(1);
  expect(await complaints(say('![A cup](cup.png)'))).toHaveLength(1);
  expect(await complaints(say('![](https://shop.example/c.png)'))).toHaveLength(1);
  expect(await complaints(say('![A cup](data:image/png;base64,xx)'))).toHaveLength(1);
});

test('HTML is refused, but for line breaks and comments', async () => {
  expect(await complaints(say('a <b>c</b>'))).toHaveLength(2);
  expect(await complaints(say('<script>alert(1)</script>'))).toHaveLength(1);
  const rendered = await render(say('a<br>b <!-- not shown -->'));
  expect(rendered.html).toContain('a<br>');
  expect(rendered.html + rendered.text).not.toContain('not shown');
});

test('a mail without subject or text is not made', async () => {
  expect(await complaints({ step: { subject: ' ' } })).toEqual(['the mail has no subject']);
  expect(await complaints({ step: { text: '' } })).toEqual(['the mail has no text']);
});

test('nothing that a person or a file says becomes a header, a recipient or a file', async () => {
  const piece = fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', '\0', '\u2028', 'Bcc: eve@example.org', '<', '>', '"', ','),
    fc.string({ maxLength: 8 }),
    fc.constantFrom('=?utf-8?Q?=0ABcc=3A_e?=', '/etc/hostname', 'file:', ':', ';'),
  );
  const evil = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  const known = await headerNames(await render({ step: { preview: 'x' } }));
  await fc.assert(
    fc.asyncProperty(fc.record({ a: evil, b: evil, c: evil, d: evil, e: evil }), async (said) => {
      const rendered = await renderMail(
        inputWith({
          step: { subject: `x${said.a} {{person.name | y}}`, preview: said.b },
          person: { fields: { name: said.c }, lang: said.d },
          sequence: { id: said.e, title: said.a },
          reason: said.b,
          sender: {
            from: `"${said.c.replaceAll(/["\\<>]/g, '')}" <hello@example.com>`,
            postalAddress: said.d,
          },
          envelope: { envelopeFrom: 'b@example.com', messageId: `<${hash(said.e)}@example.com>` },
          urls: { unsubscribe: `https://go.example.com/u/${said.a}` },
        }),
      );
      if ('problems' in rendered) return;
      expect(await headerNames(rendered)).toEqual(known);
      const mail = await parse(rendered);
      expect(mail.to?.map(({ address }) => address)).toEqual(['ann@example.net']);
      expect(mail.bcc ?? []).toEqual([]);
      expect(mail.attachments).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const headerNames = async (rendered: RenderedMail) =>
  (await parse(rendered)).headers.map(({ key }) => key).toSorted();

test.each(['ann@example.net, eve@example.org', 'a@b\r\nBcc: c@d', '', 'Ann <ann@example.net>'])(
  'a mail is made for one address alone, and not for %j',
  async (address) => {
    expect(await complaints({ person: { address } })).toEqual([
      "the person's address cannot be written to",
    ]);
  },
);

test('texts of any make are rendered, or refused with words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 200, unit: 'binary' }), async (text) => {
      const rendered = await renderMail(inputWith({ step: { text } }));
      if ('problems' in rendered) expect(rendered.problems.length).toBeGreaterThan(0);
      else expect(rendered.html + rendered.text).not.toMatch(/[\uE000-\uE003]|<script|javascript:/);
    }),
    { numRuns: 300 },
  );
});
