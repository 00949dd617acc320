import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { hour, second } from '../../src/core/time.ts';
import { textToSign } from '../../src/mail/webhooks/sns-signature.ts';
import type { GuardedGet } from '../../src/io/guarded-get.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { makeCertificate } from '../mail/certificate.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { makeDispatch, makeEnrolment } from '../store/people-kit.ts';
import { openPeopleDoorWorld, type PeopleDoorWorld } from './people-kit.ts';
import { type About, webhookCases } from './webhook-cases.ts';

const certificate = makeCertificate('rsa');
const { peer, test } = peerOrSkip(certificate, 'OpenSSL is missing: apt-get install openssl');

const topic = 'arn:aws:sns:eu-west-1:123456789012:mails';
const certUrl = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem';
const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

const webhooks = {
  ses: { topic },
  postmark: { user: 'pm', password: 'secret-1' },
  mailgun: { signingKey: 'key-1' },
  sendgrid: { publicKey },
  brevo: { token: 'token-1' },
};

interface Call {
  path: string;
  body: string;
  headers: Record<string, string>;
}

/** What a provider sends for an event, proved as the provider does it. */
const senders: Record<string, (event: unknown, world: PeopleDoorWorld) => Call> = {
  ses: (event) => {
    const message = {
      Type: 'Notification',
      MessageId: `m-${(count += 1)}`,
      TopicArn: topic,
      Message: JSON.stringify(event),
      Timestamp: '2026-03-02T08:00:00.000Z',
      SignatureVersion: '2',
      SigningCertURL: certUrl,
    };
    const body = JSON.stringify(signSns(message));
    return { path: '/h/ses', body, headers: { 'content-type': 'text/plain; charset=UTF-8' } };
  },
  postmark: (event) => ({
    path: '/h/postmark',
    body: JSON.stringify(event),
    headers: { authorization: `Basic ${Buffer.from('pm:secret-1').toString('base64')}` },
  }),
  mailgun: (event, { clock }) => {
    const timestamp = String(Math.floor(clock.now() / second));
    const token = `t-${(count += 1)}`;
    const signature = createHmac('sha256', 'key-1').update(`${timestamp}${token}`).digest('hex');
    const signed = { signature: { timestamp, token, signature }, 'event-data': event };
    return { path: '/h/mailgun', body: JSON.stringify(signed), headers: {} };
  },
  sendgrid: (event, { clock }) => {
    // The bytes as they are: with blanks, and a line at the end.
    const body = `${JSON.stringify([event], null, 1)}\r\n`;
    const timestamp = String(Math.floor(clock.now() / second));
    const signature = createSign('sha256').update(timestamp).update(body);
    return {
      path: '/h/sendgrid',
      body,
      headers: {
        'x-twilio-email-event-webhook-signature': signature.sign(keys.privateKey, 'base64'),
        'x-twilio-email-event-webhook-timestamp': timestamp,
      },
    };
  },
  brevo: (event) => ({
    path: '/h/brevo',
    body: JSON.stringify(event),
    headers: { authorization: 'Bearer token-1' },
  }),
};

let count = 0;

const signSns = (message: Record<string, string>) => ({
  ...message,
  Signature: createSign('RSA-SHA256')
    .update(textToSign(message) ?? '')
    .sign(peer?.key ?? '', 'base64'),
});

interface Got {
  asked: string[];
}

async function withDoor(work: (world: PeopleDoorWorld, got: Got) => Promise<void>) {
  const asked: string[] = [];
  const get: GuardedGet = async (url) => {
    asked.push(url);
    const body = Buffer.from(url === certUrl ? (peer?.cert ?? '') : 'OK');
    return { status: 200, headers: {}, body, url, notModified: false };
  };
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, webhooks, get });
  await work(world, { asked });
}

/** Somebody who got a message an hour ago. */
async function addSent({ store, clock, tokens, add }: PeopleDoorWorld, id: string): Promise<About> {
  await add(id);
  const enrolment = makeEnrolment('welcome', id);
  await store.people.addEnrolment(enrolment);
  const token = tokens.make('bounce', `welcome.hello@${id}`);
  const messageId = `${id}-mail@shop.example`;
  const at = clock.now() - hour;
  const dispatch = makeDispatch(enrolment, 'hello', {
    state: 'sent',
    sentAt: at,
    intent: {
      at,
      medium: 'mail',
      addressKey: `mail:${id}@example.org`,
      body: 'h',
      messageId: `<${messageId}>`,
    },
  });
  await store.people.change({ dispatch: { after: dispatch } });
  return { token, messageId };
}

const send = ({ ask }: PeopleDoorWorld, { path, body, headers }: Call) =>
  ask(path, { method: 'POST', body, headers });

const stopOf = async ({ store, hashOf }: PeopleDoorWorld, id: string) =>
  (await store.people.listSuppressions([hashOf(`mail:${id}@example.org`)]))[0]?.because ?? 'none';

const noticesOf = async ({ store }: PeopleDoorWorld) =>
  (await store.listJournal({ types: ['notice'] })).map(({ id }) => id);

test(
  'every kind of event of each provider does what a report by mail would do, once',
  () =>
    withDoor(async (world) => {
      for (const [i, [provider, event, outcome]] of webhookCases.entries()) {
        const id = `p-${i}`;
        const about = await addSent(world, id);
        const make = () => senders[provider]!(event(about), world);
        const before = (await noticesOf(world)).filter((one) =>
          one.startsWith('mail-policy'),
        ).length;
        expect((await send(world, make())).status).toBe(200);
        const what = `${provider} ${JSON.stringify(event(about))}`;
        const stop = await stopOf(world, id);
        expect([what, stop]).toEqual([what, outcome === 'policy' ? 'none' : outcome]);
        const state = (await world.store.people.findDispatch(`welcome.hello@${id}`))?.state;
        expect([what, state]).toEqual([what, outcome === 'bounced' ? 'bounced' : 'sent']);
        const told = (await noticesOf(world)).filter((one) => one.startsWith('mail-policy')).length;
        if (outcome === 'policy') expect([what, told]).toEqual([what, before + 1]);
        // Told again, as all of them do.
        const all = await world.all();
        expect((await send(world, make())).status).toBe(200);
        const again = await world.all();
        expect([what, again === all]).toEqual([what, true]);
      }
      expect(JSON.stringify(await world.store.listJournal({}))).not.toContain('@example.org');
    }),
  60_000,
);

test(
  'what does not prove where it comes from is refused, and told once',
  () =>
    withDoor(async (world, { asked }) => {
      const about = await addSent(world, 'p-ada');
      const at = (provider: string) => webhookCases.find(([name]) => name === provider)![1](about);
      const make = (provider: string) => senders[provider]!(at(provider), world);
      const before = JSON.stringify(
        await world.store.people.listRecords({ kind: 'dispatch', limit: 9 }),
      );
      const forged: Call[] = [];
      for (const provider of Object.keys(senders)) {
        const { path, body } = make(provider);
        if (provider !== 'ses' && provider !== 'mailgun') forged.push({ path, body, headers: {} });
        forged.push({ path, body: '', headers: {} }, { path, body: 'not json', headers: {} });
        forged.push({ path, body: 'null', headers: {} }, { path, body: '[]', headers: {} });
      }
      const postmark = make('postmark');
      forged.push({ ...postmark, headers: { authorization: 'Basic cG06d3Jvbmc=' } });
      forged.push({ ...postmark, headers: { authorization: 'Bearer token-1' } });
      forged.push({ ...make('brevo'), headers: { authorization: 'Bearer token-2' } });
      const sendgrid = make('sendgrid');
      forged.push({ ...sendgrid, body: sendgrid.body.replace('5.1.1', '5.1.2') });
      forged.push({ ...sendgrid, body: `${sendgrid.body} ` });
      const time = { 'x-twilio-email-event-webhook-timestamp': '1' };
      forged.push({ ...sendgrid, headers: { ...sendgrid.headers, ...time } });
      const mailgun = JSON.parse(make('mailgun').body);
      const signed = (signature: object): Call => ({
        path: '/h/mailgun',
        body: JSON.stringify({ ...mailgun, signature }),
        headers: {},
      });
      forged.push(signed({ ...mailgun.signature, token: 'other' }), signed({}));
      const old = String(Math.floor((world.clock.now() - 24 * hour) / second));
      const hmac = createHmac('sha256', 'key-1').update(`${old}t`).digest('hex');
      forged.push(signed({ timestamp: old, token: 't', signature: hmac }));
      const sns = JSON.parse(make('ses').body);
      const resigned = (changes: object): Call => ({
        path: '/h/ses',
        body: JSON.stringify(signSns({ ...sns, ...changes })),
        headers: {},
      });
      forged.push(
        { path: '/h/ses', body: JSON.stringify({ ...sns, Message: '{}' }), headers: {} },
        resigned({ TopicArn: topic.replace('mails', 'other') }),
        ...[
          'https://evil.example/sns.eu-west-1.amazonaws.com/x.pem',
          'https://sns.eu-west-1.amazonaws.com.evil.example/x.pem',
          'http://sns.eu-west-1.amazonaws.com/x.pem',
          'https://me@sns.eu-west-1.amazonaws.com/x.pem',
          'https://s3.eu-west-1.amazonaws.com/x.pem',
          'https://sns.eu-west-1.amazonaws.com:8443/x.pem',
          'file:///etc/hostname',
        ].map((SigningCertURL) => resigned({ SigningCertURL })),
        resigned({ SignatureVersion: '3' }),
        resigned({
          Type: 'SubscriptionConfirmation',
          Token: 't',
          SubscribeURL: 'https://evil.example/',
        }),
      );
      for (const one of forged) {
        const { status } = await send(world, one);
        expect([one.path, one.body.slice(0, 300), status]).toEqual([
          one.path,
          one.body.slice(0, 300),
          401,
        ]);
      }
      expect(asked.filter((url) => url !== certUrl)).toEqual([]);
      expect(await stopOf(world, 'p-ada')).toBe('none');
      const after = JSON.stringify(
        await world.store.people.listRecords({ kind: 'dispatch', limit: 9 }),
      );
      expect(after).toBe(before);
      const told = (await noticesOf(world)).map((id) => id.split(':')[1]).toSorted();
      expect(told).toEqual(['brevo', 'mailgun', 'postmark', 'sendgrid', 'ses']);
      expect((await world.ask('/h/ses')).status).toBe(405);
      expect((await world.ask('/h/none', { method: 'POST', body: '{}' })).status).toBe(405);
      const large = { ...make('postmark'), body: 'x'.repeat(3_000_000) };
      expect((await send(world, large)).status).toBe(413);
    }),
  60_000,
);

test('a proof that says nothing of the event is good once, also at a new start', () =>
  withDoor(async (world) => {
    const [ada, ben] = [await addSent(world, 'p-ada'), await addSent(world, 'p-ben')];
    const event = (token: string) => ({
      event: 'complained',
      id: token,
      'user-variables': { dripline: token },
    });
    const call = senders['mailgun']!(event(ada.token), world);
    expect((await send(world, call)).status).toBe(200);
    expect(await stopOf(world, 'p-ada')).toBe('complaint');
    const stolen = { ...JSON.parse(call.body), 'event-data': event(ben.token) };
    const answer = await send(world, { ...call, body: JSON.stringify(stolen) });
    expect([answer.status, answer.body]).toEqual([200, 'This was told before.']);
    expect(await stopOf(world, 'p-ben')).toBe('none');
    expect(await world.store.listFacts('used:')).toHaveLength(1);
  }));

test('a topic of SNS is confirmed at Amazon alone', () =>
  withDoor(async (world, { asked }) => {
    const SubscribeURL = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    const message = signSns({
      Type: 'SubscriptionConfirmation',
      MessageId: 'm',
      Token: 't',
      TopicArn: topic,
      Message: 'You have chosen to subscribe',
      SubscribeURL,
      Timestamp: '2026-03-02T08:00:00.000Z',
      SignatureVersion: '2',
      SigningCertURL: certUrl,
    });
    const call = { path: '/h/ses', body: JSON.stringify(message), headers: {} };
    expect((await send(world, call)).status).toBe(200);
    expect(asked).toEqual([certUrl, SubscribeURL]);
  }));
