import { pickDefined } from '../../core/pick-defined.ts';
export interface FormPart {
  name: string;
  filename?: string;
  mime: string;
  bytes: Buffer;
}

/** The parts of a multipart/form-data body; undefined where it is none, or cut short. */
export function parseMultipart(
  body: Buffer,
  contentType: string | undefined,
): FormPart[] | undefined {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  if (!boundary) return undefined;
  const mark = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let at = body.indexOf(mark);
  while (at >= 0) {
    at += mark.length;
    if (body.subarray(at, at + 2).toString() === '--') return parts;
    const end = body.indexOf(Buffer.concat([Buffer.from('\r\n'), mark]), at);
    const head = body.indexOf('\r\n\r\n', at);
    if (end < 0 || head < 0 || head > end) return undefined;
    const part = parsePart(body.subarray(at, head).toString('utf8'), body.subarray(head + 4, end));
    if (part) parts.push(part);
    at = end + 2;
  }
  return undefined;
}

function parsePart(head: string, bytes: Buffer): FormPart | undefined {
  const name = /content-disposition:[^\r\n]*[; ]name="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  const filename = /filename="([^"]*)"/i.exec(head)?.[1];
  const mime = /content-type:\s*([^\r\n;]+)/i.exec(head)?.[1]?.trim() ?? 'text/plain';
  return { name, mime, bytes, ...pickDefined({ filename }) };
}
