import { type Document, isMap, isNode, parseDocument, stringify } from 'yaml';
import { Refusal } from '../core/problem.ts';

/** Changes single values of a YAML text; its comments, its order and everything else stay. */
export interface YamlEdit {
  /** Plain; undefined where it is absent. */
  read(path: readonly string[]): unknown;
  /** Maps are written on one line. */
  set(path: readonly string[], value: unknown): void;
  text(): string;
}

export function editYaml(text: string, label: string): YamlEdit {
  const document: Document = parseDocument(text, { schema: 'core', logLevel: 'silent' });
  if (document.errors.length)
    throw new Refusal(`${label} is not valid YAML: \`dripline check\` says where. Fix it first`);
  if (!isMap(document.contents)) document.contents = document.createNode({});
  return {
    read(path) {
      const value: unknown = document.getIn(path);
      return isMap(value) ? value.toJSON() : value;
    },
    set(path, value) {
      const parents = path.slice(0, -1).map((_, i) => path.slice(0, i + 1));
      // `accounts:` with nothing behind it is null, not a map.
      for (const parent of parents) {
        const before: unknown = document.getIn(parent, true);
        if (isMap(before)) continue;
        const map = document.createNode({});
        if (isNode(before))
          Object.assign(map, { commentBefore: before.comment ?? before.commentBefore });
        document.setIn(parent, map);
      }
      const before: unknown = document.getIn(path, true);
      const node = document.createNode(value, { flow: true });
      // A comment behind a value belongs to the value.
      if (isNode(before))
        Object.assign(node, {
          comment: before.comment,
          commentBefore: before.commentBefore,
          spaceBefore: before.spaceBefore,
        });
      document.setIn(path, node);
    },
    text: () => document.toString({ lineWidth: 0, flowCollectionPadding: true }),
  };
}

/** A value as YAML, a key each line. */
export const writeYaml = (value: object): string =>
  stringify(value, { lineWidth: 0, schema: 'core' });
