/**
 * Writes docs/reference/errors.md and docs/reference/event-types.md from the code: `npm run reference`.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { profiles } from '../profiles/index.js'
import { ERROR_CODES, NATIVE_TYPES, type TypeDefinition } from '../src/index.js'

const MADE = 'Made from the code by `npm run reference`; a test compares the two.'

export const errorsPage = (): string =>
  [
    '# Errors\n',
    `${MADE} Over HTTP an error is a problem (RFC 9457) whose \`code\` is stable; in the library it is a \`TocsinError\`.\n`,
    '| code | status | title |',
    '|---|---|---|',
    ...Object.entries(ERROR_CODES).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`),
    '',
  ].join('\n')

export const eventTypesPage = (): string =>
  [
    '# Event types\n',
    `${MADE} A subscription to a native type, or to \`credential.*\`, also hears every type that is a case of it. Behind a sensitive field is its class, if it has one.\n`,
    '## Native\n',
    tableOf(NATIVE_TYPES),
    ...profiles.flatMap(({ name, catalogue = [] }) => [`## Profile ${name}\n`, tableOf(catalogue)]),
  ].join('\n')

const tableOf = (types: readonly TypeDefinition[]): string =>
  ['| type | what happened | a case of | sensitive fields |', '|---|---|---|---|', ...types.map(rowOf), ''].join('\n')

const rowOf = ({ name, title, caseOf, sensitive = [], classes = {} }: TypeDefinition): string => {
  const classesOf = (field: string) => Object.keys(classes).filter((each) => classes[each]?.includes(field))
  const shown = (field: string) => [`\`${field}\``, ...classesOf(field).map((each) => `(${each})`)].join(' ')
  return `| \`${name}\` | ${title.replaceAll('|', '\\|')} | ${caseOf ? `\`${caseOf}\`` : ''} | ${sensitive.map(shown).join(', ')} |`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/reference/errors.md', import.meta.url), errorsPage())
  writeFileSync(new URL('../docs/reference/event-types.md', import.meta.url), eventTypesPage())
}
