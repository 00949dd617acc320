import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/peers/setup.ts'],
    // These end what hangs: tests wait for events, however long a machine that is busy or slow
    // takes over them.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
    setupFiles: [],
  },
});
