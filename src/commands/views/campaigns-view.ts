import { day } from '../../core/time.ts';
import { type CampaignTouches, readTouches } from '../../flow/plan/campaign-caps.ts';
import { addUp, type Clicks, readClicks } from '../clicks/read-clicks.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { CommandContext } from '../command.ts';

export interface CampaignView extends CampaignTouches {
  /** Of its posts in that time; absent: links are not counted. */
  clicks?: Clicks;
}

const lookedBack = 182 * day;

/** Each campaign's touches on each account, and the clicks of its links. */
export async function readCampaigns(context: CommandContext): Promise<CampaignView[]> {
  const { store, clock } = context;
  const rows = await readTouches(context);
  const released = await Promise.all(
    [...new Set(rows.map(({ account }) => account))].map((account) =>
      store.listDeliveries({
        account,
        states: ['released'],
        startedSince: clock.now() - lookedBack,
        order: '-startedAt',
      }),
    ),
  );
  const own = released.flat().filter(({ terms }) => terms.campaign !== undefined);
  const clicks = await readClicks(
    context,
    own.map(({ id }) => id),
  );
  return rows.map((row) => {
    const its = own.filter(
      ({ account, terms }) => account === row.account && terms.campaign === row.campaign,
    );
    return pickDefined({ ...row, clicks: addUp(its.map(({ id }) => clicks.get(id))) });
  });
}
