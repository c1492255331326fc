/** Three commands to go on with: in the instance that was kept, or with one of your own. */
import { join, relative } from 'node:path'
import type { Chosen } from './one-event.js'
import type { Screen } from './paint.js'

const TOCSIN = 'node dist/cli/main.js'

export function goingOn(screen: Screen, keptIn: string | null, chosen: Chosen | undefined): void {
  if (keptIn === null) anew(screen)
  else inKept(screen, shortest(keptIn), chosen)
}

function anew(screen: Screen): void {
  const { say, paint } = screen
  say(paint.strong('How to go on'))
  command(screen, 'npm run quickstart -- --keep my-tocsin', 'the same again, and look around in it afterwards')
  command(screen, `${TOCSIN} init own && ${TOCSIN} serve --config own/tocsin.yaml`, 'a Tocsin of your own')
  command(screen, `${TOCSIN} --help`, 'all that can be asked of it')
  say()
}

function inKept(screen: Screen, folder: string, chosen: Chosen | undefined): void {
  const { say, paint } = screen
  say(`${paint.strong('How to go on')}: all of it is kept in ${folder}, with the key of its operator in operator.key`)
  command(
    screen,
    `${TOCSIN} serve --config ${join(folder, 'tocsin.yaml')}`,
    'start it again; then, in another terminal:',
  )
  command(screen, `export TOCSIN_KEY=$(cat ${join(folder, 'operator.key')})`, 'who you are')
  if (chosen) command(screen, `${TOCSIN} events show '${chosen.entry.id}'`, 'the event above')
  else command(screen, `${TOCSIN} events list`, 'what was published')
  say()
}

/** From here, unless that leads out of this folder. */
function shortest(folder: string): string {
  const path = relative(process.cwd(), folder)
  return path.startsWith('..') ? folder : path || '.'
}

const command = ({ say, paint }: Screen, text: string, purpose: string): void => {
  say(`  ${text}`)
  say(paint.faint(`      ${purpose}`))
}
