import { formatDuration, minute } from './time.ts';

/** What the clock of an account's server says of ours. */
export interface ClockVote {
  account: string;
  /** Accounts on one server have one vote together. */
  server: string;
  /** How far that clock is ahead of ours, in milliseconds. */
  skew: number;
}

export interface ClockVerdict {
  /** Most of the servers disagree with this machine's clock: these accounts are on them. */
  against: string[];
  /** Why everything is held; undefined: this machine's clock is right. */
  because?: string;
  /** Accounts whose server disagrees with us and with the others, with the words. */
  outliers: ReadonlyMap<string, string>;
}

/** Farther than this from each other, clocks disagree. */
const maxSkew = minute;

const isOff = ({ skew }: ClockVote) => Math.abs(skew) > maxSkew;

/**
 * The right time is what most servers agree on: one of them that disagrees is wrong itself, and
 * where most disagree with us we are.
 */
export function judgeClocks(votes: readonly ClockVote[]): ClockVerdict {
  const servers = [...Map.groupBy(votes, keyOf).values()];
  const wrong = servers.filter((accounts) => accounts.some(isOff)).flat();
  const count = servers.filter((accounts) => accounts.some(isOff)).length;
  if (count * 2 > servers.length) {
    const against = wrong.map(({ account }) => account).sort();
    return { against, because: tellOwn(wrong), outliers: new Map() };
  }
  return { against: [], outliers: new Map(wrong.map((vote) => [vote.account, tellOther(vote)])) };
}

/** What has one address may be several machines: they are told apart by what they say. */
const keyOf = ({ server, skew }: ClockVote) => `${server} ${Math.round(skew / maxSkew)}`;

function tellOwn(wrong: readonly ClockVote[]): string {
  const sorted = wrong.toSorted((a, b) => a.skew - b.skew);
  const skew = sorted[Math.floor(sorted.length / 2)]?.skew ?? 0;
  const names = wrong.map(({ account }) => account).sort();
  const whose = names.length === 1 ? `clock of ${names[0]}'s network` : `clocks of ${list(names)}`;
  const off = `${tellSkew(skew)} ${skew > 0 ? 'behind' : 'ahead of'} the ${whose}`;
  return `this machine's clock is ${off}: nothing is published until they agree`;
}

const list = (names: readonly string[]) =>
  names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

function tellOther({ account, skew }: ClockVote): string {
  const off = `${tellSkew(skew)} ${skew > 0 ? 'ahead of' : 'behind'} the others`;
  return `${account}'s clock is ${off}. Publishing resumes when it agrees with them`;
}

const tellSkew = (skew: number) => formatDuration(Math.round(Math.abs(skew) / minute) * minute);
