/** What is running, and who wants to hear of what. */
import { SUBSCRIBERS, WISHES } from '../subscribers.js'
import type { Screen } from './paint.js'

interface Running {
  readonly url: string
  readonly pid: number
}

export function opening({ say, paint }: Screen): void {
  say()
  say(paint.strong('Tocsin tells every system that must know, the moment an identity changes.'))
  say()
  say('Starting a server and a receiver …')
}

export function running({ say, paint }: Screen, folder: string, server: Running, receiver: Running): void {
  const line = (name: string, { url, pid }: Running, what: string) =>
    say(`  ${name.padEnd(10)}${url.padEnd(24)}${what} ${paint.faint(`(process ${pid})`)}`)
  line('server', server, `keeps everything in SQLite, in ${folder}`)
  line('receiver', receiver, 'plays the three subscribers; it checks every signature')
  say()
  say(paint.strong('Three subscribers, told by webhook: a signed HTTP POST for every event'))
  for (const name of SUBSCRIBERS) say(`  ${name.padEnd(10)}${WISHES[name].wish}`)
  say(paint.faint('  The tenant is the organisation they all belong to. Northgate is one of its eight customers.'))
  say()
}
