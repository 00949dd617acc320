import type { TwitterApi } from 'twitter-api-v2';
import type { XAccount } from '../../core/network/account.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { PublishError } from '../../ports/publisher.ts';
import type {
  Begun,
  BeginOptions,
  Connector,
  Grant,
  Way,
} from '../../ports/connecting/connector.ts';
import { type ConnectDeps, needed } from '../connect-deps.ts';
import { fieldsOf } from '../stored-payload.ts';
import { readOtherServer } from '../server-name.ts';
import { withX } from './client.ts';

const network = 'x';
const usual = 'https://api.x.com';
const { help, fields, optionalFields = [] } = traitsOf(network).setup;
const server = optionalFields.map((field) => ({ ...field, isOptional: true }));
const appFields = fields.filter(({ key }) => key.startsWith('app'));

const ways: Way[] = [
  {
    key: 'tokens',
    title: "The app owner's own account",
    help,
    link: { url: 'https://console.x.com', label: 'Open the X developer console' },
    fields: [...fields, ...server],
    asksNetwork: false,
  },
  {
    key: 'pin',
    title: 'Another account, with a PIN',
    help: [
      'Take the two keys of your app. Its permission has to be "Read and write" before, and a ' +
        'callback URL has to be set there (any address will do).',
      'Sign in to X as the account that is to publish: it is shown a PIN of seven digits.',
    ],
    link: { url: 'https://console.x.com', label: 'Open the X developer console' },
    fields: [...appFields, ...server],
    asksNetwork: true,
  },
];

export function openXConnector(deps: ConnectDeps): Connector {
  return {
    network,
    ways,
    async begin(way, values, options) {
      const own = way === 'pin' ? appFields : fields;
      const secrets = Object.fromEntries(
        own.map(({ key, question }) => [key, needed(values, key, { network, question })]),
      );
      const given = values['baseUrl'];
      const baseUrl = await readOtherServer(deps, { given, usual }, options.signal);
      const entry = pickDefined({ baseUrl });
      if (way !== 'pin') return { grant: { entry, secrets, scopes: [], notes: [] } };
      return askPin({ deps, secrets, baseUrl }, options);
    },
  };
}

interface Keys {
  deps: ConnectDeps;
  secrets: Record<string, string>;
  baseUrl: string | undefined;
}

async function askPin(keys: Keys, { signal }: BeginOptions): Promise<Begun> {
  const answer = await post(keys, signal, {
    path: 'request_token',
    fields: { oauth_callback: 'oob' },
  });
  const { oauth_token: token, oauth_token_secret: secret } = answer;
  if (typeof token !== 'string' || typeof secret !== 'string')
    throw new Refusal('X gave no link to sign in with: try again later');
  return {
    consent: {
      url: `${keys.baseUrl ?? usual}/oauth/authorize?oauth_token=${encodeURIComponent(token)}`,
      answer: 'code',
      codeName: 'PIN',
      finish: async (pin, itsSignal) => takePin(keys, itsSignal, { token, secret, pin }),
    },
  };
}

async function takePin(
  keys: Keys,
  signal: AbortSignal,
  { token, secret, pin }: { token: string; secret: string; pin: string },
): Promise<Grant> {
  const verifier = pin.replaceAll(/[\s-]/g, '').slice(0, 100);
  if (verifier === '') throw new Refusal('No PIN was given: copy it from the page of X');
  const answer = await post(keys, signal, {
    path: 'access_token',
    fields: { oauth_token: token, oauth_verifier: verifier },
    as: { accessToken: token, accessSecret: secret },
  });
  const { oauth_token: accessToken, oauth_token_secret: accessSecret } = answer;
  if (typeof accessToken !== 'string' || typeof accessSecret !== 'string')
    throw new Refusal('X gave no access token for this PIN: connect the account again');
  return {
    // X bills the reads of an account that does not own the app in full.
    entry: { ...pickDefined({ baseUrl: keys.baseUrl }), ownReads: false },
    secrets: { ...keys.secrets, accessToken, accessSecret },
    scopes: [],
    notes: [],
  };
}

interface Post {
  path: 'request_token' | 'access_token';
  fields: Record<string, string>;
  as?: Pick<XAccount, 'accessToken' | 'accessSecret'>;
}

async function post(
  { deps, secrets, baseUrl = usual }: Keys,
  signal: AbortSignal,
  { path, fields: body, as = { accessToken: '', accessSecret: '' } }: Post,
): Promise<Record<string, unknown>> {
  const { appKey = '', appSecret = '' } = secrets;
  const account: XAccount = {
    name: 'connecting',
    network,
    baseUrl,
    maxLength: 280,
    appKey,
    appSecret,
    ...as,
  };
  // The library reads the answer as a form only where it is told to, or the host is X's own.
  const run = async (client: TwitterApi) =>
    client.post<unknown>(`${usual}/oauth/${path}`, body, { forceParseMode: 'url' });
  try {
    return fieldsOf(await withX({ ...deps, account }, { signal }, run));
  } catch (error) {
    throw error instanceof PublishError ? explain(error, path) : error;
  }
}

function explain({ status, said }: PublishError, path: Post['path']): Refusal {
  if (path === 'access_token' && (status === 401 || status === 403))
    return new Refusal(
      'X does not take this PIN: it is wrong or too old. Connect the account again',
    );
  if (status === 401)
    return new Refusal('X does not know these two keys: copy the API key and its secret again');
  if (status === 403)
    return new Refusal(
      `${said}: set a callback URL and the permission "Read and write" in the settings of the ` +
        'app at X, and try again',
    );
  return new Refusal(`${said}: try again later`);
}
