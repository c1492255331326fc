/**
 * What went wrong, as a command tells it: one line with the code, the field and what would be right.
 */
import { at, isRecord } from './table.js'
import { safe } from './text.js'

export interface Facts {
  readonly code: string
  readonly message: string
  readonly field?: string | undefined
  readonly expected?: string | undefined
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number | undefined
}

/** A command ends with it: exit 1. */
export class Failure extends Error {
  readonly facts: Facts

  constructor(facts: Facts) {
    super(facts.message)
    this.name = 'Failure'
    this.facts = facts
  }
}

/** The command was called wrongly: exit 2. */
export class UsageError extends Failure {
  constructor(message: string, expected?: string) {
    super({ code: 'usage', message, expected })
  }
}

/** Of anything that was thrown; ours carry code, field and expected. */
export function factsOf(thrown: unknown): Facts {
  if (thrown instanceof Failure) return thrown.facts
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return {
    code: textAt(thrown, 'code') ?? 'internal',
    message,
    field: textAt(thrown, 'field'),
    expected: textAt(thrown, 'expected'),
  }
}

/** Of an RFC 9457 problem; `status` speaks where the body is none. */
export function factsOfProblem(problem: unknown, status: number): Facts {
  const retryAfter = at(problem, 'retryAfter')
  return {
    code: textAt(problem, 'code') ?? `http_${status}`,
    message: textAt(problem, 'detail') ?? textAt(problem, 'title') ?? `The server answered ${status}.`,
    field: textAt(problem, 'field'),
    expected: textAt(problem, 'expected'),
    retryAfter: typeof retryAfter === 'number' ? retryAfter : undefined,
  }
}

function textAt(value: unknown, name: string): string | undefined {
  const found = isRecord(value) ? value[name] : undefined
  return typeof found === 'string' ? found : undefined
}

/** `invalid_data: The data does not fit. [field: data.id; expected: a text]`; what the sentence says is not said again. */
export function inOneLine({ code, message, field, expected }: Facts): string {
  const more = expected !== undefined && !message.includes(expected) ? expected : ''
  const hints = [field && `field: ${field}`, more && `expected: ${more}`].filter(Boolean).join('; ')
  // The system's own begin with their code.
  const said = message.startsWith(`${code}: `) ? message : `${code}: ${message}`
  return safe(`${said}${hints === '' ? '' : ` [${hints}]`}`)
}
