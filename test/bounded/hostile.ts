// What a child process is given in in-child.test.ts.

export const add = ([a, b]: [number, number]) => a + b;

export function endless(): never {
  for (;;);
}

export const backtracking = () => /^(a+)+$/.test(`${'a'.repeat(60)}!`);

export function greedy(): never {
  const kept: object[] = [];
  for (;;) kept.push({ text: [1, 2, 3] });
}

export function huge(): number {
  let text = 'a'.repeat(100);
  for (let index = 0; index < 22; index += 1) text += text;
  return text.indexOf('b');
}

export function failing(): never {
  throw new Error('no such thing');
}

export const uncopied = () => () => 1;
