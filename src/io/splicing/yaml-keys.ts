import { type Document, isMap, isNode, isScalar, type Node, visit } from 'yaml';
import { applySplices, type Change, parseFront, spliceChanges } from './splice-yaml.ts';
import { keyOf, matches } from './yaml-nodes.ts';

/** What a YAML text has at its first level. */
export type YamlKeys = { kind: 'keys'; keys: Map<string, unknown> } | { kind: 'broken' | 'other' };

/** Numbers in the spelling of the text, aliases followed. Line breaks are `\n`. */
export function readYamlKeys(text: string): YamlKeys {
  const document = parseFront(text);
  const { contents } = document;
  if (document.errors.length) return { kind: 'broken' };
  if (contents === null) return { kind: 'keys', keys: new Map() };
  if (!isMap(contents)) return { kind: 'other' };
  try {
    const keys = contents.items.map((pair): [string, unknown] => [
      keyOf(pair) ?? '',
      isNode(pair.value) ? spell(toPlain(pair.value, document), pair.value) : null,
    ]);
    return { kind: 'keys', keys: new Map(keys) };
  } catch {
    // An alias of nothing, or aliases of aliases that would fill the memory.
    return { kind: 'broken' };
  }
}

const spell = (value: unknown, node: Node): unknown =>
  typeof value === 'number' && isScalar(node) ? (node.source ?? value) : value;

const toPlain = (node: Node, document: Document): unknown =>
  node.toJS(document, { maxAliasCount: 100 });

/**
 * The text with other values, and otherwise the same. Undefined: it is written in a way in which
 * more than that would change.
 */
export function setYamlKeys(text: string, changes: readonly Change[]): string | undefined {
  const splices = spliceChanges(text, changes);
  const result = applySplices(text, splices);
  return isOnly(changes, parseFront(text), parseFront(result)) ? result : undefined;
}

/** What was to be changed says the new value, and nothing else says anything else. */
function isOnly(changes: readonly Change[], before: Document.Parsed, after: Document.Parsed) {
  if (after.errors.length) return false;
  const [old, now] = [topOf(before), topOf(after)];
  const wanted = new Map(changes.map(({ key, value }) => [key, value]));
  const rest = [...new Set([...old.keys(), ...now.keys()])].filter((key) => !wanted.has(key));
  return (
    rest.every(
      (key) =>
        old.has(key) &&
        now.has(key) &&
        sayingOf(old.get(key), before) === sayingOf(now.get(key), after),
    ) &&
    [...wanted].every(([key, value]) => {
      const node = now.get(key);
      return value === undefined ? !now.has(key) : isNode(node) && matches(node, value);
    })
  );
}

function topOf({ contents }: Document.Parsed): Map<string, unknown> {
  if (!isMap(contents)) return new Map();
  return new Map(contents.items.map((pair) => [keyOf(pair) ?? '', pair.value]));
}

/** What a node says, and the spelling of it. An alias says what its anchor does. */
function sayingOf(node: unknown, document: Document): string {
  if (!isNode(node)) return 'null';
  const spelled: string[] = [];
  visit(node, { Scalar: (_, { source, value }) => void spelled.push(source ?? String(value)) });
  return JSON.stringify([toPlain(node, document), spelled]);
}
