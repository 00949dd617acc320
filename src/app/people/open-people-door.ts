import { keyOfAddress } from '../../core/people/person.ts';
import { Refusal } from '../../core/problem.ts';
import { second } from '../../core/time.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { PeopleDoor } from '../../door/people/people-door.ts';
import { makeEntry } from '../../flow/context.ts';
import { openKeyedLock } from '../../flow/keyed-lock.ts';
import { nudge } from '../../flow/facts.ts';
import type { PeopleContext } from '../../flow/people/people-context.ts';
import { type Asked, confirmForm, findAsked } from '../../flow/people/forms/confirm-form.ts';
import { fillInForm } from '../../flow/people/forms/fill-in-form.ts';
import { takeClicks } from '../../flow/people/clicks/take-clicks.ts';
import { takeEvents } from '../../flow/people/forms/take-events.ts';
import { stopPerson } from '../../flow/people/stop-person.ts';
import { openTokens } from '../../io/secrets/sealed-tokens.ts';
import type { GuardedGet } from '../../io/guarded-get.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SequenceSource } from '../../ports/people/sequences.ts';
import type { Store } from '../../ports/store.ts';
import { openLanguagesOf } from './open-languages.ts';
import { openWebhookDoor } from './open-webhook-door.ts';
import { openHandsOf, type PeopleConfig, tokenKeyFile } from './open-people.ts';

const readEvery = 10 * second;

const secretsOf = ({ events: { woocommerce, shopify } = {} }: PeopleConfig) =>
  pickDefined({ woocommerce: woocommerce?.secret, shopify: shopify?.secret });

interface Around {
  store: Store;
  clock: Clock;
  warn(text: string): void;
  /** How certificates of mail providers are got. */
  get?: GuardedGet;
}

/** What strangers do at the door is written to the store; the service does what follows. */
export async function openPeopleDoor(
  config: PeopleConfig,
  { store, clock, warn, get }: Around,
): Promise<PeopleDoor> {
  const hands = await openHandsOf(config, store);
  const tokens = await openTokens(tokenKeyFile(config));
  const context: Omit<PeopleContext, 'sequences'> = {
    store,
    clock,
    alarms: { set: async () => undefined },
    settings: { zone: config.zone, people: hands.settings },
    transports: new Map(),
    hashOf: hands.hashOf,
    claimFor: 0,
    worker: 'door',
    log: { warn },
  };
  const read = openReading(hands.sequences, context);
  return {
    store,
    tokens,
    languages: await openLanguagesOf(config, { warn }),
    titleOf: async (sequence) => (await read()).sequences.get(sequence)?.title,
    ...openForms(read),
    ...openTaking(read),
    ...(await openWebhookDoor({ mail: config.mail, tokens, context, read, get })),
    eventToken: config.events?.token,
    shopSecrets: secretsOf(config),
    async tell(id, text) {
      await store.appendJournal([makeEntry(context, 'notice', { id, text })]);
    },
    async unsubscribe(person, purpose) {
      const stop = { person, purpose, because: 'unsubscribed', by: person.id } as const;
      await stopPerson({ ...context, sequences: new Map() }, stop);
      await nudge(store);
    },
  };
}

type DoorContext = PeopleContext & {
  /** Their files are there, and cannot be read. */
  broken: ReadonlySet<string>;
};
/** As it was a moment ago, or as it is now. */
type Read = (when?: 'now') => Promise<DoorContext>;

/** The folder is looked at again now and then, and only if somebody is at the door. */
function openReading(source: SequenceSource, context: Omit<PeopleContext, 'sequences'>): Read {
  let known: DoorContext | undefined;
  let readAt = -Infinity;
  return async (when) => {
    if (when !== 'now' && known && context.clock.monotonic() - readAt <= readEvery) return known;
    const { sequences, broken } = await source.read();
    readAt = context.clock.monotonic();
    known = {
      ...context,
      sequences: new Map(sequences.map((one) => [one.id, one])),
      broken: new Set(broken.keys()),
    };
    return known;
  };
}

/** What people did, here or elsewhere. */
const openTaking = (read: Read): Pick<PeopleDoor, 'takeEvents' | 'takeClicks'> => ({
  async takeEvents(told) {
    const context = await read();
    const unknown = await takeEvents(context, told);
    if (unknown.length < told.length) await nudge(context.store);
    return unknown;
  },
  async takeClicks(clicks) {
    const context = await read();
    await takeClicks(context, clicks);
    await nudge(context.store);
  },
});

function openForms(
  read: Read,
): Pick<PeopleDoor, 'findForm' | 'takeForm' | 'findAsked' | 'confirm'> {
  const oneAtATime = openKeyedLock();
  const titled = ({ sequences }: DoorContext, asked: Asked | undefined) =>
    asked && { ...asked, titles: asked.purposes.map((id) => sequences.get(id)?.title ?? id) };
  return {
    async findForm(name) {
      const own = [...(await read()).sequences.values()].filter(({ start }) =>
        start.some((one) => one.by === 'form' && one.form === name),
      );
      if (own.length === 0) return undefined;
      return { name, sequences: own.map(({ id }) => id), titles: own.map(({ title }) => title) };
    },
    async takeForm({ form, ...sent }) {
      const context = await read();
      const filled = { ...sent, form: form.name, sequences: form.sequences };
      const key = keyOfAddress({ medium: 'mail', value: sent.mail });
      await oneAtATime(key, () => fillInForm(context, filled));
      await nudge(context.store);
    },
    async findAsked(consent) {
      const context = await read();
      return titled(context, await findAsked(context, consent));
    },
    async confirm(id, from) {
      const context = await read('now');
      const asked = await oneAtATime(id, () => confirmOnceReadable(context, id, from));
      await nudge(context.store);
      return titled(context, asked);
    },
  };
}

/** Nobody confirms what cannot begin just now: the person is told to come back. */
async function confirmOnceReadable(context: DoorContext, id: string, from: string | undefined) {
  const asked = await findAsked(context, id);
  const broken = asked?.purposes.find((purpose) => context.broken.has(purpose));
  if (broken !== undefined)
    throw new Refusal(`somebody confirms a form, and ${broken}/_sequence.yaml cannot be read`);
  return confirmForm(context, { id, from });
}
