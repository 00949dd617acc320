import { uriOf } from './publishing.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { deny } from './answers.ts';
import { findBlueskyPerson } from './auth.ts';
import { toJson, type Answer, type Incoming } from '../http/routing.ts';
import { personId } from '../world/network-rows.ts';
import type { World } from '../world/world.ts';

export function getRecord(world: World, { query }: Incoming): Answer {
  const person = findBlueskyPerson(world.people, query.get('repo') ?? '');
  if (!person) deny('InvalidRequest', `Could not find repo: ${query.get('repo')}`);
  const uri = uriOf(person, query.get('collection'), query.get('rkey'));
  const found = world.record(uri);
  const cid = query.get('cid');
  if (!found || (cid && cid !== found.cid))
    deny('RecordNotFound', `Could not locate record: ${uri}`);
  return toJson(200, { uri, cid: found.cid, value: found.value });
}

export function listRecords(world: World, { query }: Incoming): Answer {
  const person = findBlueskyPerson(world.people, query.get('repo') ?? '');
  if (!person) deny('InvalidRequest', `Could not find repo: ${query.get('repo')}`);
  const most = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(most) || most < 1 || most > 100)
    deny('InvalidRequest', 'limit must be between 1 and 100');
  const direction = query.get('reverse') === 'true' ? 1 : -1;
  const cursor = query.get('cursor');
  const rkeyOf = (uri: string) => uri.split('/')[4] ?? '';
  const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b)) * direction;
  const rest = world
    .records(`at://${personId(person)}/${query.get('collection') ?? ''}/`)
    .filter(({ uri }) => !cursor || compare(rkeyOf(uri), cursor) > 0)
    .sort((a, b) => compare(rkeyOf(a.uri), rkeyOf(b.uri)));
  const page = rest.slice(0, most);
  const last = page.at(-1);
  return toJson(200, {
    ...pickDefined({ cursor: last && rest.length > most ? rkeyOf(last.uri) : undefined }),
    records: page.map(({ uri, cid, value }) => ({ uri, cid, value })),
  });
}
