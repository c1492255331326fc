/**
 * What a subscriber sends, checked against one schema, its defaults filled, its secrets split off.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import Type, { type Static } from 'typebox'
import { classesOf, type TypeDefinition } from '../event/catalogue.js'
import { checkKnownTypes } from '../event/known-types.js'
import { hint } from '../event/nearest.js'
import { invalid, schemaError } from '../event/schema-error.js'
import { uniqueByText } from '../event/unique-items.js'
import { canonical } from '../intake/canonical.js'
import { isObject } from '../json-object.js'
import { mergePatch } from '../registry/patch.js'
import { compileCel } from './cel.js'
import { parseFilters } from './filter-schema.js'
import type { RetrySchedule, SubscriptionSpec } from './subscription.js'
import { joinSecrets, splitSecrets, type TargetSecrets } from './target-secrets.js'

const DAY = 86_400_000

const Id = Type.String({ minLength: 1, maxLength: 2048 })

const Delay = (title: string, description: string) => Type.Integer({ minimum: 1, maximum: 7 * DAY, title, description })

/** The shape of what a subscriber sends. What has alternatives is checked by hand, for the sake of its errors. */
export const SubscriptionInput = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\p{Cc}]*$' }),
    types: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: 200, uniqueItems: true }),
    source: Type.Optional(
      Type.Object(
        { id: Type.Optional(Id), type: Type.Optional(Id) },
        { additionalProperties: false, minProperties: 1 },
      ),
    ),
    relation: Type.Optional(Type.String({ maxLength: 200 })),
    filters: Type.Optional(Type.Unknown()),
    notSelf: Type.Optional(Type.Boolean()),
    format: Type.Optional(Type.String()),
    payload: Type.Optional(Type.Unknown()),
    redaction: Type.Optional(Type.Enum(['none', 'sensitive'])),
    sees: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        ...{ maxItems: 50, uniqueItems: true },
        description: 'Classes of sensitive fields that it sees all the same.',
      }),
    ),
    transport: Type.String(),
    target: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    retry: Type.Optional(
      Type.Object(
        {
          attempts: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 100,
              title: 'Tries',
              description: 'Tries before an event is given up.',
            }),
          ),
          firstDelay: Type.Optional(Delay('First wait', 'Milliseconds before the second try; doubled each time.')),
          maxDelay: Type.Optional(Delay('Longest wait', 'Milliseconds between two tries at most.')),
          delays: Type.Optional(
            Type.Array(Type.Integer({ minimum: 1, maximum: 7 * DAY }), {
              ...{ minItems: 1, maxItems: 99, title: 'Waits' },
              description: 'Milliseconds before each further try, instead of doubling.',
            }),
          ),
        },
        {
          additionalProperties: false,
          title: 'Trying again',
          description: 'When it is tried again. Default: ten tries over three days.',
        },
      ),
    ),
    disableAfter: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: 1_000_000, title: 'Disable after' },
        description: 'Failures in a row after which the subscription is disabled.',
      }),
    ),
    record: Type.Optional(
      Type.Enum(['failures', 'all'], {
        title: 'Record',
        description: 'Of which attempts the request and the answer are kept.',
      }),
    ),
    timeout: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 300_000,
        title: 'Time for one try',
        description: 'Milliseconds one attempt may take.',
      }),
    ),
    concurrency: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, title: 'At once', description: 'Attempts at once, on each node.' }),
    ),
    rate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 10_000,
        title: 'Pace',
        description: 'Attempts in a second at most.',
      }),
    ),
    delivery: Type.Optional(
      Type.Enum(['tasks', 'log'], {
        title: 'Told by',
        description: 'tasks, one for each event; or the log, which it reads itself by a cursor. Default tasks.',
      }),
    ),
    order: Type.Optional(
      Type.Enum(['strict', 'latest', 'none'], {
        title: 'Order',
        description:
          'Events with one key: strict, each after the one before; latest, older ones of a type that wait are dropped; none. Default strict.',
      }),
    ),
    duplicates: Type.Optional(
      Type.Enum(['keep', 'remove'], {
        title: 'Duplicates',
        description: 'Whether of events alike that wait only the newest is told. Default keep.',
      }),
    ),
    digest: Type.Optional(
      Type.Object(
        {
          window: Type.Integer({
            minimum: 1_000,
            maximum: 7 * DAY,
            title: 'Window',
            description: 'Milliseconds the first event waits for others.',
          }),
          max: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000,
              title: 'At most',
              description: 'Events in one message at most. Default 100.',
            }),
          ),
        },
        {
          additionalProperties: false,
          title: 'Several in one message',
          description: 'Events of a window in one message.',
        },
      ),
    ),
    scope: Type.Optional(Type.Unknown()),
    start: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
)

type Input = Static<typeof SubscriptionInput>

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
/** Over three days, as Standard Webhooks suggests (specification 1.0, "Deliverability and reliability"). */
const STANDARD_DELAYS: readonly number[] = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
]
export const DEFAULT_RETRY: RetrySchedule = {
  attempts: STANDARD_DELAYS.length + 1,
  firstDelay: 5 * SECOND,
  maxDelay: DAY,
  delays: STANDARD_DELAYS,
}
/** Where the first or the greatest delay is said, and no list. */
const DOUBLING: RetrySchedule = { attempts: 10, firstDelay: SECOND, maxDelay: HOUR }
/** A reader of the log is held by what fails, so it is patient: about four days. */
const DEFAULT_RETRY_OF_LOG: RetrySchedule = { ...DOUBLING, attempts: 100 }

const DIGEST_MAX = 100

/** What is asked of a transport to validate its target; `transports/transport.ts` describes more. */
export interface TransportShape {
  readonly name: string
  /** JSON Schema, draft 2020-12. */
  readonly target: Readonly<Record<string, unknown>>
  readonly defaultFormat: string
  /**
   * It can say several events in one message; with `format`, only as that writes them. `member` of a target asks for that without
   * a digest.
   */
  readonly digest?: { readonly format?: string; readonly member?: string }
}

/** What a format asks of its subscriptions. */
export interface FormatShape {
  /** @throws InvalidInput with the field */
  check?(spec: Pick<SubscriptionSpec, 'filters' | 'payload'>): void
}

/** What a `Map` or `Set` by name offers. */
export interface Named {
  has(name: string): boolean
  keys(): Iterable<string>
}

export interface SpecContext<T extends TransportShape = TransportShape> {
  readonly transports: Named & { get(name: string): T | undefined }
  readonly formats: Named & { get(name: string): FormatShape | undefined }
  readonly catalogue: { list(): readonly Pick<TypeDefinition, 'name' | 'classes'>[] }
  /** The tenant accepts types that are not in the catalogue: any pattern may come true. */
  readonly openTypes: boolean
  /** The scope if none is named. */
  readonly scope: SubscriptionSpec['scope']
  /** The redaction if none is named. */
  readonly redaction: SubscriptionSpec['redaction']
}

export interface ParsedSpec {
  /** Its target is without secrets. */
  readonly spec: SubscriptionSpec
  readonly secrets: TargetSecrets
}

/** Made when first needed: that takes long, and many a process never reads a subscription's input. */
let compiler: Ajv2020 | undefined
const validators = new WeakMap<object, ValidateFunction>()

function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema)
  if (known) return known
  compiler ??= addFormats.default(uniqueByText(new Ajv2020({ strict: false, allErrors: false, verbose: true })))
  const validate = compiler.compile(schema)
  validators.set(schema, validate)
  return validate
}

const isInput = (input: unknown): input is Input => validatorOf(SubscriptionInput)(input) === true

/** @throws InvalidInput `invalid_request`, `invalid_filter`, `too_deep`, `forbidden_key` with the field. */
export function parseSpec(input: unknown, context: SpecContext): ParsedSpec {
  canonical(input, '')
  if (!isInput(input)) throw schemaError(validatorOf(SubscriptionInput).errors?.[0], '')
  const transport = known(input.transport, context.transports, 'transport')
  const { target, secrets } = parseTarget(input.target ?? {}, transport)
  const format = input.format === undefined ? undefined : known(input.format, context.formats, 'format')
  checkTypes(input.types, context)
  checkSees(input, context)
  if (input.digest !== undefined) checkForDigest(input, transport, context)
  if (transport.digest?.member !== undefined && transport.digest.member in target) checkFormat(input, transport)
  if (input.transport === 'pull') checkForPull(input)
  const spec = specOf(input, target, context)
  format?.check?.(spec)
  return { spec, secrets }
}

/**
 * An update (RFC 7396) laid over what is there, to be parsed anew. Secrets it does not mention stay, unless
 * another transport is named: its target begins empty.
 * @throws InvalidInput `invalid_request`
 */
export function mergeSpec(old: ParsedSpec, patch: unknown): Readonly<Record<string, unknown>> {
  canonical(patch, '')
  if (!isObject(patch)) throw invalid('The update is not an object.', '', 'an object of the fields to change')
  if ('start' in patch && patch.start !== old.spec.start)
    throw invalid('A subscription starts once.', 'start', 'no start; replay tells it past events')
  if ('delivery' in patch && patch.delivery !== old.spec.delivery)
    throw invalid('How a subscription is told is chosen once.', 'delivery', 'a new subscription')
  const moved = 'transport' in patch && patch.transport !== old.spec.transport
  const target = moved ? {} : joinSecrets(old.spec.target, old.secrets)
  return mergePatch({ ...old.spec, target, retry: retryUnder(old.spec.retry, patch) }, patch)
}

/** A list of delays stands instead of what was there. */
function retryUnder(retry: RetrySchedule, patch: Readonly<Record<string, unknown>>): Partial<RetrySchedule> {
  const { firstDelay: _first, maxDelay: _longest, ...others } = retry
  return isObject(patch.retry) && Array.isArray(patch.retry.delays) ? others : retry
}

function specOf(input: Input, target: SubscriptionSpec['target'], context: SpecContext): SubscriptionSpec {
  const {
    name,
    types,
    source,
    format,
    rate,
    disableAfter,
    record,
    digest,
    sees,
    transport,
    relation = '',
    delivery = 'tasks',
  } = input
  if (delivery === 'log') checkForLog(input)
  return {
    name,
    types,
    ...(source && { source }),
    // An empty relation is none: APS clients send one.
    ...(relation !== '' && { relation }),
    filters: input.filters === undefined ? [] : parseFilters(input.filters),
    notSelf: input.notSelf ?? false,
    ...(format !== undefined && { format }),
    payload: parsePayload(input.payload ?? 'full'),
    redaction: input.redaction ?? (sees === undefined ? context.redaction : 'sensitive'),
    ...(sees !== undefined && { sees }),
    transport,
    target,
    retry: parseRetry(input.retry, delivery === 'log' ? DEFAULT_RETRY_OF_LOG : DEFAULT_RETRY),
    ...(disableAfter !== undefined && { disableAfter }),
    ...(record !== undefined && { record }),
    timeout: input.timeout ?? 15_000,
    concurrency: input.concurrency ?? (delivery === 'log' && input.order !== 'none' ? 1 : 10),
    ...(rate !== undefined && { rate }),
    delivery,
    order: input.order ?? 'strict',
    duplicates: input.duplicates ?? 'keep',
    ...(digest !== undefined && { digest: { max: DIGEST_MAX, ...digest } }),
    scope: input.scope === undefined ? context.scope : parseScope(input.scope),
    start: parseStart(input.start ?? 'now'),
  }
}

/** What an instance has only where its operator says so, by its name. */
const OPENED: ReadonlyMap<string, string> = new Map([
  ['file', ' The operator opened no folder for files: that is files.root in the settings.'],
])

function known<T>(name: string, names: Pick<Named, 'keys'> & { get(name: string): T | undefined }, field: string): T {
  const found = names.get(name)
  if (found !== undefined) return found
  const all = [...names.keys()]
  const meant = OPENED.get(name) ?? hint(name, all)
  throw invalid(
    `There is no ${field} ${JSON.stringify(name.slice(0, 100))}.${meant}`,
    field,
    `one of ${all.join(', ')}`,
  )
}

function parseTarget(target: Input['target'] & object, { target: schema }: TransportShape) {
  const validate = validatorOf(schema)
  if (!validate(target)) throw schemaError(validate.errors?.[0], 'target')
  return splitSecrets(target, schema)
}

const isUri = (type: string): boolean => /^[a-z][a-z0-9+.-]*:\S+$/i.test(type)

function checkTypes(patterns: readonly string[], { catalogue, openTypes }: SpecContext): void {
  patterns.forEach((pattern, index) => {
    checkPattern(pattern, `types[${index}]`)
  })
  const names = catalogue.list().map((type) => type.name)
  if (!openTypes) checkKnownTypes(patterns, names, 'types')
}

/** @throws InvalidInput for a class that no type has, and where nothing is hidden that could be seen. */
function checkSees({ sees = [], redaction }: Input, { catalogue }: SpecContext): void {
  if (sees.length > 0 && redaction === 'none')
    throw invalid(
      'Nothing is hidden from it, so there are no classes to name.',
      'sees',
      'none, or redaction "sensitive"',
    )
  const classes = classesOf(catalogue.list())
  sees.forEach((name, index) => {
    if (classes.includes(name)) return
    const message = `No type has fields of the class ${JSON.stringify(name)}.${hint(name, classes)}`
    throw invalid(message, `sees[${index}]`, `one of ${classes.join(', ')}`)
  })
}

function checkPattern(pattern: string, field: string): void {
  const name = pattern.endsWith('.*') && !isUri(pattern) ? pattern.slice(0, -2) : pattern
  if (pattern === '*' || /^[!-)+-~]+$/.test(name)) return
  const shown = JSON.stringify(pattern.slice(0, 100))
  throw invalid(
    `${shown} is not a pattern of types.`,
    field,
    'a type such as credential.revoked, credential.*, a URI or *',
  )
}

function parsePayload(payload: unknown): SubscriptionSpec['payload'] {
  if (payload === 'full' || payload === 'thin') return payload
  if (isObject(payload) && typeof payload.cel === 'string' && Object.keys(payload).length === 1) {
    compileCel(payload.cel, 'payload', 'payload.cel')
    return { cel: payload.cel }
  }
  throw invalid('The payload is not one we know.', 'payload', '"full", "thin" or { "cel": "an expression" }')
}

/** Whoever reads the log is told each event by itself, one after the other or side by side: what says otherwise cannot be kept. */
function checkForLog({ order, duplicates, concurrency, transport, disableAfter, digest }: Input): void {
  const wrong = (field: string, expected: string) =>
    invalid(
      'A subscription that reads the log is told each event by itself, in sequence unless its order is none.',
      field,
      expected,
    )
  if (order === 'latest') throw wrong('order', '"strict" or "none"')
  if (duplicates === 'remove') throw wrong('duplicates', '"keep"')
  if (order !== 'none' && concurrency !== undefined && concurrency !== 1)
    throw wrong('concurrency', '1, or order "none"')
  if (digest !== undefined) throw wrong('digest', 'none, or delivery "tasks"')
  if (disableAfter !== undefined) throw invalid('What fails pauses it.', 'disableAfter', 'retry.attempts')
  if (transport === 'pull') throw invalid('Pulled tasks are no log.', 'delivery', '"tasks", or another transport')
}

function checkForDigest(input: Input, transport: TransportShape, context: SpecContext) {
  const { order } = input
  const { name, digest } = transport
  if (digest === undefined) {
    const able = [...context.transports.keys()].filter((each) => context.transports.get(each)?.digest !== undefined)
    throw invalid(
      `The transport ${name} tells one event at a time.`,
      'digest',
      `none, or a transport of ${able.join(', ')}`,
    )
  }
  if (order === 'latest')
    throw invalid('A digest tells all events of its window.', 'order', '"strict" or "none"; duplicates may be removed')
  checkFormat(input, transport)
}

function checkFormat({ format }: Input, { digest, defaultFormat }: TransportShape): void {
  if (digest?.format !== undefined && (format ?? defaultFormat) !== digest.format)
    throw invalid('This format writes one event.', 'format', `${JSON.stringify(digest.format)}, which holds several`)
}

/** Who pulls takes what it wants, when it wants. */
function checkForPull({ rate, disableAfter }: Input): void {
  if (rate !== undefined) throw invalid('Who pulls says how fast.', 'rate', 'none, or another transport')
  if (disableAfter !== undefined)
    throw invalid('Nothing that is pulled fails.', 'disableAfter', 'none, or another transport')
}

function parseRetry(given: Input['retry'], defaults: RetrySchedule): RetrySchedule {
  if (given?.delays !== undefined) return parseDelays(given.delays, given)
  const doubles = given?.firstDelay !== undefined || given?.maxDelay !== undefined
  const retry = { ...(doubles ? { ...DOUBLING, attempts: defaults.attempts } : defaults), ...given }
  if (retry.firstDelay <= retry.maxDelay) return retry
  throw invalid('The longest delay is below the first.', 'retry.maxDelay', `at least ${retry.firstDelay}`)
}

/** One way or the other: what a list says of delays is not said again otherwise. More attempts wait as long as the last. */
function parseDelays(delays: readonly number[], given: Partial<RetrySchedule>): RetrySchedule {
  const [firstDelay = 0] = delays
  const { attempts = delays.length + 1 } = given
  const retry = { attempts, firstDelay, maxDelay: Math.max(...delays), delays }
  const other = (['firstDelay', 'maxDelay'] as const).find(
    (name) => given[name] !== undefined && given[name] !== retry[name],
  )
  if (other === undefined) return retry
  throw invalid(
    'The list of delays says this already.',
    `retry.${other}`,
    'delays without them, or them and "delays": null',
  )
}

function parseScope(scope: unknown): SubscriptionSpec['scope'] {
  if (scope === 'tenant') return scope
  const resource = isObject(scope) && Object.keys(scope).length === 1 ? scope.resource : undefined
  if (typeof resource === 'string' && resource !== '' && resource.length <= 2048) return { resource }
  throw invalid('The scope is not one we know.', 'scope', '"tenant" or { "resource": "its id" }')
}

/** RFC 3339, section 5.6. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

export function parseStart(start: unknown, field = 'start'): SubscriptionSpec['start'] {
  if (start === 'now' || start === 'earliest') return start
  if (typeof start === 'number' && Number.isSafeInteger(start) && start >= 0) return start
  if (typeof start === 'string' && /^\d{1,20}$/.test(start) && Number.isSafeInteger(Number(start))) return Number(start)
  if (typeof start === 'string' && TIME.test(start) && !Number.isNaN(Date.parse(start))) return start
  throw invalid(`The ${field} is no place in the log.`, field, '"now", "earliest", a time (RFC 3339) or a sequence')
}
