import { defineConfig } from 'vitest/config'

/** The long fault tests, one after the other: they measure time and use up cores. */
export default defineConfig({
  test: {
    include: ['test/chaos/**/*.chaos.ts'],
    testTimeout: 4 * 3_600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    globalSetup: ['test/services/run.ts'],
    fileParallelism: false,
  },
})
