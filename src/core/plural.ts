/** `1 post`, `1,200 posts`, `2 replies` (with `many` given). */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
