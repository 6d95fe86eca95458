import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this package: what is built lies one folder deeper than its source. */
const PACKAGE = new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url);

/** Where `npm run build` puts the workflow bundle. */
export function builtBundle(): string | undefined {
  const file = fileURLToPath(new URL('dist/workflow-bundle.js', PACKAGE));
  return existsSync(file) ? file : undefined;
}

/** The flows that come with the project, for a stack on one machine; none in the published package. */
export function shippedFlows(): string | undefined {
  const folder = fileURLToPath(new URL('examples/onboarding', PACKAGE));
  return existsSync(folder) ? folder : undefined;
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as {
    version: string;
  };
  return version;
}
