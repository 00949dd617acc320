import { describe, expect, test } from 'vitest';
import {
  boundaryOf,
  notAForm,
  type PartHead,
  readParts,
} from '../../src/io/incoming/form-parts.ts';

const type = 'multipart/form-data; boundary=----line';

async function* cut(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size: number) {
  const found: (PartHead & { content: string })[] = [];
  await readParts(cut(bytes, size), boundaryOf(type) ?? '', (head) => {
    const pieces: Buffer[] = [];
    return {
      write: async (piece) => void pieces.push(Buffer.from(piece)),
      end: async () =>
        void found.push({ ...head, content: Buffer.concat(pieces).toString('latin1') }),
    };
  });
  return found;
}

const form = (...parts: string[]) =>
  Buffer.from(
    `${parts.map((part) => `------line\r\n${part}\r\n`).join('')}------line--\r\n`,
    'latin1',
  );
const file = 'Content-Disposition: form-data; name="picture"; filename="%22a%22.mp4"';

describe('a form with files', () => {
  const tricky = '\r\n------lin\r\r\n--\r\n-----line\x00\xff';
  const bytes = form(
    'Content-Disposition: form-data; name="body"\r\n\r\nTwo\r\nlines',
    'Content-Disposition: form-data; name="empty"\r\n\r\n',
    `${file}\r\nContent-Type: video/mp4\r\n\r\n${tricky}`,
  );
  test.each([1, 2, 3, 7, 64, 4096])('in pieces of %i bytes is what was sent', async (size) => {
    expect(await read(bytes, size)).toEqual([
      { field: 'body', content: 'Two\r\nlines' },
      { field: 'empty', content: '' },
      { field: 'picture', filename: '"a".mp4', content: tricky },
    ]);
  });

  test('as a browser writes it', async () => {
    const sent = new FormData();
    sent.append('body', 'Grüße');
    sent.append('picture', new File([tricky], 'ä "b".mp4'));
    const request = new Request('http://here.invalid', { method: 'POST', body: sent });
    const heads: PartHead[] = [];
    const boundary = boundaryOf(request.headers.get('content-type') ?? '') ?? '';
    await readParts(request.body ?? new ReadableStream(), boundary, (head) => {
      heads.push(head);
      return { write: async () => undefined, end: async () => undefined };
    });
    expect(heads).toEqual([{ field: 'body' }, { field: 'picture', filename: 'ä "b".mp4' }]);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.from('')],
    ['half of it', bytes.subarray(0, -20)],
    ['another boundary', Buffer.from('--other\r\n\r\nx\r\n--other--\r\n')],
    ['a part without a name', form('Content-Type: text/plain\r\n\r\nx')],
    ['a head without an end', Buffer.from(`------line\r\n${'x'.repeat(40_000)}`)],
    [
      'more parts than a form has',
      form(...Array<string>(6000).fill('Content-Disposition: form-data; name="a"\r\n\r\n')),
    ],
  ])('%s is refused', async (_, some) => {
    await expect(read(some, 512)).rejects.toMatchObject({ name: notAForm });
  });

  test('takes time in line with its size', async () => {
    const dashes = Buffer.from(`------line\r\n${file}\r\n\r\n${'\r\n-----'.repeat(400_000)}`);
    const whole = Buffer.concat([dashes, Buffer.from('\r\n------line--')]);
    const [found] = await read(whole, 1024);
    expect(found?.content.length).toBe(2_800_000);
  });
});

test.each([
  [type, '----line'],
  ['multipart/form-data; boundary="a b"; charset=utf-8', 'a b'],
  ['multipart/form-data', undefined],
])('the boundary of %j', (text, boundary) => {
  expect(boundaryOf(text)).toBe(boundary);
});
