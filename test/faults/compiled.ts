/**
 * Programs that tests start and kill, compiled first. What reads TypeScript in the process itself reads the built package
 * too, which each start would take another second for.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

/** Inside the package, so that a program finds `tocsin` as the package itself. */
const FOLDER = fileURLToPath(new URL('../../.cache/programs', import.meta.url))

const made = new Map<string, Promise<string>>()

/** The path of what a program in TypeScript was compiled to, once in this process. Packages are not joined into it. */
export function compiled(source: URL): Promise<string> {
  const path = made.get(source.href) ?? compile(fileURLToPath(source))
  made.set(source.href, path)
  return path
}

async function compile(source: string): Promise<string> {
  const { output } = await build({ input: source, platform: 'node', external: /^[^./]/, write: false })
  const path = join(FOLDER, `${basename(source, '.ts')}.js`)
  mkdirSync(FOLDER, { recursive: true })
  // Another process may do the same at this moment: whoever starts it finds the one or the other, never a half.
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, output[0].code)
  renameSync(draft, path)
  return path
}
