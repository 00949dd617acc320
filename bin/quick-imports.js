import { registerHooks } from 'node:module';

/**
 * Finding each file is a tenth of what a verb takes. Imports by a path need no search: Dripline's
 * own name the file itself, and so do Zod's. Its fifty languages are half of its files, and the
 * messages are Dripline's own.
 */
export function quickImports() {
  registerHooks?.({
    resolve(specifier, context, next) {
      const from = context.parentURL ?? '';
      if (!specifier.startsWith('.')) return next(specifier, context);
      if (from.endsWith('.ts') && specifier.endsWith('.ts'))
        return found(new URL(specifier, from), 'module-typescript');
      if (!/\/zod\/v4\/[a-z]+\/[a-z-]+\.js$/.test(from) || !specifier.endsWith('.js'))
        return next(specifier, context);
      return specifier.endsWith('/locales/index.js')
        ? found(new URL('data:text/javascript,'), 'module')
        : found(new URL(specifier, from), 'module');
    },
  });
}

const found = ({ href }, format) => ({ url: href, format, shortCircuit: true });
