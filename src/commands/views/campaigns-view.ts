import { type CampaignTouches, readTouches } from '../../flow/plan/campaign-caps.ts';
import type { CommandContext } from '../command.ts';

export type CampaignView = CampaignTouches;

/** Each campaign's touches on each account. */
export const readCampaigns = (context: CommandContext): Promise<CampaignView[]> =>
  readTouches(context);
