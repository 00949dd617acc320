import { ownCommand } from '../../core/text/own-command.ts';
import { openConnecting } from '../../app/connecting/open-connecting.ts';
import { systemClock } from '../../app/system-clock.ts';
import { readConnected } from '../../config/connected/connected-file.ts';
import { openEnvironment } from '../../config/environment.ts';
import { parseWindow } from '../../core/schedule/cadence.ts';
import { type Network, networkNames, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { isZone, weekdays } from '../../core/time.ts';
import type { Connecting } from '../../ports/connecting/connecting.ts';
import type { YamlEdit } from '../../io/yaml-edit.ts';
import {
  type Draft,
  newDraft,
  settleAccount,
  type Surroundings,
  toDrafts,
} from './init-account.ts';
import { type Answers, usualCadence } from '../../config/writing/config-text.ts';
import type { SecretPlace } from '../../config/writing/save-account.ts';
import { placeOfSecrets } from '../../config/writing/secret-places.ts';
import type { Asker } from './init-prompts.ts';

/** Answers that the command line gives already. */
export interface Given {
  networks: Network[] | undefined;
  zone: string | undefined;
  isForced: boolean;
}

export const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export interface Talk extends Given {
  folder: string;
  asker: Asker;
  /** The existing configuration. */
  before: YamlEdit | undefined;
}

export interface Outcome {
  answers: Answers;
  /** For .env, or the folder `secrets`. */
  secrets: Map<string, string>;
  /** Accounts with credentials that were just given. */
  kept: KeptLogin[];
  place: SecretPlace;
  /** What to do next. */
  last: string;
}

/** Asks everything. Nothing is written before the last answer. */
export async function converse(talk: Talk): Promise<Outcome> {
  const { asker, folder, before } = talk;
  const connecting = openConnecting(
    { root: folder, isSandbox: false, accounts: [] },
    { clock: systemClock, isAtHome: true },
  );
  const environment = openEnvironment(folder);
  const connected = readConnected(folder, environment);
  const around: Surroundings = { asker, folder, environment, connected, connecting };
  const there = draftsIn(before);
  if (before) asker.say(talk.isForced ? overwriting : adding);
  const settled = [
    ...(await settleAll(around, there)),
    ...(await addAccounts(around, there, talk.networks)),
  ];
  const secrets = new Map(settled.flatMap(({ draft }) => [...draft.secrets]));
  const place = secrets.size ? await askPlace(asker, connecting.places()) : undefined;
  const zone = await askZone(asker, talk);
  const isPaced = before?.read(['cadence']) !== undefined && !talk.isForced;
  const cadence = isPaced ? {} : { cadence: await askCadence(asker) };
  return {
    answers: {
      zone,
      ...cadence,
      accounts: settled.map(({ draft: { name, entry } }) => ({ name, entry })),
    },
    secrets,
    kept: settled.filter(({ draft }) => draft.secrets.size).map(toKept),
    place: place?.value === 'data' ? 'data' : 'variables',
    last: tellNext(settled, place?.label ?? placeOfSecrets(folder)),
  };
}

/** Credentials of an account, by key of the configuration. */
interface KeptLogin {
  name: string;
  network: Network;
  handle: string;
  secrets: Record<string, string>;
}

function toKept({ draft, check }: Settled): KeptLogin {
  const { name, network, entry, secrets } = draft;
  const own = Object.entries(entry).flatMap(([key, written]): [string, string][] => {
    const value = secrets.get(/^\$\{(\w+)\}$/.exec(String(written))?.[1] ?? '');
    return value === undefined ? [] : [[key, value]];
  });
  return { name, network, handle: check?.handle ?? '', secrets: Object.fromEntries(own) };
}

async function askPlace(asker: Asker, places: ReturnType<Connecting['places']>) {
  const [usual] = places;
  if (places.length < 2) return usual;
  const value = await asker.choose('Where should the credentials be kept?', places);
  return places.find((one) => one.value === value) ?? usual;
}

const adding = 'config/dripline.yaml exists. Init adds to it and keeps its values.';
const overwriting = 'config/dripline.yaml exists. Init adds to it and overwrites its values.';

type Settled = NonNullable<Awaited<ReturnType<typeof settleAccount>>>;

function draftsIn(before: YamlEdit | undefined): Draft[] {
  const accounts = before?.read(['accounts']);
  if (typeof accounts !== 'object' || accounts === null) return [];
  return toDrafts({ ...accounts });
}

async function settleAll(around: Surroundings, drafts: Draft[]): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (const draft of drafts) {
    const one = await settleAccount(around, draft);
    if (one) settled.push(one);
  }
  return settled;
}

async function addAccounts(
  around: Surroundings,
  there: Draft[],
  given: Network[] | undefined,
): Promise<Settled[]> {
  const { asker } = around;
  const hasSome = there.length > 0;
  if (hasSome && !given && !(await asker.confirm('Add another account?', false))) return [];
  const options = networks.map((network) => ({ value: network, label: networkNames[network] }));
  const chosen =
    given ??
    (await asker.chooseMany(
      'Which networks? (Space selects, Enter continues)',
      options,
      hasSome ? [] : [...networks],
    ));
  const names = new Set(there.map(({ name }) => name));
  const settled: Settled[] = [];
  for (const network of networks.filter((one) => chosen.includes(one))) {
    for (
      let isWanted = true;
      isWanted;
      isWanted = await asker.confirm(`Another account on ${networkNames[network]}?`, false)
    ) {
      const name = await askName(asker, network, names);
      const isFirst = ![...there, ...settled.map(({ draft }) => draft)].some(
        (other) => other.network === network,
      );
      const one = await settleAccount(around, newDraft(network, name, isFirst));
      if (!one) continue;
      names.add(name);
      settled.push(one);
    }
  }
  return settled;
}

async function askName(
  asker: Asker,
  network: Network,
  taken: ReadonlySet<string>,
): Promise<string> {
  const usual = traitsOf(network).setup.account;
  const free =
    [usual, ...Array.from({ length: 50 }, (_, i) => `${usual}-${i + 2}`)].find(
      (name) => !taken.has(name),
    ) ?? usual;
  return asker.text({
    message: `Name for the account on ${networkNames[network]}? Ids contain it: hello@${free}`,
    initial: free,
    whyNot: (name) => {
      if (taken.has(name)) return 'Another account has this name already';
      const isName = /^[a-z0-9][a-z0-9_-]*$/.test(name);
      return isName ? undefined : 'Use lower-case letters, digits, - and _, such as bsky';
    },
  });
}

async function askZone(asker: Asker, { before, zone, isForced }: Talk): Promise<string> {
  const written = before?.read(['timezone']);
  if (zone !== undefined) return zone;
  if (typeof written === 'string' && !isForced) return written;
  return asker.text({
    message: 'Time zone of your schedule?',
    initial: typeof written === 'string' ? written : here(),
    whyNot: (text) => (isZone(text) ? undefined : 'Use an IANA name, such as Europe/Berlin'),
  });
}

async function askCadence(asker: Asker): Promise<NonNullable<Answers['cadence']>> {
  const perDay = await asker.text({
    message: 'How many posts a day for each account? Within a range, engagement decides',
    initial: usualCadence.perDay,
    whyNot: (text) =>
      /^\d+(\.\d+)?(-\d+(\.\d+)?)?$/.test(text) && Number.parseFloat(text) > 0
        ? undefined
        : 'Use a number such as 2, or a range such as 1-3',
  });
  const windows = await asker.text({
    message: 'In which hours of the day?',
    initial: usualCadence.windows.join(', '),
    whyNot: (text) =>
      toWords(text).length && toWords(text).every((word) => parseWindow(word))
        ? undefined
        : 'Write the hours as 08:00-12:00, 16:00-21:00',
  });
  const days = await asker.chooseMany(
    'On which days? (Space selects, Enter continues)',
    weekdays.map((weekday) => ({ value: weekday, label: weekday })),
    usualCadence.days as (typeof weekdays)[number][],
  );
  return {
    perDay,
    windows: toWords(windows),
    days: weekdays.filter((weekday) => days.includes(weekday)),
  };
}

const toWords = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

function tellNext(settled: Settled[], where: string): string {
  const open = settled.filter(({ check }) => !check?.ok).map(({ draft }) => draft.name);
  const failed =
    `Not logged in yet: ${open.join(', ')}. ` +
    `Correct the values in ${where}, then check them with ${ownCommand('accounts')}.`;
  return [
    `Written: config/dripline.yaml and ${where} (keep ${where} out of version control).`,
    ...(open.length ? [failed] : []),
    `1. Put Markdown files into posts/, and check them with ${ownCommand('check')}.`,
    '   The samples there are never posted.',
    '2. Start Dripline with npm start. Nothing is published yet.',
    `3. Read the schedule with ${ownCommand('queue')}, or on the dashboard: http://127.0.0.1:4330`,
    `4. Start posting with ${ownCommand('resume')}.`,
  ].join('\n');
}
