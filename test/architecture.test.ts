/**
 * The folder order is the architecture: a folder imports only folders listed above it, types included.
 * Everything outside src/ reaches it through src/index.ts (conformance suites: src/testing.ts). No runtime import cycles, no `any`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** In the order of an event's journey. */
const FOLDERS = [
  'access',
  'event',
  'formats',
  'intake',
  'pipeline',
  'plugins',
  'registry',
  'store',
  'subscriptions',
  'tasks',
  'transports',
  'wiring',
]
/** What every folder may import. */
const EVERYWHERE = ['src/built.ts', 'src/errors.ts', 'src/json-object.ts', 'src/mutex.ts', 'src/telemetry.ts']
/** What is put together, as its parts know it. */
const WIRED = ['src/hub.ts', 'src/plugin.ts']
const ENTRANCES = ['src/built.ts', 'src/index.ts', 'src/testing.ts']
const OUTSIDE = ['profiles', 'server', 'cli', 'console', 'test', 'bench', 'examples', 'scripts']

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
  /** Loaded when it is needed. */
  readonly isLate: boolean
}

const sources = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))

const isTest = (path: string): boolean => path.endsWith('.test.ts')

const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?[^'"`;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)|(?:^|\n)import\s+'(\.[^']+)'/g

function importsOf(path: string): readonly Import[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => ({
    from: path,
    to: sourceOf(normalize(join(dirname(path), match[3] ?? match[4] ?? match[5] ?? ''))),
    typeOnly: match[2] !== undefined,
    isLate: match[4] !== undefined,
  }))
}

const sourceOf = (path: string): string =>
  [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')].find((source) => existsSync(join(ROOT, source))) ?? path

const folderOf = (path: string): string | null => /^src\/([^/]+)\//.exec(path)?.[1] ?? null

const library = sources('src')
const imports = library.flatMap(importsOf)
const outside = OUTSIDE.flatMap(sources).flatMap(importsOf)

const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>

describe('the architecture', () => {
  it('brings with each dependency its types, which our own name', () => {
    const missing = Object.keys(dependencies).filter((name) => `@types/${name}` in devDependencies)
    expect(missing).toEqual([])
  })

  it('lists every folder of src/', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).sort()).toEqual([...FOLDERS].sort())
  })

  it('sees imports at all', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.some(({ typeOnly }) => typeOnly)).toBe(true)
  })

  it('lets a folder import only folders listed above it', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      if (typeOnly && from.startsWith('src/wiring/') && WIRED.includes(to)) return false
      const importer = folderOf(from)
      if (importer === null || isTest(from) || EVERYWHERE.includes(to)) return false
      const imported = folderOf(to)
      return imported === null || FOLDERS.indexOf(imported) > FOLDERS.indexOf(importer)
    })
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  it('lets what every folder may import import nothing of ours but each other', () => {
    const wrong = imports.filter(({ from, to }) => EVERYWHERE.includes(from) && !EVERYWHERE.includes(to))
    expect(wrong).toEqual([])
  })

  it('lets everything outside src/ in through its entrances alone', () => {
    const wrong = outside.filter(({ to }) => to.startsWith('src/') && !ENTRANCES.includes(to))
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  it('starts the command line without the library, which takes longer to load than most commands to run', () => {
    const loaded = [...loadedWith('cli/main.ts')]
    expect(loaded).toContain('cli/tenants.ts')
    expect(loaded.filter((file) => file.startsWith('src/'))).toEqual(['src/built.ts'])
  })

  it('keeps profiles apart from server and command line', () => {
    const wrong = outside.filter(({ from, to }) => from.startsWith('profiles/') && /^(server|cli)\//.test(to))
    expect(wrong).toEqual([])
  })

  it('keeps the console apart: it knows the API alone', () => {
    const wrong = outside.filter(({ from, to }) => from.startsWith('console/src/') && !to.startsWith('console/src/'))
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
    expect(outside.filter(({ to }) => to.startsWith('console/src/') && /^(src|server|cli)\//.test(to))).toEqual([])
  })

  it('has no cycle of runtime imports', () => {
    const all = [...imports, ...outside].filter(({ typeOnly }) => !typeOnly)
    const edges = new Map<string, string[]>()
    for (const { from, to } of all) edges.set(from, [...(edges.get(from) ?? []), to])
    expect([...edges.keys()].some((file) => file.endsWith('.tsx'))).toBe(true)
    expect(cycleIn(edges)).toEqual([])
  })

  it('has no any', () => {
    const code = [...library, ...OUTSIDE.flatMap(sources)]
    const wrong = code.filter((path) =>
      /(?::|<|\bas)\s*any\b/.test(withoutComments(readFileSync(join(ROOT, path), 'utf8'))),
    )
    expect(wrong.map((path) => relative('.', path))).toEqual([])
  })
})

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')

/** It and all that is loaded before it runs. */
function loadedWith(file: string, before: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const atOnce = importsOf(file).filter(({ typeOnly, isLate }) => !typeOnly && !isLate)
  return atOnce.reduce(
    (loaded, { to }) => (loaded.has(to) ? loaded : loadedWith(to, loaded)),
    new Set([...before, file]) as ReadonlySet<string>,
  )
}

/** The files of one cycle, in order; empty when there is none. */
function cycleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (finished.has(file)) return []
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...path, file])
      if (cycle.length > 0) return cycle
    }
    finished.add(file)
    return []
  }
  for (const file of edges.keys()) {
    const cycle = visit(file, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
