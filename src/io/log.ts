import { pino } from 'pino';
import { openScrubber, toPrintable, toPrintableJson } from './scrub.ts';

export interface Log {
  info(text: string, data?: Record<string, unknown>): void;
  warn(text: string, data?: Record<string, unknown>): void;
}

/**
 * One JSON object a line on standard error; the finished line is scrubbed, since any text
 * may contain a secret.
 */
export function openJsonLog(
  secrets: readonly string[],
  write: (line: string) => void = (line) => process.stderr.write(line),
): Log {
  const scrub = openScrubber(secrets);
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => write(toPrintableJson(scrub(line))) },
  );
  return {
    info: (text, data = {}) => logger.info(data, text),
    warn: (text, data = {}) => logger.warn(data, text),
  };
}

/** Short lines for a person in front of a terminal. */
export function openPlainLog(
  secrets: readonly string[],
  write: (line: string) => void = (line) => process.stdout.write(line),
): Log {
  const scrub = openScrubber(secrets);
  return {
    info: (text) => write(toPrintable(`${scrub(text)}\n`)),
    warn: (text) => write(toPrintable(`! ${scrub(text)}\n`)),
  };
}
