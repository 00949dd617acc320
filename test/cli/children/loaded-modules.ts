import { registerHooks } from 'node:module';

/** Imported before the program: says on standard error what it has loaded. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url.replace(/^.*\/(?=(?:node_modules|src|bin)\/)/, ''));
    return next(url, context);
  },
});
process.on('exit', () => {
  const builtin = (process as unknown as { moduleLoadList: string[] }).moduleLoadList
    .filter((name) => name.startsWith('NativeModule '))
    .map((name) => `node:${name.slice('NativeModule '.length)}`);
  process.stderr.write(`loaded: ${JSON.stringify([...loaded, ...builtin])}\n`);
});
