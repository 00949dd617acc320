/** A part of a form as browsers send files; its content comes in pieces. */
export interface PartHead {
  field: string;
  /** Absent: a field. */
  filename?: string;
}

export interface PartSink {
  write(piece: Buffer): Promise<void>;
  end(): Promise<void>;
}

const longestHead = 16 * 1024;
const mostParts = 5000;

/** What was sent is not a form, or only half of one. */
export const notAForm = 'MalformedForm';

const malformed = () => Object.assign(new Error('the form is not complete'), { name: notAForm });

/** Of `multipart/form-data; boundary=…`. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/**
 * Hands each part on while it comes, so that a file is never in memory. Throws an error named
 * `notAForm`.
 */
export async function readParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  open: (head: PartHead) => PartSink | Promise<PartSink>,
): Promise<void> {
  const reader = openReader(body, Buffer.from(`\r\n--${boundary}`));
  await reader.until(async () => undefined);
  for (let parts = 0; parts < mostParts; parts += 1) {
    const head = await reader.head();
    if (head === undefined) return;
    const sink = await open(toHead(head));
    await reader.until((piece) => sink.write(piece));
    await sink.end();
  }
  throw malformed();
}

function openReader(body: AsyncIterable<Uint8Array>, mark: Buffer) {
  const pieces = body[Symbol.asyncIterator]();
  // The first mark has no line before it.
  let rest = Buffer.from('\r\n');
  async function more() {
    const { done, value } = await pieces.next();
    if (done) throw malformed();
    rest = rest.length ? Buffer.concat([rest, value]) : Buffer.from(value);
  }
  return {
    /** All before the next mark. */
    async until(take: (piece: Buffer) => Promise<void>): Promise<void> {
      for (;;) {
        const at = rest.indexOf(mark);
        const sure = at < 0 ? Math.max(0, rest.length - mark.length + 1) : at;
        if (sure > 0) await take(rest.subarray(0, sure));
        rest = rest.subarray(at < 0 ? sure : at + mark.length);
        if (at >= 0) return;
        await more();
      }
    },
    /** What stands above the next part; undefined: that was the last one. */
    async head(): Promise<string | undefined> {
      while (rest.length < 2) await more();
      if (rest.toString('latin1', 0, 2) === '--') {
        while (!(await pieces.next()).done);
        return undefined;
      }
      let end = rest.indexOf('\r\n\r\n');
      while (end < 0) {
        if (rest.length > longestHead) throw malformed();
        await more();
        end = rest.indexOf('\r\n\r\n');
      }
      const text = rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 4);
      return text;
    },
  };
}

function toHead(text: string): PartHead {
  const line = /^content-disposition:.*$/im.exec(text)?.[0] ?? '';
  const field = /[;\s]name="([^"]*)"/i.exec(line)?.[1];
  const filename = /[;\s]filename="([^"]*)"/i.exec(line)?.[1];
  if (field === undefined) throw malformed();
  return filename === undefined
    ? { field: plain(field) }
    : { field: plain(field), filename: plain(filename) };
}

/** As browsers write quotes and line ends in a name. */
const plain = (name: string) =>
  name.replaceAll('%22', '"').replaceAll(/%0D/gi, '\r').replaceAll(/%0A/gi, '\n');
