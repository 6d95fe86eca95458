import { readFile } from 'node:fs/promises';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { pathText, type LoadIssue, type Problem } from './problem.ts';

/** A YAML file that remembers where its values stand. */
interface YamlFile {
  readonly value: unknown;
  /** A problem with its place in the file. */
  readonly issue: (problem: Problem) => LoadIssue;
}

type ReadYaml = { readonly ok: true; readonly yaml: YamlFile } | { readonly ok: false; readonly issues: LoadIssue[] };

/** Reads a file of YAML, or says why that cannot be done. */
export async function readYamlFile(file: string): Promise<ReadYaml> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text === 'string') return parseYamlFile(text, file);
  const message = text.code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${text.message}`;
  return { ok: false, issues: [{ file, path: '', message }] };
}

/** Reads YAML strictly: no duplicate keys, no unknown tags, no aliases that grow without end. */
export function parseYamlFile(text: string, file: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const found = [...document.errors, ...document.warnings];
  if (found.length > 0) {
    const issues = found.map(({ message, pos }) => ({
      file,
      ...placeAt(lines, pos[0]),
      path: '',
      message: unquoted(message),
    }));
    return { ok: false, issues };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { ok: true, yaml: { value, issue: (problem) => issueOf(problem, { file, text, document, lines }) } };
  } catch (error) {
    const message = unquoted(error instanceof Error ? error.message : String(error));
    return { ok: false, issues: [{ file, line: 1, column: 1, path: '', message }] };
  }
}

/** What begins with `*` or `!` is an alias or a tag to YAML, also where it is a password. */
function unquoted(message: string): string {
  return message.replace(/((?:alias|tag)[^:]*): .*/s, '$1: put a text that begins so in quotes');
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

function issueOf({ path, message, accepted, atKey, within }: Problem, source: Source): LoadIssue {
  const { file, text, document, lines } = source;
  const node = (atKey ? keyAt(document, path) : undefined) ?? nodeAt(document, path);
  const offset = node?.range?.[0] ?? 0;
  const place = within && isScalar(node) ? placeWithin(node, within, { text, lines }) : placeAt(lines, offset);
  return { file, ...place, path: pathText(path), message, ...(accepted === undefined ? {} : { accepted }) };
}

/** What stands at a path, or the nearest thing above it. */
function nodeAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return undefined;
}

function keyAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  const map: unknown = document.getIn(path.slice(0, -1), true);
  const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return isNode(pair?.key) ? pair.key : undefined;
}

/** The place of a character of a text in the file: exact in blocks and on one line, as long as nothing is escaped. */
function placeWithin(
  node: Node,
  within: { line: number; column: number },
  { text, lines }: { text: string; lines: LineCounter },
) {
  const start = node.range?.[0] ?? 0;
  if (!isScalar(node)) return placeAt(lines, start);
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    const { line } = lines.linePos(start);
    const indent = /^ */.exec(text.slice(text.indexOf('\n', start) + 1))?.[0].length ?? 0;
    return { line: line + within.line, column: indent + within.column };
  }
  const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
  return placeAt(lines, start + (within.line === 1 ? quote + within.column - 1 : 0));
}

function placeAt(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
