import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Two lanes: `npm test` has everything that decides; `npm run test:long` repeats with all scenes and high counts what is named so. */
export default defineConfig(({ mode }) => ({
  test: {
    include: [mode === 'long' ? 'test/**/*.long.test.ts' : 'test/**/*.test.ts'],
    provide: { isLong: mode === 'long' },
    pool: 'forks',
    isolate: false,
    setupFiles: ['test/support/each-file.ts'],
    // Most tests wait for a server, a worker or a process most of the time.
    maxWorkers: availableParallelism() + 1,
    globalSetup: ['test/support/global-setup.ts'],
    // Against hanging alone: no test says how fast a machine is.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    reporters: ['default', './test/support/count-reporter.ts'],
  },
}));
