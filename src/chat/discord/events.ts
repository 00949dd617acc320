import {
  type BaseMessageOptions,
  type ButtonComponent,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  ComponentType,
  type Interaction,
  type Message,
  MessageFlags,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';
import { attachedTo, toSent } from './attachments.ts';
import type { Store } from '../../ports/store.ts';
import { asksUrl, findPressed, readButton } from '../buttons.ts';
import type { Line } from '../keep-connected.ts';
import { type Answer, type Conversation, type Desk, isLook } from '../desk.ts';
import { isRefused, rowsLeft, toMessages } from './send.ts';

export interface DiscordHearing {
  desk: Desk;
  line: Line;
  store: Store;
  signal: AbortSignal;
}

interface Heard extends Omit<DiscordHearing, 'desk'> {
  conversation: Conversation;
}

/** The one option of every verb: its arguments, as on the command line. */
export const wordsOption = 'words';
const urlInput = 'url';

export const nameOf = (user: string): string => `discord:${user}`;

export async function hearInteraction(
  { desk, ...rest }: DiscordHearing,
  interaction: Interaction,
): Promise<void> {
  const { user, id } = interaction;
  const conversation = desk.hear({ by: nameOf(user.id), command: `discord:${id}` });
  if (!conversation) return;
  const heard: Heard = { conversation, ...rest };
  if (interaction.isChatInputCommand()) await hearCommand(heard, interaction);
  else if (interaction.isButton()) await hearPress(heard, interaction);
  else if (interaction.isModalSubmit()) await hearUrl(heard, interaction);
}

/** Everyone in the channel sees changes. Only the sender sees other answers. */
async function hearCommand(
  { conversation, line, signal }: Heard,
  interaction: ChatInputCommandInteraction,
): Promise<void> {
  const verb = interaction.options.getSubcommand(false) ?? 'help';
  await interaction.deferReply(isLook(verb) ? { flags: MessageFlags.Ephemeral } : {});
  const words = interaction.options.getString(wordsOption) ?? '';
  const sent = toSent(attachedTo(interaction), signal);
  await reply(interaction, await line.wait(() => conversation.answer(`${verb} ${words}`, sent)));
}

/** Written to the bot itself. In channels Discord tells a bot only of its commands. */
export async function hearMessage(
  { desk, line, signal }: DiscordHearing,
  message: Message,
): Promise<void> {
  const { author, id, content, attachments, guildId, channel } = message;
  if (author.bot || guildId !== null || !channel.isSendable()) return;
  const conversation = desk.hear({ by: nameOf(author.id), command: `discord:${id}` });
  if (!conversation) return;
  const sent = toSent([...attachments.values()], signal);
  const answer = await line.wait(() => conversation.answer(content, sent));
  for (const one of toMessages(answer)) await channel.send(one);
}

async function reply(
  interaction: ChatInputCommandInteraction | ModalSubmitInteraction,
  answer: Answer,
): Promise<void> {
  const [first, ...more] = toMessages(answer);
  const isPrivate = interaction.ephemeral === true;
  try {
    if (first) await interaction.editReply(first);
    for (const message of more) await interaction.followUp(forOne(message, isPrivate));
  } catch (error) {
    if (!isRefused(error)) throw error;
    await interaction.editReply({ content: refusedText, components: [] });
  }
}

const refusedText =
  'The answer could not be shown in Discord. The command line and the dashboard show all of it.';

async function hearPress(
  { conversation, line }: Heard,
  interaction: ButtonInteraction,
): Promise<void> {
  const { customId } = interaction;
  // Discord takes a modal only as the first response. Everything else may take longer.
  if (!asksUrl(customId)) await interaction.deferUpdate();
  // A question is asked without waiting in the line: asking changes nothing.
  const press = () => conversation.press(customId);
  const answer = await (asksUrl(customId) ? press() : line.wait(press));
  if (answer.asksFor) return interaction.showModal(toUrlModal(customId, answer.asksFor.delivery));
  if (!interaction.deferred) await interaction.deferUpdate();
  if (answer.isRefusal !== true || answer.isDone === true)
    await interaction.editReply({ components: rowsLeft(buttonsOf(interaction), customId) });
  for (const message of toMessages(answer))
    await interaction.followUp(forOne(message, answer.isDeed !== true));
}

/** If `isPrivate`, only the sender of the message sees it. */
const forOne = (message: BaseMessageOptions, isPrivate: boolean) =>
  isPrivate ? { ...message, flags: MessageFlags.Ephemeral as const } : message;

const buttonsOf = ({ message }: ButtonInteraction) =>
  message.components
    .flatMap((row): readonly { type: ComponentType }[] =>
      'components' in row ? row.components : [],
    )
    .filter((one): one is ButtonComponent => one.type === ComponentType.Button);

const toUrlModal = (customId: string, delivery: string) => ({
  customId,
  title: 'URL of the post',
  components: [
    {
      type: ComponentType.ActionRow as const,
      components: [
        {
          type: ComponentType.TextInput as const,
          customId: urlInput,
          label: `URL of ${delivery}`.slice(0, 45),
          style: TextInputStyle.Short as const,
          required: true,
        },
      ],
    },
  ],
});

async function hearUrl(
  { conversation, line, store }: Heard,
  interaction: ModalSubmitInteraction,
): Promise<void> {
  await interaction.deferReply();
  const pressed = readButton(interaction.customId);
  const delivery = pressed?.kind === 'deed' ? await findPressed(store, pressed.target) : undefined;
  if (!delivery) return;
  const url = interaction.fields.getTextInputValue(urlInput);
  await reply(interaction, await line.wait(() => conversation.settle(delivery.id, url)));
}
