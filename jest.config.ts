/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const swc = (transform: object) =>
  [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript', decorators: true }, transform, target: 'es2022' },
      module: { type: 'commonjs' },
    },
  ] satisfies [string, object];

const shared = {
  testEnvironment: 'node',
  // Tests run the sources: every package of ours names them under this condition.
  testEnvironmentOptions: { customExportConditions: ['@cache/source', 'node', 'require', 'default'] },
  transform: {
    // The other mode of decorators, for the tests that have a tsconfig.json for it.
    '/test/legacy/.*\\.ts$': swc({ legacyDecorator: true, decoratorMetadata: true }),
    '\\.ts$': swc({ decoratorVersion: '2022-03' }),
  },
} satisfies Config;

const config: Config = {
  // For busy machines: tests on real servers start processes.
  testTimeout: 120_000,
  // All of the machine for those that share it; those on real servers come one by one, by a runner of their own.
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/examples/*/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.server\\.test\\.ts$'],
    },
    // Contracts measure nothing, and are as patient as a busy machine needs: they share it, with the unit tests and each other.
    {
      ...shared,
      displayName: 'contracts',
      testMatch: ['<rootDir>/packages/*/test/**/*contract.server.test.ts'],
    },
    {
      ...shared,
      displayName: 'servers',
      runner: '<rootDir>/.ci/serial-runner.cjs',
      testMatch: ['<rootDir>/packages/*/test/**/*.server.test.ts', '<rootDir>/examples/*/test/**/*.server.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', 'contract\\.server\\.test\\.ts$'],
    },
  ],
};

export default config;
