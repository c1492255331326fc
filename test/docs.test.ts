/**
 * What the pages promise is there: links lead somewhere, commands exist.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { processIo } from '../cli/lib/io.js'
import { run } from '../cli/program.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))

const pages = ['.', 'docs', 'docs/reference'].flatMap(pagesIn)
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

const help: string[] = []
await run(['--help'], { ...processIo(), out: (text) => help.push(text), columns: 200 })
const commands = [...help.join('\n').matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)

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
