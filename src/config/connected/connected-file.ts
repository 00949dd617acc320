import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { errorAt } from '../../core/problem.ts';
import { ConfigError } from '../config.ts';
import type { Environment } from '../environment.ts';

const account = z.strictObject({
  network: z.string(),
  /** The configuration file has no such account: all that is known of it is here. */
  isWhole: z.boolean(),
  /** By key of the configuration, as they are: nothing is put into them. */
  values: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])),
  /** By key: the digest of what the configuration said when the account was connected. */
  replaces: z.record(z.string(), z.string()),
});

const grant = z.strictObject({
  at: z.number(),
  handle: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.number().optional(),
  /** The digest of the credentials: others are of another day. */
  proof: z.string(),
});

const schema = z.strictObject({
  version: z.literal(1),
  timezone: z.string().optional(),
  accounts: z.record(z.string(), account),
  grants: z.record(z.string(), grant),
});

/** What connecting an account left in the data folder, for its owner alone. */
export type ConnectedFile = z.output<typeof schema>;
export type ConnectedAccount = z.output<typeof account>;
export type KeptGrant = z.output<typeof grant>;

export interface Connected extends ConnectedFile {
  /** As people are shown it. */
  label: string;
}

const nothing = (): ConnectedFile => ({ version: 1, accounts: {}, grants: {} });

/** Beside the store of the real accounts, never in the sandbox's folder. */
export function connectedFileOf(folder: string, environment: Environment) {
  const data = environment.read('DRIPLINE_DATA')?.value ?? 'data';
  const label = join(data, 'accounts.json');
  return { label, file: isAbsolute(label) ? label : join(folder, label) };
}

/** Empty where there is none. Throws a ConfigError where it cannot be used. */
export function readConnected(folder: string, environment: Environment): Connected {
  const { label, file } = connectedFileOf(folder, environment);
  const text = readIfThere(file, label);
  if (text === undefined) return { ...nothing(), label };
  const parsed = schema.safeParse(toJson(text), { jitless: true });
  if (parsed.success) return { ...parsed.data, label };
  const hint = 'put a backup of it back, or remove it and connect the accounts in it again';
  throw new ConfigError([errorAt(label, 'is damaged, or of a newer version of Dripline', hint)]);
}

function readIfThere(file: string, label: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const hint = 'is it a file, and may Dripline read it?';
    throw new ConfigError([errorAt(label, `cannot be read (${code})`, hint)]);
  }
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** On the disk when it returns, and never half. */
export function writePrivately(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.${randomUUID()}.part`;
  const handle = openSync(aside, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(handle);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  renameSync(aside, file);
}

/** Tells whether a value is another one. It stands beside secrets, in the same private file. */
export const digestOf = (value: string): string =>
  createHash('sha256').update(`dripline ${value}`).digest('base64url').slice(0, 22);
