/** `tocsin doctor`: looks at the instance from outside; a line for each finding, with what to do. */
import type { Command } from 'commander'
import { Failure } from './lib/failure.js'
import type { Finding } from './lib/findings.js'
import type { Io } from './lib/io.js'
import type { SettingOptions } from './lib/settings.js'
import { safe } from './lib/text.js'

export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description(
      'check runtime, settings, sealing key, database, disk, folder for files, server, clock, key, nodes and captures',
    )
    .action((_: unknown, command: Command) => doctor(io, command.optsWithGlobals()))
}

const MARK = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const

async function doctor(io: Io, options: SettingOptions): Promise<void> {
  const { checks } = await import('./lib/findings.js')
  let failed = 0
  for await (const finding of checks(io, options)) {
    io.out(options.json ? JSON.stringify(finding) : lineOf(finding))
    if (finding.level === 'fail') failed += 1
  }
  if (failed > 0) throw new Failure({ code: 'not_healthy', message: `${failed} of the checks failed.` })
}

const lineOf = ({ level, name, text, advice }: Finding): string =>
  safe(`${MARK[level]}  ${name.padEnd(9)} ${text}${advice === undefined ? '' : ` -> ${advice}`}`)
