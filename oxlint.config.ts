import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'oxlint';
import { fences } from './scripts/rooms.ts';

const read = (name: string) => new URL(name, import.meta.url);
const { dependencies, devDependencies } = JSON.parse(readFileSync(read('package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  object
>;
const packages = Object.keys({ ...dependencies, ...devDependencies });

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'import', 'promise', 'vitest'],
  categories: {
    correctness: 'error',
    suspicious: 'error',
  },
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/consistent-return': 'off',
    'typescript/no-unnecessary-type-conversion': 'off',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-duplicates': ['error', { preferInline: true }],
    'import/no-default-export': 'error',
    'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'consistent-return': 'off',
    'promise/no-promise-in-callback': 'off',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    'unicorn/require-post-message-target-origin': 'off',
    'no-console': 'error',
  },
  overrides: [
    ...fences(readdirSync(read('src')), packages),
    { files: ['src/domain/**'], rules: { 'import/no-cycle': ['error', { ignoreTypes: true }] } },
    {
      files: ['test/**', 'emulator/**', 'examples/**'],
      rules: { 'import/no-duplicates': 'off' },
    },
    { files: ['src/workflows/**', 'oxlint.config.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['emulator/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          { patterns: [{ group: ['**/src/*', '**/src/**'], message: 'the emulator stands alone' }] },
        ],
      },
    },
    {
      files: ['vitest.config.ts', 'test/**', 'examples/**'],
      rules: {
        'import/no-default-export': 'off',
        'typescript/no-non-null-assertion': 'off',
        'unicorn/no-thenable': 'off',
        'typescript/no-unnecessary-type-parameters': 'off',
        'max-lines-per-function': 'off',
        'no-console': 'off',
      },
    },
    {
      files: ['scripts/**', 'bench/**'],
      rules: {
        'no-console': 'off',
      },
    },
  ],
  ignorePatterns: ['dist', 'node_modules'],
});
