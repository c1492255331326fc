/**
 * The tocsin.yaml that `tocsin init` writes: every setting with what it is and its default, most of them commented out.
 */
import { CONFIG_ROOT, inWords, type SchemaNode } from '../../src/index.js'

/** Settings that `init` writes down, by path. */
export type Written = Readonly<Record<string, string>>

const HEAD = `# The settings of this Tocsin instance. What is commented out shows the default.
# The environment goes before this file: TOCSIN_SERVER_PORT is server.port. \`tocsin config\` prints what is in force.
`

export const starterFile = (written: Written): string =>
  [HEAD, ...Object.entries(CONFIG_ROOT.properties ?? {}).map(([name, node]) => topLevel(name, node, written))].join(
    '\n',
  )

function topLevel(name: string, node: SchemaNode, written: Written): string {
  if (node.patternProperties) return `${remark(node.description, '')}# ${name}:\n#   ${node.sample}\n`
  if (node.items?.properties) return `${remark(node.description, '')}# ${name}:\n#   - module: ./my-plugin.mjs\n`
  if (!node.properties) return setting(name, name, node, written, '')
  return section(name, name, node, written, '')
}

function section(path: string, name: string, node: SchemaNode, written: Written, indent: string): string {
  const inner = Object.entries(node.properties ?? {}).map(([key, child]) =>
    (child.properties ? section : setting)(`${path}.${key}`, key, child, written, `${indent}  `),
  )
  return `${remark(node.description, indent)}${indent}${name}:\n${inner.join('')}`
}

function setting(path: string, key: string, node: SchemaNode, written: Written, indent: string): string {
  const value = written[path]
  const line = value === undefined ? `# ${key}: ${exampleOf(node)}` : `${key}: ${value}`
  return `${remark(`${node.description ?? ''} (${inWords(node)})`, indent)}${indent}${line}\n`
}

const exampleOf = (node: SchemaNode): string => (node.default === undefined ? '' : JSON.stringify(node.default))

const remark = (text: string | undefined, indent: string): string => (text ? `${indent}# ${text}\n` : '')
