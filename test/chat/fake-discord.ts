import { answerJson, openFakeHttp, readBody } from './fake-http.ts';
import { type FakeSocket, takeSockets } from './fake-socket.ts';

export const application = '111111111111111111';
const guild = '333333333333333333';
const room = '444444444444444444';

interface ApiButton {
  type: number;
  custom_id: string;
  label: string;
  style: number;
}
interface ApiRow {
  type: number;
  components: ApiButton[];
}

export interface DiscordMessage {
  /**
   * `answer`, `again` (a further message of the same answer), or the channel that it was posted to.
   */
  to: string;
  content: string;
  rows: ApiRow[];
  buttons: ApiButton[];
  body: Record<string, unknown>;
}

/** JSON, or the part of a form that holds it. */
const parseBody = (text: string): Record<string, unknown> => {
  const json =
    text.startsWith('{') || text.startsWith('[')
      ? text
      : (/name="payload_json"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r]*)\r\n/.exec(text)?.[1] ?? '{}');
  return JSON.parse(json) as Record<string, unknown>;
};

/** Discord: its REST API, and its gateway. */
export async function openFakeDiscord(port = 0) {
  const calls: { what: string; body: Record<string, unknown> }[] = [];
  const messages: DiscordMessage[] = [];
  const ready: FakeSocket[] = [];
  let [count, sequence] = [500_000_000_000_000_000n, 0];
  const nextId = () => String(++count);
  const files = new Map<string, Buffer>();
  const toAttachment = (filename: string) => ({
    id: nextId(),
    filename,
    size: 9,
    url: `${http.url}/attachments/${filename}`,
    proxy_url: '',
  });
  const post = (to: string, body: Record<string, unknown>) => {
    const rows = (body['components'] ?? []) as ApiRow[];
    messages.push({
      to,
      content: String(body['content'] ?? ''),
      rows,
      buttons: rows.flatMap(({ components }) => components),
      body,
    });
    return toApiMessage(String(body['content'] ?? ''), rows);
  };
  const toApiMessage = (content: string, components: ApiRow[]) => ({
    id: nextId(),
    channel_id: room,
    type: 0,
    content,
    components,
    author: { id: application, username: 'drip', discriminator: '0', bot: true },
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    pinned: false,
  });
  const http = await openFakeHttp(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '')
      .replace('/api/v10', '')
      .replace(/\?.*$/, '');
    const body = parseBody(await readBody(request));
    if (path.startsWith('/attachments/')) {
      const bytes = files.get(path.slice('/attachments/'.length));
      return void response.writeHead(bytes ? 200 : 404).end(bytes);
    }
    if (path === '/gateway/bot')
      return answerJson(response, {
        url: `ws://127.0.0.1:${http.port}`,
        shards: 1,
        session_start_limit: { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 },
      });
    calls.push({ what: `${request.method} ${path}`, body });
    if (path.endsWith('/callback')) return void response.writeHead(204).end();
    if (path.endsWith('/commands')) return answerJson(response, []);
    if (path === '/users/@me/channels')
      return answerJson(response, { id: `dm-${String(body['recipient_id'])}`, type: 1 });
    const channel = /^\/channels\/([^/]+)\/messages$/.exec(path)?.[1];
    if (channel !== undefined) return answerJson(response, post(channel, body));
    if (path.startsWith('/webhooks/'))
      return answerJson(
        response,
        post(path.endsWith('@original') ? ('content' in body ? 'answer' : 'edit') : 'again', body),
      );
    return answerJson(response, { message: 'unknown', code: 0 }, 404);
  }, port);
  const cutAll = takeSockets(http.server, {
    onOpen: (socket) => socket.send({ op: 10, d: { heartbeat_interval: 41_250 } }),
    onMessage: (socket, { op }) => {
      if (op === 1) socket.send({ op: 11 });
      if (op === 6) {
        ready.push(socket);
        socket.send({ op: 0, t: 'RESUMED', s: ++sequence, d: {} });
      }
      if (op !== 2) return;
      const user = { id: application, username: 'drip', discriminator: '0', bot: true };
      socket.send({
        op: 0,
        t: 'READY',
        s: ++sequence,
        d: {
          v: 10,
          user,
          guilds: [],
          session_id: 's',
          resume_gateway_url: `ws://127.0.0.1:${http.port}`,
          application: { id: application, flags: 0 },
        },
      });
      ready.push(socket);
    },
  });
  const interact = (type: number, from: string, rest: object, id = nextId()) => {
    const d = {
      id,
      application_id: application,
      type,
      token: `token-${id}`,
      version: 1,
      guild_id: guild,
      channel_id: room,
      channel: { id: room, type: 0 },
      locale: 'en-GB',
      app_permissions: '0',
      entitlements: [],
      authorizing_integration_owners: {},
      context: 0,
      attachment_size_limit: 1000,
      member: {
        user: { id: from, username: 'p', discriminator: '0' },
        roles: [],
        joined_at: '2026-01-01T00:00:00Z',
        permissions: '0',
        deaf: false,
        mute: false,
        flags: 0,
      },
      ...rest,
    };
    ready.at(-1)?.send({ op: 0, t: 'INTERACTION_CREATE', s: ++sequence, d });
    return { type, from, rest, id };
  };
  return {
    port: http.port,
    apiUrl: `${http.url}/api`,
    calls,
    messages,
    ready,
    cutAll,
    outgoing: () => calls.filter(({ what }) => !what.endsWith('/commands')).length,
    say: (from: string, line: string) => {
      const [verb = '', ...words] = line.split(' ');
      const options = words.length ? [{ name: 'words', type: 3, value: words.join(' ') }] : [];
      return interact(2, from, {
        data: { id: '7', type: 1, name: 'drip', options: [{ type: 1, name: verb, options }] },
      });
    },
    files,
    /** `/drip new` with a file in the place for it. */
    sendNew: (from: string, words: string, filename: string) => {
      const file = toAttachment(filename);
      const options = [
        { name: 'words', type: 3, value: words },
        { name: 'picture', type: 11, value: file.id },
      ];
      return interact(2, from, {
        data: {
          id: '7',
          type: 1,
          name: 'drip',
          options: [{ type: 1, name: 'new', options }],
          resolved: { attachments: { [file.id]: file } },
        },
      });
    },
    /** A message in the conversation with the bot. */
    write: (from: string, content: string, filenames: readonly string[], id = nextId()) => {
      const d = {
        ...toApiMessage(content, []),
        id,
        channel_id: `dm-${from}`,
        channel_type: 1,
        author: { id: from, username: 'p', discriminator: '0' },
        attachments: filenames.map(toAttachment),
      };
      ready.at(-1)?.send({ op: 0, t: 'MESSAGE_CREATE', s: ++sequence, d });
      return id;
    },
    press: (from: string, { content, rows }: DiscordMessage, button: ApiButton) =>
      interact(3, from, {
        data: { component_type: 2, custom_id: button.custom_id },
        message: toApiMessage(content, rows),
      }),
    submit: (from: string, customId: string, url: string) =>
      interact(5, from, {
        data: {
          custom_id: customId,
          components: [{ type: 1, components: [{ type: 4, custom_id: 'url', value: url }] }],
        },
      }),
    /** The same interaction comes in again. */
    repeat: ({ type, from, rest, id }: { type: number; from: string; rest: object; id: string }) =>
      interact(type, from, rest, id),
    [Symbol.asyncDispose]: async () => {
      cutAll();
      await http[Symbol.asyncDispose]();
    },
  };
}

export type FakeDiscord = Awaited<ReturnType<typeof openFakeDiscord>>;
