import { isbot } from 'isbot';
import { expect, test } from 'vitest';
import { type ClickSigns, judgeClick } from '../../src/core/clicks/judge-click.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/131.0.0.0 Safari/537.36';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 ' +
  '(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
const webView =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A; wv) AppleWebKit/537.36 ' +
  '(KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.102 Mobile Safari/537.36';
const oldChrome =
  'Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.112 ' +
  'Safari/537.36';

const judge = (agent: string | undefined, signs: Partial<ClickSigns> = {}) =>
  judgeClick({
    method: 'GET',
    agent,
    isKnownBot: isbot(agent),
    purpose: undefined,
    fetchMode: undefined,
    isTrustworthy: true,
    ...signs,
  });

test.each([
  ['Chrome that goes there', chrome, { fetchMode: 'navigate' }],
  ['Firefox that goes there', firefox, { fetchMode: 'navigate' }],
  ['Safari, which says nothing', iphone, {}],
  ['an app with a page in it', webView, { fetchMode: 'navigate' }],
  ['a Chrome from before such headers', oldChrome, {}],
  ['Chrome over plain HTTP, where it says nothing', chrome, { isTrustworthy: false }],
])('a person: %s', (_, agent, signs) => {
  expect(judge(agent, signs)).toBe('person');
});

const crawlers = [
  'Mastodon/4.3.2 (http.rb/5.2.0; +https://mastodon.social/) Bot',
  'http.rb/5.1.1 (Mastodon/4.2.10; +https://fosstodon.org/) Bot',
  'gotosocial/0.17.3 (+https://gts.example.org)',
  'Akkoma 3.13.2; https://akko.example.org <admin@akko.example.org>; Bot',
  'Twitterbot/1.0',
  'Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'curl/8.5.0',
  'python-requests/2.32.3',
  'Go-http-client/2.0',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
    'HeadlessChrome/131.0.0.0 Safari/537.36',
];

test.each(crawlers)('a machine: %s', (agent) => {
  expect(judge(agent, { fetchMode: 'navigate' })).toBe('machine');
});

test.each<[string, string | undefined, Partial<ClickSigns>]>([
  ['HEAD, whoever says it is', iphone, { method: 'HEAD' }],
  ['no agent', undefined, {}],
  ['an empty agent', '   ', {}],
  ['what is fetched beforehand', chrome, { fetchMode: 'navigate', purpose: 'prefetch' }],
  ['a page made beforehand', chrome, { fetchMode: 'navigate', purpose: 'prefetch;prerender' }],
  ['a preview of Safari', iphone, { purpose: 'preview' }],
  ['a Chrome that does not say what Chrome says', chrome, {}],
  ['an Edge that does not either', `${chrome} Edg/131.0.0.0`, {}],
])('a machine: %s', (_, agent, signs) => {
  expect(judge(agent, signs)).toBe('machine');
});

test('what a page fetched without going there is nobody for sure', () => {
  for (const fetchMode of ['no-cors', 'cors', 'same-origin'])
    expect(judge(chrome, { fetchMode })).toBe('unsure');
});

test('a header of any length takes no time', () => {
  const long = 'Chrome/'.repeat(100_000);
  const began = performance.now();
  judge(iphone, { purpose: long });
  judgeClick({
    method: 'GET',
    agent: long,
    isKnownBot: false,
    purpose: long,
    fetchMode: undefined,
    isTrustworthy: true,
  });
  expect(performance.now() - began).toBeLessThan(1000);
});
