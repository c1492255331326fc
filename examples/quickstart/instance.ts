/**
 * A Tocsin of its own, as anybody would start one: `tocsin init`, one setting, `tocsin serve`.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Cleanup } from './cleanup.js'

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Instance {
  readonly pid: number
  readonly url: string
  readonly folder: string
  /** Of an operator, who may do anything. */
  readonly key: string
}

/** @param keep the folder to leave behind; without it a temporary one is used, and removed at the end. */
export async function startInstance(cleanup: Cleanup, keep: string | undefined): Promise<Instance> {
  const folder = keep === undefined ? mkdtempSync(join(tmpdir(), 'tocsin-quickstart-')) : resolve(keep)
  if (keep === undefined) cleanup.add(() => rmSync(folder, { recursive: true, force: true }))
  const key = await init(folder)
  allowLoopback(join(folder, 'tocsin.yaml'))
  writeFileSync(join(folder, 'operator.key'), key, { mode: 0o600 })
  return { folder, key, ...(await serve(cleanup, folder)) }
}

/** @returns the first operator's key. @throws Error in the command's own words, such as that the folder is taken. */
async function init(folder: string): Promise<string> {
  if (!existsSync(COMMAND)) throw new Error(`There is no ${COMMAND}: npm run build makes it.`)
  const words = [COMMAND, 'init', folder, '--json']
  const made = await promisify(execFile)(process.execPath, words, ENVIRONMENT).catch((error: { stderr?: string }) => {
    const said = /"message":("[^"]*")/.exec(error.stderr ?? '')?.[1]
    throw said === undefined ? error : new Error(JSON.parse(said))
  })
  const { key }: { readonly key: string } = JSON.parse(made.stdout)
  return key
}

/** Webhooks may go only to public https addresses unless the operator says otherwise; our receiver is on this machine. */
function allowLoopback(file: string): void {
  const settings = readFileSync(file, 'utf8')
  const changed = settings.replace('# allow: []', 'allow: [127.0.0.0/8]')
  if (changed === settings) throw new Error(`${file} has no line for egress.allow.`)
  writeFileSync(file, changed)
}

function serve(cleanup: Cleanup, folder: string): Promise<Pick<Instance, 'pid' | 'url'>> {
  const log = openSync(join(folder, 'server.log'), 'a')
  const words = ['serve', '--config', join(folder, 'tocsin.yaml'), '--port', '0', '--set', 'log.level=warn']
  const server = spawn(process.execPath, [COMMAND, ...words], { ...ENVIRONMENT, stdio: ['ignore', log, 'pipe'] })
  cleanup.process(server)
  return new Promise((resolve, reject) => {
    let said = ''
    // It is heard to its end: a pipe that nobody holds any more would fail what the server says next.
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const url = /^Listening at (\S+)$/m.exec(said)?.[1]
      if (url !== undefined) resolve({ pid: server.pid ?? 0, url })
    })
    server.once('close', () => reject(new Error(`The server did not start. ${said}`)))
  })
}

/** Settings of somebody's own instance do not concern this one. */
const ENVIRONMENT = {
  env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TOCSIN_'))),
}
