/**
 * Writes docs/reference/configuration.md from the schema: `npx tsx scripts/configuration-reference.ts`.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CONFIG_ROOT, inWords, type SchemaNode, SETTINGS, type Setting } from '../src/index.js'

const HEAD = `# Configuration

Made from \`src/wiring/config/schema.ts\` by \`scripts/configuration-reference.ts\`; a test compares the two.

Settings come from, each laid over the one before: the defaults below; \`tocsin.yaml\` in the working folder, or the file
named by \`--config\` or \`TOCSIN_CONFIG\`; the environment; \`--set PATH=VALUE\` on the command line. Lists are replaced, not
joined; in the environment their items are separated by commas. A relative file name starts at the folder of the file it is
written in, otherwise at the working folder. What is unknown or of the wrong kind is refused with the place it was written at.
\`tocsin config\` prints the settings in force, secrets masked.
`

const sections = Object.entries(CONFIG_ROOT.properties ?? {})

/** The whole page. */
export const configurationPage = (): string =>
  [
    HEAD,
    '## At the top\n',
    tableOf(SETTINGS.filter(({ path }) => !path.includes('.'))),
    ...sections.flatMap(sectionOf),
  ].join('\n')

function sectionOf([name, node]: readonly [string, SchemaNode]): readonly string[] {
  if (node.patternProperties) return [`## ${name}\n`, `${node.description ?? ''}\n`, recordOf(name, node)]
  if (node.items?.properties)
    return [`## ${name}\n`, `${node.description ?? ''}\n`, namesBelow(`${name}[]`, node.items)]
  if (!node.properties) return []
  return [
    `## ${name}\n`,
    `${node.description ?? ''}\n`,
    tableOf(SETTINGS.filter(({ path }) => path.startsWith(`${name}.`))),
    ...recordsBelow(name, node),
  ]
}

/** Members that whoever writes them names. */
const recordsBelow = (path: string, node: SchemaNode): readonly string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const name = `${path}.${key}`
    if (!child.patternProperties) return recordsBelow(name, child)
    const entry = Object.values(child.patternProperties)[0]
    const members = entry?.properties
      ? recordOf(name, child)
      : `| setting | kind |\n|---|---|\n| \`${name}.NAME\` | ${kindOf(entry ?? {})} |\n`
    return [`\`${name}\`: ${child.description ?? ''}\n`, members]
  })

const tableOf = (settings: readonly Setting[]): string =>
  ['| setting | what it is | kind | default | environment |', '|---|---|---|---|---|', ...settings.map(rowOf), ''].join(
    '\n',
  )

const rowOf = ({ path, node, variable }: Setting): string =>
  cells(`\`${path}\``, node.description, kindOf(node), defaultOf(node), `\`${variable}\``)

function recordOf(name: string, node: SchemaNode): string {
  const entry = Object.values(node.patternProperties ?? {})[0]
  return namesBelow(`${name}.NAME`, entry ?? {})
}

function namesBelow(path: string, node: SchemaNode): string {
  const rows = rowsBelow(path, node)
  return ['| setting | what it is | kind |', '|---|---|---|', ...rows, ''].join('\n')
}

const rowsBelow = (path: string, node: SchemaNode): readonly string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    cells(`\`${path}.${key}\``, child.description, kindOf(child)),
    ...rowsBelow(`${path}.${key}`, child),
  ])

const cells = (...texts: readonly (string | undefined)[]): string =>
  `| ${texts.map((text) => text ?? '').join(' | ')} |`

const kindOf = (node: SchemaNode): string =>
  `${inWords(node)}${node.writeOnly ? '; secret' : ''}${node.path ? '; a file name' : ''}`

const defaultOf = (node: SchemaNode): string =>
  node.default === undefined ? '' : `\`${JSON.stringify(node.default)}\``

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/reference/configuration.md', import.meta.url), configurationPage())
}
