/**
 * What the pages promise is there: links lead somewhere, commands exist.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))

const pages = ['.', 'docs', 'docs/reference'].flatMap(pagesIn)
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

const commands = readdirSync(join(ROOT, 'cli'), { encoding: 'utf8' }).flatMap((name) =>
  name.endsWith('.ts') && !name.endsWith('.test.ts')
    ? [...textOf(join('cli', name)).matchAll(/\.command\('([a-z-]+)/g)].map((match) => match[1])
    : [],
)

describe.each(pages)('%s', (page) => {
  const text = textOf(page)

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([])
  })

  it('names scripts that exist', () => {
    const named = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map((match) => match[1] ?? '')
    expect(named.filter((script) => !(script in scripts))).toEqual([])
  })

  it('names commands that exist', () => {
    const named = [...text.matchAll(/(?:^|`|npx )tocsin ([a-z][a-z-]+)/gm)].map((match) => match[1] ?? '')
    expect(named.filter((command) => !commands.includes(command))).toEqual([])
  })
})
