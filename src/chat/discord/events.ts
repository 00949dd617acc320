import {
  type ButtonComponent,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  ComponentType,
  type Interaction,
  MessageFlags,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';
import type { Store } from '../../ports/store.ts';
import { asksAddress, findPressed, readButton } from '../buttons.ts';
import type { Line } from '../keep-connected.ts';
import { type Answer, type Desk, isLook } from '../desk.ts';
import { rowsLeft, toMessages } from './send.ts';

export interface DiscordHearing {
  desk: Desk;
  line: Line;
  store: Store;
  allow: readonly string[];
}

/** The one option of every verb: what would stand behind it on the command line. */
export const wordsOption = 'words';
const addressInput = 'url';

const speechOf = ({ user, id }: Interaction) => ({
  by: `discord:${user.id}`,
  command: `discord:${id}`,
});

/** To those who are not allowed it answers nothing at all. */
export async function hearInteraction(
  hearing: DiscordHearing,
  interaction: Interaction,
): Promise<void> {
  if (!hearing.allow.includes(interaction.user.id)) return;
  if (interaction.isChatInputCommand()) await hearCommand(hearing, interaction);
  else if (interaction.isButton()) await hearPress(hearing, interaction);
  else if (interaction.isModalSubmit()) await hearAddress(hearing, interaction);
}

/** What is looked at concerns the speaker alone; what is done all may see who are there. */
async function hearCommand(
  { desk, line }: DiscordHearing,
  interaction: ChatInputCommandInteraction,
): Promise<void> {
  const verb = interaction.options.getSubcommand(false) ?? 'help';
  await interaction.deferReply(isLook(verb) ? { flags: MessageFlags.Ephemeral } : {});
  await reply(
    interaction,
    await line.wait(() =>
      desk.answer(
        speechOf(interaction),
        `${verb} ${interaction.options.getString(wordsOption) ?? ''}`,
      ),
    ),
  );
}

async function reply(
  interaction: ChatInputCommandInteraction | ModalSubmitInteraction,
  answer: Answer,
): Promise<void> {
  const [first, ...more] = toMessages(answer);
  if (first) await interaction.editReply(first);
  for (const message of more)
    await interaction.followUp({
      ...message,
      ...(interaction.ephemeral === true ? { flags: MessageFlags.Ephemeral } : {}),
    });
}

async function hearPress(
  { desk, line }: DiscordHearing,
  interaction: ButtonInteraction,
): Promise<void> {
  const { customId } = interaction;
  // A question can only be asked at once; everything else may take its time.
  if (!asksAddress(customId)) await interaction.deferUpdate();
  const answer = await line.wait(() => desk.press(speechOf(interaction), customId));
  if (answer.asksFor)
    return interaction.showModal(toAddressModal(customId, answer.asksFor.delivery));
  if (!interaction.deferred) await interaction.deferUpdate();
  if (answer.isRefusal !== true || answer.isDone === true)
    await interaction.editReply({ components: rowsLeft(buttonsOf(interaction), customId) });
  for (const message of toMessages(answer))
    await interaction.followUp({
      ...message,
      ...(answer.isDeed === true ? {} : { flags: MessageFlags.Ephemeral }),
    });
}

const buttonsOf = ({ message }: ButtonInteraction) =>
  message.components
    .flatMap((row): readonly { type: ComponentType }[] =>
      'components' in row ? row.components : [],
    )
    .filter((one): one is ButtonComponent => one.type === ComponentType.Button);

const toAddressModal = (customId: string, delivery: string) => ({
  customId,
  title: 'Where does it stand?',
  components: [
    {
      type: ComponentType.ActionRow as const,
      components: [
        {
          type: ComponentType.TextInput as const,
          customId: addressInput,
          label: `Address of ${delivery}`.slice(0, 45),
          style: TextInputStyle.Short as const,
          required: true,
        },
      ],
    },
  ],
});

async function hearAddress(
  { desk, line, store }: DiscordHearing,
  interaction: ModalSubmitInteraction,
): Promise<void> {
  await interaction.deferReply();
  const pressed = readButton(interaction.customId);
  const delivery = pressed?.kind === 'deed' ? await findPressed(store, pressed.target) : undefined;
  if (delivery)
    await reply(
      interaction,
      await line.wait(() =>
        desk.settle(
          speechOf(interaction),
          delivery.id,
          interaction.fields.getTextInputValue(addressInput),
        ),
      ),
    );
}
