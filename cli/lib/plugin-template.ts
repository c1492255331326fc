/**
 * The package that `tocsin init plugin` writes: a plug-in in TypeScript, a test that rehearses it, recorded events.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Failure, UsageError } from './failure.js'
import { VERSION } from './version.js'

const NAME = /^[a-z][a-z0-9-]{0,49}$/

/**
 * Writes it and answers what to do next.
 * @throws UsageError for a name that plug-ins cannot have; Failure `already_exists` for a folder that is not empty
 */
export function createPlugin(folder: string): string {
  const name = basename(folder)
  if (!NAME.test(name))
    throw new UsageError(
      `${JSON.stringify(name)} is no name for a plug-in.`,
      'lower-case letters, digits and hyphens; 50 at most',
    )
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Failure({ code: 'already_exists', message: `${folder} is not empty.`, expected: 'a new folder' })
  for (const [path, text] of Object.entries(filesFor(name))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { flag: 'wx' })
  }
  return `In ${folder}: a plug-in, its test, recorded events, and README.md, which tells how to go on.\nNext: npm install && npm test`
}

const filesFor = (name: string): Readonly<Record<string, string>> => ({
  'package.json': `${JSON.stringify(manifest(name), null, 2)}\n`,
  'tsconfig.json': `${JSON.stringify(TSCONFIG, null, 2)}\n`,
  '.gitignore': 'node_modules/\ndist/\n',
  'src/plugin.ts': plugin(name),
  'test/plugin.test.ts': test(name),
  'events.jsonl': EVENTS,
  'README.md': readme(name),
})

const manifest = (name: string) => ({
  name,
  version: '0.1.0',
  private: true,
  type: 'module',
  exports: './dist/src/plugin.js',
  files: ['dist/src'],
  scripts: { build: 'tsc', test: 'tsc && node --test dist/test/plugin.test.js' },
  peerDependencies: { tocsin: `^${VERSION}` },
  devDependencies: { '@types/node': '^20.19.0', tocsin: `^${VERSION}`, typescript: '^6.0.0' },
})

const TSCONFIG = {
  compilerOptions: {
    ...{ target: 'ES2023', module: 'NodeNext', rootDir: '.', outDir: 'dist', types: ['node'] },
    ...{
      strict: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      declaration: true,
      skipLibCheck: true,
    },
  },
  include: ['src', 'test'],
}

const plugin = (name: string): string => `/**
 * What it brings to Tocsin: one processor, which hears of new users once they are true.
 * Types alone are imported, so that an isolated process starts without the library.
 */
import type { Plugin } from 'tocsin'

export interface Options {
  readonly greeting?: string
}

/** What \`options\` of the configuration may be; Tocsin checks it before the plug-in is made. */
export const optionsSchema = {
  type: 'object',
  properties: { greeting: { type: 'string', minLength: 1 } },
  additionalProperties: false,
}

export default function create({ greeting = 'Welcome' }: Options): Plugin {
  return {
    name: '${name}',
    processors: [
      {
        name: '${name}:greets',
        kind: 'witness',
        types: ['user.created'],
        description: 'Greets new users.',
        run(event) {
          if (event.subject === undefined) throw new Error('Nobody is named.')
          return { results: [{ state: 'executed', code: 'greeted', message: \`\${greeting}, \${event.subject}!\` }] }
        },
      },
    ],
  }
}
`

const test = (name: string): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEvents, rehearse } from 'tocsin/testing'
import create from '../src/plugin.js'

test('greets new users, and nobody else', async () => {
  const events = await readEvents('events.jsonl')
  const rehearsals = await rehearse({ plugins: [create({ greeting: 'Hello' })] }, events)
  const said = rehearsals.map(({ type, calls }) => [type, ...calls.map(({ code, message }) => \`\${code}: \${message}\`)])
  assert.deepEqual(said, [['user.created', 'greeted: Hello, ada!'], ['user.disabled']])
})

test('fails for a user without a name, and says why', async () => {
  const event = { specversion: '1.0', id: 'e-1', source: '/hr', type: 'user.created', data: {} }
  const [rehearsal] = await rehearse({ plugins: [create({})] }, [event])
  assert.equal(rehearsal?.calls[0]?.processor, '${name}:greets')
  assert.equal(rehearsal?.calls[0]?.state, 'exception')
  assert.match(rehearsal?.calls[0]?.message ?? '', /Nobody is named/)
})
`

const event = (id: string, type: string) => ({
  ...{ specversion: '1.0', id, source: '/hr', type, subject: 'ada', time: '2026-01-01T00:00:00Z' },
  ...{ tenant: 'default', sequence: id.padStart(20, '0'), datacontenttype: 'application/json', data: { id: 'ada' } },
})

/** As `tocsin tail --json` prints them. */
const EVENTS = [event('1', 'user.created'), event('2', 'user.disabled')]
  .map((each) => `${JSON.stringify(each)}\n`)
  .join('')

const readme = (name: string): string => `# ${name}

A plug-in of Tocsin.

    npm install
    npm test                                              # builds, and rehearses it on events.jsonl
    npx tocsin plugins try ./dist/src/plugin.js events.jsonl

Record events of your own with \`tocsin tail --json > events.jsonl\`. To run it in a server, install this package beside its
\`tocsin.yaml\`, and name it there:

    plugins:
      - module: ${name}
        options: { greeting: Hello }
        isolated: { memory: 64, time: 2000 }    # a process of its own; leave it out to run in the server's

Then \`tocsin plugins reload\`, and \`tocsin plugins list\` tells how it is.
`
