import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** Files only: the server's policy allows nothing inline. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // `TOCSIN_URL=http://… npx vite -c console/vite.config.ts`: at work on the pages, beside a server that runs.
  server: {
    proxy: {
      '/v1': process.env.TOCSIN_URL ?? 'http://127.0.0.1:7300',
      '/metrics': process.env.TOCSIN_URL ?? 'http://127.0.0.1:7300',
    },
  },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
