import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// The structure of the source in figures, each with its goal. It exits with 1 where a goal is missed.

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

interface Source {
  readonly file: string;
  readonly text: string;
  readonly lines: number;
  readonly importLines: number;
  /** Files of `src`, imported statically or when they are needed. */
  readonly imports: readonly string[];
}

interface Metric {
  readonly what: string;
  readonly value: number | string;
  readonly goal: string;
  readonly met: boolean;
  readonly details?: readonly string[];
}

const IMPORT = /^(?:import|export)\b[^;'"]*?from '[^']+';$|^import '[^']+';$/gm;
const TARGET = /(?:from|import\(|^import) ?'(\.[^']+)'/gm;

const sources = filesBelow('src').map((file): Source => {
  const text = readFileSync(file, 'utf8');
  const targets = [...text.matchAll(TARGET)].map(([, target = '']) => normalize(join(dirname(file), target)));
  return { file, text, lines: lineCount(text), importLines: importLines(text), imports: [...new Set(targets)] };
});

const metrics = [
  atMost('source files in src', sources.length, 330),
  crumbs(),
  importShare(),
  loops(),
  guards(),
  await bundle(),
  startUp(),
  deadExports(),
  ...(process.argv.includes('--trace') ? await tracedReview() : []),
].flat();

for (const { what, value, goal, met, details = [] } of metrics) {
  console.log(`${met ? 'ok    ' : 'MISSED'} ${what}: ${value} (goal: ${goal})`);
  for (const detail of details) console.log(`         ${detail}`);
}
const missed = metrics.filter(({ met }) => !met);
if (missed.length > 0) {
  console.log(`\n${missed.length} of ${metrics.length} goals are missed: ${missed.map(({ what }) => what).join('; ')}`);
}
process.exit(missed.length > 0 ? 1 : 0);

/** Files under 40 lines that one other file imports. Scripts and entries, which nothing imports, do not count. */
function crumbs(): Metric {
  const found = sources.filter(({ file, lines }) => lines < 40 && importersOf(file).length === 1);
  const details = found.map(({ file, lines }) => `${file}, ${lines} lines, for ${importersOf(file).join()}`);
  return { what: 'files with one importer and under 40 lines', ...below(found.length, 15), details };
}

function importersOf(file: string): string[] {
  return sources.filter(({ imports }) => imports.includes(file)).map((one) => one.file);
}

/** Lines of import and re-export statements among all lines, blank ones and comments too. */
function importShare(): Metric {
  const share = (100 * sum(sources.map((one) => one.importLines))) / sum(sources.map((one) => one.lines));
  return { ...atMost('share of import lines, in percent', Math.round(share * 100) / 100, 6.5) };
}

/** A loop over an inbox and times has an alarm of its own: each place that makes one counts. */
function loops(): Metric {
  const found = matches(/(?<!function )\bcreateAlarm\(/, ['src/workflows/']);
  return { ...atMost('loops over inbox and alarm (calls of createAlarm)', found.length, 1), details: found };
}

/**
 * What is written for states that cannot be, in the machines and in workflows: an empty text in place of what must be there, a plain
 * error where something is missing, and a return where a state lacks its own field.
 */
function guards(): Metric {
  const signs = /\?\? ''|\bNEVER_ADMITTED\b|if \(!\w+\) throw|throw new Error\(|if \(!(term|kept|incident)\) return/;
  const found = matches(signs, ['src/workflows/', 'src/domain/']);
  return { what: 'guards against states that cannot be', ...below(found.length, 8), details: found };
}

/** As `npm run build` and a worker in development make it; the map inside of it is not code. */
async function bundle(): Promise<Metric[]> {
  const logger = { log: none, trace: none, debug: none, info: none, warn: none, error: none };
  const { code } = await bundleWorkflowCode({ workflowsPath: join(root, 'src/workflows/index.ts'), logger });
  const bare = code.replace(/\/\/# sourceMappingURL=data:[^\n]*/g, '');
  const zod = (bare.match(/node_modules\/zod\//g) ?? []).length;
  return [
    atMost('workflow bundle without its source map, in MB', Math.round(bare.length / 10_000) / 100, 1),
    atMost('mentions of zod in the workflow bundle', zod, 0),
  ];
}

/** The CPU time of the whole process, start of Node included: the middle one of five runs. */
function startUp(): Metric {
  const atExit = `process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('cpu ' + (user + system)); });`;
  const runs = Array.from({ length: 5 }, () => {
    const args = ['--import', `data:text/javascript,${encodeURIComponent(atExit)}`, 'src/cli/main.ts', '--version'];
    const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return Number(/cpu (\d+)/.exec(stderr)?.[1]) / 1_000_000;
  });
  const [, , middle = 0] = runs.toSorted((a, b) => a - b);
  return atMost('admit --version, in seconds of CPU', Math.round(middle * 100) / 100, 0.3);
}

/** As knip sees it over everything, also where `check` is still lenient. */
function deadExports(): Metric {
  const config = JSON.parse(readFileSync('knip.json', 'utf8')) as { ignoreIssues?: object };
  const { ignoreIssues: _lenient, ...strict } = config;
  const args = ['--no-progress', '--no-exit-code', '--reporter', 'json', '--config', dataFile(strict)];
  const text = execFileSync(process.execPath, ['node_modules/knip/bin/knip.js', ...args], { encoding: 'utf8' });
  const { issues } = JSON.parse(text) as { issues: { file: string; exports?: Name[]; types?: Name[] }[] };
  const dead = issues.flatMap(({ file, exports = [], types = [] }) =>
    [...exports, ...types].map(({ name }) => `${file}: ${name}`),
  );
  return { ...atMost('dead exports', dead.length, 0), details: dead };
}

/** Asked for by `--trace`: it runs a server, the emulator and a worker. */
async function tracedReview(): Promise<Metric[]> {
  const { traceReview } = await import('./trace-review.ts');
  const calls = [...(await traceReview())].toSorted(([, a], [, b]) => b - a);
  const inWorkflows = calls.filter(([file]) => file.startsWith('src/workflows/'));
  const total = sum(calls.map(([, count]) => count));
  const details = calls.map(([file, count]) => `${count} in ${file}`);
  return [
    { ...atMost('files that a review goes through which completes an approval', calls.length, 35), details },
    atMost('of them in src/workflows', inWorkflows.length, 14),
    { what: 'calls of that review', value: total, goal: 'none, it is for comparison', met: true },
  ];
}

interface Name {
  readonly name: string;
}

/** Where a line matches, as `file:line: text`; comments do not count. */
function matches(pattern: RegExp, folders: readonly string[]): string[] {
  return sources
    .filter(({ file }) => folders.some((folder) => file.startsWith(folder)))
    .flatMap(({ file, text }) =>
      text.split('\n').flatMap((line, index) => {
        const isCode = !/^\s*(\/\/|\*|\/\*)/.test(line);
        return isCode && pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [];
      }),
    );
}

function atMost(what: string, value: number, limit: number): Metric {
  return { what, value, goal: `at most ${limit}`, met: value <= limit };
}

function below(value: number, limit: number): Omit<Metric, 'what'> {
  return { value, goal: `below ${limit}`, met: value < limit };
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name }) => name.endsWith('.ts'))
    .map(({ parentPath, name }) => normalize(join(parentPath, name)));
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

function importLines(text: string): number {
  return sum([...text.matchAll(IMPORT)].map(([statement]) => statement.split('\n').length));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function none(): void {
  // Nothing is said while the bundle is made.
}

function dataFile(content: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'metrics-')), 'knip.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}
