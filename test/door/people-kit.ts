import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openPeopleDoor } from '../../src/app/people/open-people-door.ts';
import { tokenKeyFile } from '../../src/app/people/open-people.ts';
import { defaultPeople } from '../../src/core/people/people-settings.ts';
import { type Address, keyOfAddress, type Person } from '../../src/core/people/person.ts';
import type { EventsConfig } from '../../src/config/config.ts';
import type { MailConfig } from '../../src/config/mail/schema-mail.ts';
import type { GuardedGet } from '../../src/io/guarded-get.ts';
import { openPublicDoor } from '../../src/door/open-door.ts';
import { openAddressHash } from '../../src/io/secrets/address-hash.ts';
import { openTokens } from '../../src/io/secrets/sealed-tokens.ts';
import { peopleRecordKinds } from '../../src/ports/people/people-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { openMovableClock } from '../flow/world.ts';

/** A Monday morning in Berlin. */
export const monday = Date.parse('2026-03-02T08:00:00Z');

export const newsletter = {
  'welcome/_sequence.yaml': 'title: Welcome\nstart: { form: newsletter }\n',
  'welcome/010-hello.md': '---\nsubject: Hello\n---\nHello.',
  'other/_sequence.yaml': 'title: Other\nstart: { form: other }\n',
  'other/010-hello.md': '---\nsubject: Hello\n---\nHello.',
};

const mail: MailConfig = {
  from: 'Shop <hello@shop.example>',
  postalAddress: 'Weg 1',
  host: 'smtp.example.com',
  port: 587,
  tls: 'required',
  isImplicit: false,
  perSecond: 1,
  perDay: 500,
  warmUp: false,
  whenUnknown: 'leave',
  bounces: { address: 'hello@shop.example' },
};

interface Options {
  store: Store;
  /** Below the posts folder. */
  files?: Record<string, string>;
  /** With which events are told. */
  token?: string;
  /** Who else tells events. */
  events?: EventsConfig;
  /** What the door sees of it. */
  wrap?: (store: Store) => Store;
  /** Sites that tell visits. */
  visits?: string[];
  /** Below `forms` beside the configuration. */
  forms?: Record<string, string>;
  webhooks?: NonNullable<MailConfig['webhooks']>;
  /** How certificates are got. */
  get?: GuardedGet;
}

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string | URLSearchParams | FormData;
}

/** The door with people behind it, a clock, and a folder of sequences. */
export async function openPeopleDoorWorld({ store, files = newsletter, ...more }: Options) {
  const { token, wrap, visits, webhooks, get, events } = more;
  const folder = mkdtempSync(join(tmpdir(), 'dripline-door-'));
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, 'posts', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const [name, text] of Object.entries(more.forms ?? {})) {
    mkdirSync(join(folder, 'config/forms'), { recursive: true });
    writeFileSync(join(folder, 'config/forms', name), text);
  }
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const clock = openMovableClock(monday);
  const warned: string[] = [];
  const warn = (text: string) => void warned.push(text);
  const seen = wrap?.(store) ?? store;
  const folders = { posts: join(folder, 'posts'), data, media: join(folder, 'media') };
  const config = {
    zone: 'Europe/Berlin',
    people: defaultPeople,
    folders,
    isSandbox: false,
    file: join(folder, 'config/dripline.yaml'),
    ...(token === undefined ? {} : { events: { token } }),
    ...(events ? { events } : {}),
    ...(webhooks ? { mail: { ...mail, webhooks } } : {}),
  };
  const url = 'https://go.example.com';
  const people = await openPeopleDoor(config, {
    store: seen,
    clock,
    warn,
    ...(get ? { get } : {}),
  });
  const place = { url, host: '127.0.0.1', port: 0, trustedProxies: ['127.0.0.1'] };
  const timing = { burstFor: 0, flushEvery: 60_000 };
  const parts = { ...place, store: seen, clock, warn, people, visits, timing };
  const door = await openPublicDoor(parts);
  const tokens = await openTokens(tokenKeyFile(config));
  return {
    store,
    clock,
    warned,
    tokens,
    hashOf: await openAddressHash(join(data, 'address.key'), store),
    folder: folders.posts,
    port: door.port,
    flush: () => door.flush(),
    async ask(path: string, sent: Sent = {}) {
      const response = await fetch(`http://127.0.0.1:${door.port}${path}`, {
        redirect: 'manual',
        ...sent,
      });
      return {
        status: response.status,
        headers: response.headers,
        body: await response.text(),
      };
    },
    /** Somebody who has agreed to everything. */
    async add(id: string, more: Partial<Person> = {}): Promise<Person> {
      const at = clock.now();
      const address: Address = { medium: 'mail', value: `${id}@example.org` };
      const person: Person = {
        id,
        status: 'new',
        createdAt: at,
        addresses: [address],
        fields: {},
        score: 0,
        scoredAt: at,
        revision: 1,
        ...more,
      };
      await store.people.addPerson(person);
      const addressKey = keyOfAddress(person.addresses[0] ?? address);
      const consent = { id: `c-${id}`, person: id, medium: 'mail', addressKey, purpose: '*' };
      const given = { ...consent, way: 'form', at, words: 'Yes', confirmedAt: at } as const;
      await store.people.addConsents([{ ...given, medium: 'mail' }]);
      return person;
    },
    /** Everything that the store knows of people, as text: the same if nothing has changed. */
    async all(): Promise<string> {
      const pages = await Promise.all(
        peopleRecordKinds.map((kind) => store.people.listRecords({ kind, limit: 100_000 })),
      );
      const journal = await store.listJournal({});
      return JSON.stringify([pages, journal]);
    },
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type PeopleDoorWorld = Awaited<ReturnType<typeof openPeopleDoorWorld>>;
