/**
 * The built command on a real terminal: `script` (util-linux) gives it a pseudo-terminal, and a person's part is played here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Need } from './faults/tools.js'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
export const CTRL_C = '\u0003'

export const SCRIPT: Need = {
  there: process.platform === 'linux' && existsSync('/usr/bin/script'),
  without: 'script, of util-linux',
}

/** Questions, or how they begin, and what is answered. */
export type Turns = readonly (readonly [question: string, answer: string])[]

export interface Conversation {
  readonly words: readonly string[]
  readonly turns: Turns
  readonly server: string
  readonly key: string
}

/**
 * Whether a question waits for its answer, and was not answered yet: the screen ends with a prompt, and what was asked, or was
 * said to it, stands below the line on which the last answer was typed, which shows there too.
 */
function isAsked(question: string, fresh: string, isFirst: boolean): boolean {
  const start = isFirst ? 0 : fresh.indexOf('\n')
  return start >= 0 && fresh.includes(question, start) && /[:?] $/.test(fresh)
}

/** Answers each question as it is asked; resolves with the exit code and all that was on the screen. */
export async function onTerminal({ words, turns, server, key }: Conversation) {
  const quoted = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ')
  const child: ChildProcess = spawn('script', ['-qefc', quoted, '/dev/null'], {
    env: { ...process.env, TOCSIN_SERVER: server, TOCSIN_KEY: key, TERM: 'dumb' },
  })
  let screen = ''
  let answered = 0
  const rest = [...turns]
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    const [next] = rest
    if (next === undefined || !isAsked(next[0], screen.slice(answered), answered === 0)) return
    answered = screen.length
    rest.shift()
    child.stdin?.write(next[1] === CTRL_C ? CTRL_C : `${next[1]}\r`)
  })
  const patience = setTimeout(() => child.kill(), 45_000)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(patience)
  return { code, screen, unasked: rest.map(([question]) => question) }
}
