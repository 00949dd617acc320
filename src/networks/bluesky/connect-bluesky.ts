import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { Connector, Way } from '../../ports/connecting/connector.ts';
import { type ConnectDeps, needed } from '../connect-deps.ts';
import { readOtherServer } from '../server-name.ts';

const network = 'bluesky';
const usual = 'https://bsky.social';
const { help, fields, optionalFields = [] } = traitsOf(network).setup;

const ways: Way[] = [
  {
    key: 'password',
    title: 'An app password',
    help,
    link: { url: 'https://bsky.app/settings/app-passwords', label: 'Make an app password' },
    fields: [...fields, ...optionalFields.map((field) => ({ ...field, isOptional: true }))],
    asksNetwork: false,
  },
];

/** Its sessions by OAuth end after two weeks, so a service takes an app password. */
export const openBlueskyConnector = (deps: ConnectDeps): Connector => ({
  network,
  ways,
  async begin(_way, values, { signal }) {
    const [handle = '', password = ''] = fields.map(({ key, question, tidy = (text) => text }) =>
      tidy(needed(values, key, { network, question })),
    );
    const why = fields.map(({ whyNot }) => whyNot?.(handle)).find(Boolean);
    if (why !== undefined) throw new Refusal(`"${handle.slice(0, 100)}" is not a handle. ${why}`);
    const given = values['baseUrl'];
    const baseUrl = await readOtherServer(deps, { given, usual }, signal);
    return {
      grant: {
        entry: { handle, ...pickDefined({ baseUrl }) },
        secrets: { password },
        scopes: [],
        notes: isAppPassword(password) ? [] : [ownPassword],
      },
    };
  },
});

const isAppPassword = (text: string) => /^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/i.test(text);

const ownPassword =
  'This does not look like an app password (abcd-efgh-ijkl-mnop). The password of the account ' +
  'itself gives away more than Dripline needs, and cannot be revoked alone';
