import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isUpToDate, schemaFile } from '../../config/make-schema.ts';
import { example } from './kit.ts';

const check = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(schemaFile, 'utf8')),
);

test('the schema beside the configuration is up to date (else: node config/make-schema.ts)', () => {
  expect(isUpToDate()).toBe(true);
});

test('the schema takes what the configuration takes, and names what it does not', () => {
  check(parse(example));
  expect(check.errors).toBeNull();
  for (const yaml of [
    'timezon: UTC',
    'cadence: { perday: 1 }',
    'accounts: { a: { network: myspace } }',
    'pacing: { mode: fast }',
    'feeds: [{}]',
    'cadence: { days: [monday] }',
  ])
    expect([yaml, check(parse(yaml))]).toEqual([yaml, false]);
});
