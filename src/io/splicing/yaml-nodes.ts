import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';

export const keyOf = ({ key }: Pair): string | undefined =>
  isScalar(key) ? (key.source ?? String(key.value)) : undefined;

/** Where the node's own text begins and ends. */
export function rangeOf(node: Node | null | undefined): [from: number, to: number] {
  const [from, to] = node?.range ?? [0, 0];
  return [from, to];
}

/** Whether the node says the value already. A text is compared as it is spelled. */
export function matches(node: Node, value: unknown): boolean {
  if (isAlias(node)) return false;
  if (isScalar(node)) {
    if (typeof value === 'string' && node.value !== null)
      return typeof node.value === 'string' ? node.value === value : node.source === value;
    return node.value === value;
  }
  if (isSeq(node))
    return (
      Array.isArray(value) &&
      node.items.length === value.length &&
      node.items.every((one, i) => matches(one as Node, value[i]))
    );
  if (!isMap(node) || typeof value !== 'object' || value === null || Array.isArray(value))
    return false;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return (
    node.items.length === entries.length &&
    entries.every(([key, one]) => {
      const pair = node.items.find((item) => keyOf(item) === key);
      return pair !== undefined && pair.value !== null && matches(pair.value as Node, one);
    })
  );
}
