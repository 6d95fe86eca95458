import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that machines can read: `N passed, N failed`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failedTests = tests.filter((test) => test.result().state === 'failed').length;
    // A file that cannot be loaded, or an error outside of any test, is a failure too.
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const skipped = tests.length - passed - failedTests;
    const failed = failedTests + brokenModules + unhandledErrors.length;
    // The default reporter prints its summary after this hook; the line must be the last.
    process.once('exit', () => {
      process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
}
