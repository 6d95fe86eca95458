import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A state is waited for as long as a busy machine needs.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    reporters: ['default', './test/support/count-reporter.ts'],
  },
});
