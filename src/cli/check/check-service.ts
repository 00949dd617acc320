import { openCommands } from '../../app/open-commands.ts';
import {
  listServices,
  readConfigChange,
  tellConfigChange,
} from '../../commands/views/service-facts.ts';
import type { Config } from '../../config/config.ts';
import type { Problem } from '../../core/problem.ts';
import { StoreError } from '../../ports/store.ts';

/** What is checked is not what a service that was started earlier works with. */
export async function checkService(config: Config): Promise<Problem[]> {
  try {
    await using context = await openCommands(config, 'cli');
    const services = await listServices(context);
    const changes = services.flatMap((one) => readConfigChange(one, context) ?? []);
    return changes.slice(0, 1).map((change): Problem => ({
      where: config.file ?? 'the configuration',
      what: tellConfigChange(change),
      severity: 'note',
    }));
  } catch (error) {
    if (error instanceof StoreError) return [];
    throw error;
  }
}
