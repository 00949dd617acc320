import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { pickDefined } from '../../core/pick-defined.ts';
import { openPrivateFile } from './private-file.ts';

/** Whether a password is needed, and which. */
export interface Door {
  isOpen: boolean;
  /** A password that was generated now: to be printed once. */
  made?: string;
  /** It was made at an earlier start, if not at this one. */
  isMade: boolean;
  /** Differs for each password, so that sessions of an earlier one are no longer valid. */
  tag: string;
  /** For what a browser gets to keep. Another password has another. */
  secret: string;
  isRight(password: string): Promise<boolean>;
}

export interface DoorOptions {
  /** Other machines can reach the page. */
  isReachable: boolean;
  password?: string | undefined;
  dataFolder?: string | undefined;
}

interface Kept {
  salt: string;
  hash: string;
  tag: string;
  isMade: boolean;
}

/** OWASP's recommendation for scrypt with 32 MiB; about a quarter of a second. */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };

/**
 * Uses the configured password. If there is none and other machines can reach the page, generates
 * one. Only its hash is stored.
 */
export async function openDoor({ isReachable, password, dataFolder }: DoorOptions): Promise<Door> {
  if (password === undefined && !isReachable)
    return { ...openedDoor, secret: randomBytes(32).toString('base64url') };
  const file = openPrivateFile(
    dataFolder === undefined ? undefined : join(dataFolder, 'web', 'password.json'),
  );
  const before = parseKept(await file.read());
  const isKept =
    before !== undefined &&
    (password === undefined ? before.isMade : await matches(password, before));
  if (isKept) return doorOf(before);
  const made = password === undefined ? makePassword() : undefined;
  const kept = await toKept(password ?? made ?? '', made !== undefined);
  await file.write(kept);
  return { ...doorOf(kept), ...pickDefined({ made }) };
}

const openedDoor = {
  isOpen: true,
  isMade: false,
  tag: 'open',
  isRight: () => Promise.resolve(false),
};

function doorOf(kept: Kept): Door {
  // One at a time, so that many attempts delay each other and not the rest of the process.
  let last: Promise<unknown> = Promise.resolve();
  return {
    isOpen: false,
    isMade: kept.isMade,
    tag: kept.tag,
    secret: kept.hash,
    isRight(password) {
      const turn = last.then(() => matches(password, kept));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Twenty letters and digits that cannot be confused: about a hundred bits. */
function makePassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(randomBytes(20), (byte) => letters[byte % 32])
    .join('')
    .replaceAll(/(.{5})(?=.)/g, '$1-');
}

async function toKept(password: string, isMade: boolean): Promise<Kept> {
  const salt = randomBytes(16).toString('base64url');
  return {
    salt,
    hash: (await derive(password, salt)).toString('base64url'),
    tag: randomBytes(6).toString('hex'),
    isMade,
  };
}

async function matches(password: string, { salt, hash }: Kept): Promise<boolean> {
  const expected = Buffer.from(hash, 'base64url');
  const given = await derive(password, salt);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function derive(password: string, salt: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password.normalize('NFC'), salt, 32, cost, (error, key) =>
    error ? reject(error) : resolve(key),
  );
  return promise;
}

function parseKept(value: unknown): Kept | undefined {
  const { salt, hash, tag, isMade } = (value ?? {}) as Partial<Kept>;
  return typeof salt === 'string' &&
    typeof hash === 'string' &&
    typeof tag === 'string' &&
    typeof isMade === 'boolean'
    ? { salt, hash, tag, isMade }
    : undefined;
}
