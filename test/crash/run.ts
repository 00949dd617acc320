// npm run test:crash -- --kills 100 [--posts 100] [--videos | --people [--postfix]] [--store sqlite|mongodb|both]
import { parseArgs } from 'node:util';
import { databaseUri, openTestMongo } from '../peers/mongo.ts';
import { runCrashes } from './crash.ts';
import { runPeopleCrashes } from './people-crash.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    posts: { type: 'string', default: '100' },
    people: { type: 'boolean', default: false },
    postfix: { type: 'boolean', default: false },
    videos: { type: 'boolean', default: false },
    store: { type: 'string', default: 'both' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
await using mongo = await openTestMongo();
const say = (text: string) => process.stdout.write(`${text}\n`);
say(`seed ${values.seed}; MongoDB: ${mongo.description}`);
for (const store of ['sqlite', 'mongodb']) {
  if (values.store !== 'both' && values.store !== store) continue;
  if (store === 'mongodb' && !mongo.uri) throw new Error('there is no MongoDB here');
  const uri =
    store === 'mongodb' && mongo.uri ? databaseUri(mongo.uri, `crash-${Date.now()}`) : undefined;
  const common = {
    kills: Number(values.kills),
    seed: values.seed,
    say: (text: string) => say(`${store}: ${text}`),
    mongoUri: uri,
  };
  const result = values.people
    ? await runPeopleCrashes({
        ...common,
        people: Number(values.posts),
        postfix: values.postfix,
      })
    : await runCrashes({ ...common, posts: Number(values.posts), videos: values.videos });
  say(`${store}: ${JSON.stringify(result)}`);
  if (result.wrong.length) process.exitCode = 1;
}
setImmediate(() => process.exit());
