import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJsonSchema } from '../src/config/schema.ts';

/** The schema that editors complete `dripline.yaml` with, as a file's text. */
export const schemaText = (): string => `${JSON.stringify(toJsonSchema(), undefined, 2)}\n`;

export const schemaFile = join(import.meta.dirname, 'dripline.schema.json');

export const isUpToDate = (): boolean => readFileSync(schemaFile, 'utf8') === schemaText();

if (import.meta.main) writeFileSync(schemaFile, schemaText());
