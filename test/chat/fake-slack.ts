import { answerJson, openFakeHttp, readBody } from './fake-http.ts';
import { type FakeSocket, takeSockets } from './fake-socket.ts';

export interface SlackButton {
  text: string;
  value: string;
}

/** What the app has posted, or sent as an answer to a word. */
export interface SlackMessage {
  channel: string;
  text: string;
  buttons: SlackButton[];
  blocks: Block[];
  body: Record<string, unknown>;
}

interface Block {
  type: string;
  text?: { text: string };
  elements?: Element[];
}

interface Element {
  value?: string;
  text?: { text: string } | string;
  url?: string;
  elements?: Element[];
}

const plainOf = ({ text, url = '', elements = [] }: Element): string =>
  elements.length
    ? elements.map(plainOf).join('')
    : ((typeof text === 'string' ? text : text?.text) ?? url);

const parseBody = (text: string, type = ''): Record<string, unknown> =>
  type.includes('json')
    ? (JSON.parse(text || '{}') as Record<string, unknown>)
    : Object.fromEntries(new URLSearchParams(text));

const asBlocks = (value: unknown): Block[] =>
  typeof value === 'string'
    ? (JSON.parse(value) as Block[])
    : Array.isArray(value)
      ? (value as Block[])
      : [];

function toMessage(channel: string, body: Record<string, unknown>): SlackMessage {
  const blocks = asBlocks(body['blocks']);
  return {
    channel,
    text: blocks
      .filter(({ type }) => type !== 'actions')
      .map(plainOf)
      .join('\n')
      .trim(),
    buttons: blocks
      .filter(({ type }) => type === 'actions')
      .flatMap(({ elements = [] }) =>
        elements.map((one) => ({ text: plainOf(one), value: one.value ?? '' })),
      ),
    blocks,
    body,
  };
}

/** Slack: its web API, socket mode, and the addresses that answers go to. */
export async function openFakeSlack(port = 0) {
  const calls: { method: string; body: Record<string, unknown> }[] = [];
  const messages: SlackMessage[] = [];
  const acks: string[] = [];
  const sockets: FakeSocket[] = [];
  const files = new Map<string, Buffer>();
  let count = 0;
  const answers: Record<string, object> = {
    'chat.postMessage': { channel: 'C1', ts: '1.1' },
    'views.open': { view: { id: 'V1' } },
  };
  const http = await openFakeHttp(async (request, response) => {
    const [, kind, method = ''] = (request.url ?? '').split('/');
    if (kind === 'files') {
      const isAllowed = request.headers.authorization === 'Bearer xoxb-fake';
      const bytes = isAllowed ? files.get(method) : undefined;
      return void response.writeHead(bytes ? 200 : 403).end(bytes);
    }
    const body = parseBody(await readBody(request), request.headers['content-type']);
    if (kind === 'answer') {
      messages.push(toMessage('answer', body));
      return answerJson(response, { ok: true });
    }
    calls.push({ method, body });
    if (method === 'apps.connections.open')
      return answerJson(response, { ok: true, url: `ws://127.0.0.1:${http.port}/link` });
    if (method === 'chat.postMessage') messages.push(toMessage(String(body['channel']), body));
    return answerJson(response, { ok: true, ...answers[method] });
  }, port);
  const cutAll = takeSockets(http.server, {
    onOpen: (socket) => {
      sockets.push(socket);
      socket.send({ type: 'hello', num_connections: 1 });
    },
    onMessage: (_socket, { envelope_id }) => void acks.push(String(envelope_id)),
  });
  const deliver = (type: string, payload: object, trigger = `trigger.${++count}`) => {
    const event = {
      type,
      payload: { ...payload, trigger_id: trigger },
      envelope_id: `envelope-${++count}`,
      accepts_response_payload: true,
    };
    sockets.at(-1)?.send(event);
    return event;
  };
  const answerTo = () => `${http.url}/answer/${++count}`;
  return {
    port: http.port,
    apiUrl: `${http.url}/api`,
    calls,
    messages,
    acks,
    sockets,
    cutAll,
    /** Calls of the web API beyond the connection itself, and answers. */
    outgoing: () =>
      calls.filter(({ method }) => method !== 'apps.connections.open').length +
      messages.filter(({ channel }) => channel === 'answer').length,
    say: (user: string, text: string) =>
      deliver('slash_commands', {
        command: '/drip',
        text,
        user_id: user,
        channel_id: 'C1',
        response_url: answerTo(),
      }),
    /** Files that the app may download with its token, by name. */
    files,
    /** A message in the conversation with the app. */
    write: (user: string, text: string, names: readonly string[] = [], rest: object = {}) => {
      const event = {
        type: 'message',
        channel_type: 'im',
        channel: 'D1',
        user,
        text,
        ts: '1.1',
        ...(names.length ? { subtype: 'file_share' } : {}),
        files: names.map((name) => ({ name, url_private: `${http.url}/files/${name}`, size: 9 })),
        ...rest,
      };
      return deliver('events_api', { type: 'event_callback', event_id: `Ev${++count}`, event });
    },
    press: (user: string, { blocks }: SlackMessage, { value }: SlackButton) =>
      deliver('interactive', {
        type: 'block_actions',
        user: { id: user },
        actions: [{ type: 'button', action_id: value, value }],
        response_url: answerTo(),
        message: { blocks },
      }),
    submit: (user: string, view: Record<string, unknown>, url: string) =>
      deliver('interactive', {
        type: 'view_submission',
        user: { id: user },
        view: {
          private_metadata: view['private_metadata'],
          state: { values: { address: { url: { type: 'url_text_input', value: url } } } },
        },
      }),
    /** The same word comes in again, in another envelope. */
    repeat: ({ type, payload }: { type: string; payload: { trigger_id: string } }) =>
      deliver(type, payload, payload.trigger_id),
    [Symbol.asyncDispose]: async () => {
      cutAll();
      await http[Symbol.asyncDispose]();
    },
  };
}

export type FakeSlack = Awaited<ReturnType<typeof openFakeSlack>>;
