/** What may follow `npm run quickstart --`. */
import { parseArgs } from 'node:util'

export interface Options {
  /** One JSON object on standard output; everything for people goes to standard error. */
  readonly json: boolean
  /** The folder to keep the instance in. */
  readonly keep: string | undefined
  /** Go on until Ctrl-C, with something left to mend in the console. */
  readonly stay: boolean
  /** Registry changes to make. */
  readonly changes: number
}

const HELP = `npm run quickstart -- [--json] [--keep DIR] [--changes N] [--stay | --leave]

  --json       print one object with the figures; the tour goes to standard error (\`npm run -s\` keeps npm quiet too)
  --keep DIR   keep the instance in DIR, and say how to go on with it
  --changes N  make N changes in the registry instead of 10,000
  --stay       run on until Ctrl-C, and say where the console is: what it does in a terminal
  --leave      end when all is told: what it does elsewhere, and with --json`

/**
 * @param interactive somebody sits at a terminal
 * @throws Error saying what is wrong. `--help` prints and ends.
 */
export function readArguments(words: readonly string[], interactive: boolean): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      json: { type: 'boolean', default: false },
      keep: { type: 'string' },
      stay: { type: 'boolean', default: false },
      leave: { type: 'boolean', default: false },
      changes: { type: 'string', default: '10000' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    process.exit()
  }
  if (!/^[1-9]\d{0,6}$/.test(values.changes)) throw new Error(`--changes ${values.changes} is not a number.\n\n${HELP}`)
  if (values.stay && values.leave) throw new Error(`--stay and --leave are both given.\n\n${HELP}`)
  const stay = values.stay || (interactive && !values.json && !values.leave)
  return { stay, json: values.json, keep: values.keep, changes: Number(values.changes) }
}
