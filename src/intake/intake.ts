/**
 * Letting an event in: checked, normalised, stamped. After this an event is complete and true to its type.
 */
import { hasRole, type Principal } from '../access/principal.js'
import { AccessDenied, InvalidInput } from '../errors.js'
import type { TypeCatalogue, TypeDefinition } from '../event/catalogue.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import { checkAttributes } from './attributes.js'
import { canonical, sha256 } from './canonical.js'
import { DataValidator } from './validate.js'

export interface IntakeOptions {
  readonly catalogue: TypeCatalogue
  /** Bytes an event may have, as canonical JSON. Default 1 MiB. */
  readonly maxBytes?: number
  readonly maxDepth?: number
  now(): number
  newId(): string
}

export interface Received {
  readonly event: AnyEvent
  /** SHA-256 over the event as received, in canonical form. */
  readonly hash: string
  /** The publisher named the id, so the event may have been here before. */
  readonly named: boolean
  readonly receivedAt: number
  /** Its data in canonical form; undefined: it has none. */
  readonly told: string | undefined
}

export class Intake {
  readonly #options: Required<IntakeOptions>
  readonly #validator = new DataValidator()

  constructor(options: IntakeOptions) {
    this.#options = { maxBytes: 1_048_576, maxDepth: 64, ...options }
  }

  /**
   * @param openTypes whether the tenant accepts types that are not in the catalogue.
   * @throws InvalidInput `invalid_event`, `unknown_type`, `invalid_data`, `too_large`, `too_deep`, `forbidden_key`;
   *   AccessDenied `forbidden` for another tenant's event, or one of Tocsin's own.
   */
  receive(input: EventInput, caller: Principal, openTypes: boolean): Received {
    checkAttributes(input)
    checkReserved(input.type, caller)
    const definition = this.#definition(input.type, openTypes)
    const told = this.#told(input)
    const hash = sha256(this.#canonical(input, told))
    if (definition) this.#validator.check(definition, asJson(input.data))
    const receivedAt = this.#options.now()
    return {
      event: this.#stamp(input, definition, caller, receivedAt),
      hash,
      named: input.id !== undefined,
      receivedAt,
      told,
    }
  }

  /**
   * Whether an event that a judge changed is one still. What was wrong before is not the judge's doing: we lay the state before
   * an event to it.
   * @throws InvalidInput as `receive`
   */
  recheck(event: AnyEvent, before: AnyEvent): void {
    const flaw = this.#flawOf(event)
    if (flaw !== null && this.#flawOf(before) === null) throw flaw
  }

  #flawOf(event: AnyEvent): unknown {
    try {
      checkAttributes(event)
      this.#canonical(event, this.#told(event))
      const definition = this.#options.catalogue.get(event.type)
      if (definition) this.#validator.check(definition, asJson(event.data))
      return null
    } catch (error) {
      return error
    }
  }

  #definition(type: string, openTypes: boolean): TypeDefinition | undefined {
    const definition = this.#options.catalogue.get(type)
    if (definition?.addressed)
      throw new InvalidInput('unknown_type', `Events of the type ${JSON.stringify(type)} are not published.`, {
        field: 'type',
        expected: 'another type: these are messages of a protocol, which sends them itself',
      })
    if (definition || openTypes) return definition
    throw new InvalidInput('unknown_type', `The event type ${JSON.stringify(type)} is not in the catalogue.`, {
      field: 'type',
      expected: 'a type that GET /v1/types lists, or a tenant with open types',
    })
  }

  #told({ data }: EventInput): string | undefined {
    if (data === undefined) return undefined
    return canonical(asJson(data), 'data', this.#options.maxDepth - 1)
  }

  #canonical(input: EventInput, told: string | undefined): string {
    const { maxBytes, maxDepth } = this.#options
    const text = canonical(input, '', maxDepth, told === undefined ? undefined : { key: 'data', text: told })
    if (text.length > maxBytes || (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)) {
      throw new InvalidInput('too_large', 'The event is too large.', { expected: `at most ${maxBytes} bytes` })
    }
    return text
  }

  #stamp(input: EventInput, definition: TypeDefinition | undefined, caller: Principal, receivedAt: number): AnyEvent {
    if (input.tenant !== undefined && input.tenant !== caller.tenant) {
      throw new AccessDenied('forbidden', 'The event names another tenant than the key.', {
        field: 'tenant',
        expected: caller.tenant,
      })
    }
    if (input.sequence !== undefined) {
      throw new InvalidInput('invalid_event', 'The sequence is given at admission.', {
        field: 'sequence',
        expected: 'no sequence',
      })
    }
    return {
      ...definition?.defaults,
      ...input,
      id: input.id ?? this.#options.newId(),
      source: input.source ?? `/${caller.name}`,
      time: input.time ?? new Date(receivedAt).toISOString(),
      tenant: caller.tenant,
    }
  }
}

/** Operators act on what Tocsin itself tells, so nobody else tells it in its name. They may, to try what listens. */
function checkReserved(type: string, caller: Principal): void {
  if (!type.startsWith('tocsin.') || hasRole(caller, 'operator')) return
  throw new AccessDenied('forbidden', 'Only operators publish what Tocsin itself tells.', {
    field: 'type',
    expected: 'a type that does not begin with tocsin.',
  })
}

/** Bytes are data too (CloudEvents JSON format, section 3.1.1): to hash and schema they are their base64. */
const asJson = (data: unknown): unknown => (data instanceof Uint8Array ? Buffer.from(data).toString('base64') : data)
