import type { Command } from 'commander';
import { addPoliciesBacktest } from './policies/backtest.ts';
import { addPoliciesExplain } from './policies/explain.ts';
import { addPoliciesLint } from './policies/lint.ts';
import { addPoliciesNew } from './policies/new.ts';
import { addPoliciesSimulate } from './policies/simulate.ts';
import { addPoliciesTest } from './policies/test.ts';

export function addPolicies(program: Command): void {
  const policies = program
    .command('policies')
    .summary('write, check, try and explain policies')
    .description('Writes, checks, tries and explains policies. Nothing here changes a request.')
    .addHelpText('after', '\nExit codes: 0 good, 1 findings, 2 bad call.');
  for (const add of [
    addPoliciesNew,
    addPoliciesLint,
    addPoliciesTest,
    addPoliciesSimulate,
    addPoliciesExplain,
    addPoliciesBacktest,
  ]) {
    add(policies);
  }
}
