import { expect, test } from 'vitest';
import { toStoreError } from '../../src/io/mongo-errors.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { StoreError } from '../../src/ports/store.ts';

const where = 'MongoDB (db.example, database dripline)';
const made = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

const everyday: [string, Error, StoreError['kind'], RegExp][] = [
  [
    'a DNS that does not answer',
    made('Error', 'querySrv ECONNREFUSED _mongodb._tcp.db.example', {
      code: 'ECONNREFUSED',
      syscall: 'querySrv',
    }),
    'unavailable',
    /not found in the DNS/,
  ],
  [
    'a TXT record that is missing',
    made('Error', 'queryTxt ENOTFOUND', { code: 'ENOTFOUND', syscall: 'queryTxt' }),
    'unavailable',
    /DNS/,
  ],
  [
    'a host that is unknown',
    made('Error', 'getaddrinfo EAI_AGAIN db', { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }),
    'unavailable',
    /DNS/,
  ],
  [
    'a certificate file that is missing',
    made('Error', 'ENOENT', { code: 'ENOENT', syscall: 'open', path: '/no.pem' }),
    'broken',
    /file \/no\.pem that MONGODB_URI names cannot be read/,
  ],
  [
    'a certificate file that is foreign',
    made('Error', 'EACCES', { code: 'EACCES', syscall: 'open', path: '/no.pem' }),
    'broken',
    /\/no\.pem/,
  ],
  [
    'a certificate file that is none',
    made('Error', 'error:0480006C:PEM routines::no start line', { code: 'ERR_OSSL_PEM_NO_START' }),
    'broken',
    /not valid/,
  ],
  [
    'a document over the limit',
    made('MongoInvalidArgumentError', 'Document is larger than the maximum size 16777216'),
    'broken',
    /16 MB/,
  ],
  [
    'a document that is refused by the server',
    made('MongoServerError', 'BSONObj size is invalid', { code: 10334 }),
    'broken',
    /16 MB/,
  ],
  [
    'a document that cannot be written at all',
    Object.assign(new RangeError('The value of "offset" is out of range'), {
      code: 'ERR_OUT_OF_RANGE',
    }),
    'broken',
    /16 MB/,
  ],
  [
    'a connection that was reset',
    made('Error', 'read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' }),
    'unavailable',
    /cannot be reached/,
  ],
  [
    'a replica set of another name',
    made('MongoServerSelectionError', 'Server selection timed out after 5000 ms', {
      reason: { setName: 'rs0', servers: new Map([['db', { type: 'Standalone' }]]) },
    }),
    'unavailable',
    /replica set "rs0" was not found|no server of the replica set "rs0" was found/,
  ],
  [
    'TLS spoken to a plain port',
    made('MongoServerSelectionError', 'Server selection timed out after 5000 ms', {
      reason: {
        servers: new Map([['db', { type: 'Unknown', error: new Error('wrong version number') }]]),
      },
    }),
    'unavailable',
    /wrong version number/,
  ],
];

test.each(everyday)('%s is told in words', (_name, error, kind, words) => {
  const told = toStoreError(error, where);
  expect(told).toBeInstanceOf(StoreError);
  expect(told).toMatchObject({ kind, message: expect.stringMatching(words) });
});

test('a mistake of the program itself stays what it is', () => {
  for (const error of [new TypeError('x is undefined'), new RangeError('Maximum call stack')])
    expect(toStoreError(error, where)).toBe(error);
});

test.each([
  ['mongodb+srv://drip:secret@cluster0.example.invalid/x', 'unavailable'],
  ['mongodb://127.0.0.1:1/x?tls=true&tlsCAFile=/nonexistent.pem', 'broken'],
])('%s is refused in words, without the password', async (uri, kind) => {
  const error = await openMongoStore({
    uri: `${uri}${uri.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=200`,
    mode: 'serve',
  }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'StoreError', kind });
  expect(String(error)).not.toContain('secret');
});
