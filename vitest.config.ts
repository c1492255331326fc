import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'profiles/**/*.test.ts',
      'server/**/*.test.ts',
      'cli/**/*.test.ts',
      'console/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    // What the tests load as code from outside lies in temporary folders, and Node itself loads it, as it will for users.
    server: { deps: { external: [/\/tocsin-[^/]+\//] } },
    // A machine with two cores and three of them busy: what takes a second alone may take twenty.
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // What the files of a process import is read once: for half of them reading took longer than their tests.
    isolate: false,
    globalSetup: ['test/services/run.ts'],
    // Journeys mostly wait for processes and clocks, so twice as many files as a small machine has cores go at once.
    maxWorkers: 4,
  },
})
