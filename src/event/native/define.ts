/**
 * How native types are written down. A name is `noun.verb`: the noun, which is the category, in the singular; the verb in
 * the past tense (or the state reached: `available`); several words in kebab case (`device.pin-rolled-over`,
 * `workflow.step-run`). The noun `registry` stands for a record of a registry. Tocsin's own are `tocsin.noun.verb`.
 *
 * Every field of `data` is optional and others are allowed, as no two systems know the same about a change; what a field
 * holds, where it is given, is checked. A secret is never a field: no PIN, unlock code, password or key.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import type { Category, JsonSchema, TypeDefinition } from '../catalogue.js'
import type { KnownType, TypedData } from '../types.js'

export const text = (description: string) => Type.String({ description })
export const count = (description: string) => Type.Integer({ minimum: 0, description })
export const yes = (description: string) => Type.Boolean({ description })
export const moment = (description: string) => Type.String({ format: 'date-time', description })
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const anyObject = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description })

const patch = Type.Array(
  Type.Object({
    op: Type.Enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
    path: Type.String(),
    from: Type.Optional(Type.String()),
    value: Type.Optional(Type.Unknown()),
  }),
  { description: 'What changed: a JSON Patch (RFC 6902) from `before` to now' },
)

/** What any change may say about itself. */
const common = {
  reason: text('Why it was done, as the system says it'),
  error: text('What went wrong, when the outcome is `failure`'),
  requestId: text('The request that led to it'),
  startedAt: moment('When the operation began'),
  completedAt: moment('When the operation ended'),
  before: anyObject('The state before the change'),
  changes: patch,
}

/** They name the message, not what it says. */
const OF_THE_MESSAGE = ['requestId', 'startedAt', 'completedAt']

/** The schema of `data` with its own fields alone. */
export const onlyFields = <T extends TProperties>(own: T) => Type.Partial(Type.Object(own))

/** The schema of `data` with the common fields and its own. */
export const fields = <T extends TProperties>(own: T) => onlyFields({ ...common, ...own })

/** Nouns that are types of resources. What a registry keeps and `resource.*` tells of may be anything. */
const RESOURCE_TYPES: readonly string[] = ['device', 'credential', 'request', 'user']

interface Details {
  /** Fields that only tell the present state. */
  readonly state?: readonly string[]
  /** Fields that tell about a person or hold what a system keeps in free form. */
  readonly sensitive?: readonly string[]
  /** Further ones, by class. */
  readonly classes?: Readonly<Record<string, readonly string[]>>
  /** It takes access away, so it does not wait behind bulk changes. */
  readonly urgent?: true
  /** It tells of a removal: nothing is left for a later processor to work on (CzechIdM's rule for DELETE). */
  readonly removal?: true
}

/** One native type; the compiler holds the schema against the type declared in the catalogue. */
export function native<N extends KnownType, S extends TSchema>(
  name: N,
  title: string,
  schema: S & (Static<S> extends TypedData<N> ? unknown : never),
  { state = [], sensitive = [], classes, urgent, removal }: Details = {},
): TypeDefinition & { readonly name: N } {
  const category = categoryOf(name)
  const hidden = [...sensitive, ...Object.values(classes ?? {}).flat()]
  const told = OF_THE_MESSAGE.filter((field) => field in propertiesOf(schema))
  return {
    name,
    title,
    category,
    schema: plain(schema),
    ...(RESOURCE_TYPES.includes(category) && { resourceType: category }),
    ...(told.length + state.length > 0 && { state: [...told, ...state] }),
    ...(hidden.length > 0 && { sensitive: hidden }),
    ...(classes && { classes }),
    ...(urgent && { defaults: { priority: 'high' as const } }),
    ...(removal && { asynchronous: false as const }),
  }
}

const propertiesOf = (schema: TSchema): object => ('properties' in schema ? Object(schema.properties) : {})

const plain = (schema: TSchema): JsonSchema => ({ ...schema })

const CATEGORIES: readonly Category[] = [
  'device',
  'credential',
  'request',
  'user',
  'workflow',
  'resource',
  'registry',
  'tocsin',
]

function categoryOf(name: string): Category {
  const category = CATEGORIES.find((each) => name.startsWith(`${each}.`))
  if (!category) throw new TypeError(`${name} begins with no category.`)
  return category
}
