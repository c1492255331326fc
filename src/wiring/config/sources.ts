/**
 * Where settings come from: a YAML file, the environment, flags of the command line, a program.
 * Each source is read into a `Layer`: a tree and the place each of its keys was written at.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { InvalidInput, messageOf } from '../../errors.js'
import { type Layer, nearest, type Path, type Problem } from './check.js'
import { CONFIG_ROOT, type SchemaNode, SETTINGS } from './schema.js'

/** Variables of the command line itself, not settings. */
const NOT_SETTINGS = ['TOCSIN_KEY', 'TOCSIN_SERVER', 'TOCSIN_CONFIG']

/** What Kubernetes puts into every container when a Service is called `tocsin` ("service environment variables"). */
const SERVICE_LINK = /^TOCSIN_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/

/** One setting given on the command line. */
export interface Flag {
  /** As the person wrote it: `--port`. */
  readonly flag: string
  /** The setting: `server.port`. */
  readonly path: string
  /** A text is read as the kind the setting has. */
  readonly value: unknown
}

/** @throws InvalidInput `invalid_config` when the file cannot be read or is not YAML. */
export function yamlLayer(file: string): Layer {
  const lines = new LineCounter()
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false })
  const broken = document.errors[0]
  if (broken) throw notYaml(file, lines.linePos(broken.pos[0]).line, broken.message)
  return {
    tree: treeOf(file, () => document.toJS({ maxAliasCount: 100 })) ?? {},
    origin: (path) => `${basename(file)}:${lineOf(document.contents, path, lines)}`,
    folder: dirname(file),
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidInput('invalid_config', `The configuration ${file} cannot be read: ${messageOf(error)}.`, {
      expected: 'a readable YAML file',
      cause: error,
    })
  }
}

/** An alias bomb or an unresolved alias shows only when the tree is built. */
function treeOf(file: string, build: () => unknown): unknown {
  try {
    return build()
  } catch (error) {
    throw notYaml(file, 1, messageOf(error))
  }
}

const notYaml = (file: string, line: number, why: string): InvalidInput =>
  new InvalidInput('invalid_config', `${basename(file)}:${line}: this is not valid YAML: ${why}`, {
    expected: 'YAML 1.2',
  })

/** The line of the deepest key of the path that is written in the document. */
function lineOf(contents: Node | null, path: Path, lines: LineCounter): number {
  const [name, ...rest] = path
  const item = isSeq(contents) ? contents.items[Number(name)] : undefined
  if (isNode(item)) return lineOf(item, rest, lines)
  const pair = isMap(contents)
    ? contents.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    : undefined
  if (!pair || !isScalar(pair.key)) return lines.linePos(contents?.range?.[0] ?? 0).line
  if (rest.length > 0 && (isMap(pair.value) || isSeq(pair.value))) return lineOf(pair.value, rest, lines)
  return lines.linePos(pair.key.range?.[0] ?? 0).line
}

/** The environment: `TOCSIN_SERVER_PORT` is `server.port`; lists are separated by commas. */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>, folder: string): Layer {
  const given = SETTINGS.filter(({ variable }) => environment[variable] !== undefined)
  const entries = given.map(({ path, node, variable }) => ({
    path: path.split('.'),
    value: read(node, environment[variable]),
  }))
  const variableOf = (path: Path) => SETTINGS.find((setting) => isBelow(path, setting.path.split('.')))?.variable
  return { tree: plant(entries), origin: (path) => variableOf(path) ?? 'the environment', folder }
}

const isBelow = (path: Path, setting: Path): boolean => setting.every((name, index) => path[index] === name)

/** Variables that look like settings and are none. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): readonly Problem[] {
  const known = SETTINGS.map(({ variable }) => variable)
  return Object.keys(environment)
    .filter((name) => name.startsWith('TOCSIN_') && !SERVICE_LINK.test(name))
    .filter((name) => !known.includes(name) && !NOT_SETTINGS.includes(name))
    .map((name) =>
      unknownVariable(
        name,
        nearest(
          name.slice(7),
          known.map((one) => one.slice(7)),
        ),
      ),
    )
}

function unknownVariable(name: string, meant: string | null): Problem {
  const expected = meant === null ? 'a setting of docs/reference/configuration.md' : `TOCSIN_${meant}`
  const advice = meant === null ? '' : ` Did you mean ${expected}?`
  return {
    origin: 'the environment',
    field: name,
    expected,
    message: `The variable ${name} is not a setting.${advice}`,
  }
}

export function flagLayer(flags: readonly Flag[], folder: string): Layer {
  const entries = flags.map(({ path, value }) => ({
    path: path.split('.'),
    value: read(nodeAt(path.split('.')), value),
  }))
  const flagOf = (path: Path) => flags.findLast((flag) => isBelow(path, flag.path.split('.')))?.flag
  return { tree: plant(entries), origin: (path) => flagOf(path) ?? 'the command line', folder }
}

/** What a program handed in. */
export const programLayer = (tree: unknown, folder: string): Layer => ({ tree, origin: () => 'the options', folder })

const nodeAt = (path: Path): SchemaNode | undefined =>
  path.reduce<SchemaNode | undefined>((node, name) => node?.properties?.[name], CONFIG_ROOT)

/** A text as the kind the setting has; left a text when it cannot be, so that the check says what is wrong. */
function read(node: SchemaNode | undefined, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (node?.type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  if (node?.type === 'integer' && /^-?\d{1,16}$/.test(value)) return Number(value)
  if (node?.type === 'array') return value.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]))
  return value
}

/** A tree from single settings; the last one given wins. */
function plant(entries: readonly { path: Path; value: unknown }[]): unknown {
  const names = [...new Set(entries.flatMap(({ path }) => path.slice(0, 1)))]
  return Object.fromEntries(
    names.map((name) => {
      const below = entries
        .filter(({ path }) => path[0] === name)
        .map(({ path, value }) => ({ path: path.slice(1), value }))
      const last = below.at(-1)
      return [name, last?.path.length === 0 ? last.value : plant(below.filter(({ path }) => path.length > 0))]
    }),
  )
}
