/** Where to look, once the figures are told; everything runs on until Ctrl-C. */
import { once } from 'node:events'
import type { Instance } from '../instance.js'
import type { LeftToMend } from '../left-to-mend.js'
import type { Screen } from './paint.js'

export function consoleAt({ say, paint }: Screen, { url, key }: Instance, { right }: LeftToMend): void {
  say(`${paint.strong('Now look yourself')}: ${url}/console/`)
  say(`  key       ${key}`)
  say(
    '  Somebody got the address of a fourth subscriber, payroll, wrong. Find what it did not hear, mend it, send it again.',
  )
  say(`  ${paint.faint(`Its right address is ${right}`)}`)
  say()
  say('Everything runs until you press Ctrl-C.')
}

/** Until somebody ends it. */
export const stay = async (): Promise<void> => {
  // What waits for a signal alone does not keep a process up.
  const alive = setInterval(() => undefined, 60_000)
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)))
  clearInterval(alive)
}
