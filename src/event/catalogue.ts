/**
 * The catalogue: which event types there are, what their data looks like, which native type each is a case of.
 */
import { InvalidInput } from '../errors.js'

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

export type Category = 'device' | 'credential' | 'request' | 'user' | 'workflow' | 'resource' | 'registry' | 'tocsin'

export interface TypeDefinition {
  /** `noun.verb`, a profile's own name under its prefix, or a URI. */
  readonly name: string
  readonly title: string
  /** Of the schema, as its authors count: `1.0` if it says none. An incompatible change needs a higher one. */
  readonly version?: string
  readonly category: Category
  /** The native type this is a case of, for a profile's own name. */
  readonly caseOf?: string
  /** Schema of `data`; absent: any object. */
  readonly schema?: JsonSchema
  /** Data fields (dotted paths) that redaction removes; as the catalogue gives it, with those of all classes. */
  readonly sensitive?: readonly string[]
  /** Which of them are of which class, by its name: a subscription may see some classes. What is in none is of the class `sensitive`. */
  readonly classes?: Readonly<Record<string, readonly string[]>>
  readonly defaults?: { readonly priority?: 'high' | 'normal'; readonly phase?: 'pre' | 'post' }
  /** What an event of this type is about when the registry does not know its subject: a resource type. */
  readonly resourceType?: string
  /**
   * Data fields (dotted paths) that only tell the present state or name the message itself (`content`, `requestId`): two
   * events that differ in nothing else are alike.
   */
  readonly state?: readonly string[]
  /** False: the type refuses asynchronous processors. */
  readonly asynchronous?: false
  /** Its events are messages that name the subscriptions they are for: nobody publishes them to whom it may concern. */
  readonly addressed?: true
  /** Where the fact that this type exists is documented. */
  readonly documentation?: string
}

/** Visible ASCII without `*`, which patterns use. */
const NAME = /^[!-)+-~]+$/

/** The types an instance knows: the native ones and those of its profiles. */
export class TypeCatalogue {
  readonly #coded: readonly TypeDefinition[]
  #types: ReadonlyMap<string, TypeDefinition> = new Map()
  #lineages: ReadonlyMap<string, readonly string[]> = new Map()
  #own: readonly TypeDefinition[] = []

  /** @throws InvalidInput `invalid_config` for a bad or double name and for a `caseOf` that is no native type here. */
  constructor(definitions: readonly TypeDefinition[]) {
    this.#coded = definitions
    this.#lay([])
  }

  /** Those that were defined at run time. */
  get own(): readonly TypeDefinition[] {
    return this.#own
  }

  /** The same types with others of the instance's own: to look before one leaps. @throws InvalidInput `invalid_config` */
  with(own: readonly TypeDefinition[]): TypeCatalogue {
    const other = new TypeCatalogue(this.#coded)
    other.#lay(own)
    return other
  }

  /** The instance's own types are these from now on. @throws InvalidInput `invalid_config`; then nothing is changed */
  replaceOwn(own: readonly TypeDefinition[]): void {
    this.#lay(own)
  }

  /** Whether the code defines it. */
  isCoded(name: string): boolean {
    return this.#types.has(name) && !this.#own.some((each) => each.name === name)
  }

  #lay(own: readonly TypeDefinition[]): void {
    const definitions = [...this.#coded, ...own]
    const types = byName(definitions)
    definitions.forEach((definition, index) => {
      checkCaseOf(definition, index, types)
    })
    this.#types = types
    this.#lineages = new Map(definitions.map((definition) => [definition.name, lineageOf(definition)]))
    this.#own = own
  }

  get(name: string): TypeDefinition | undefined {
    return this.#types.get(name)
  }

  /** In the order in which they were defined. */
  list(): readonly TypeDefinition[] {
    return [...this.#types.values()]
  }

  /** The type itself, then the native type it is a case of. A type that is not known has itself alone. */
  lineage(name: string): readonly string[] {
    return this.#lineages.get(name) ?? [name]
  }
}

const lineageOf = ({ name, caseOf }: TypeDefinition): readonly string[] =>
  caseOf === undefined ? [name] : [name, caseOf]

function byName(definitions: readonly TypeDefinition[]): ReadonlyMap<string, TypeDefinition> {
  const types = new Map<string, TypeDefinition>()
  definitions.forEach((definition, index) => {
    const { name } = definition
    if (!NAME.test(name))
      throw wrong(index, 'name', `${JSON.stringify(name)} is no event type name`, 'visible ASCII without *')
    if (types.has(name)) throw wrong(index, 'name', `The event type ${name} is defined twice`, 'a name of its own')
    types.set(name, withClassed(definition))
  })
  return types
}

/** What is of a class is sensitive, whether or not that is said too. */
function withClassed(definition: TypeDefinition): TypeDefinition {
  const { sensitive = [], classes } = definition
  if (classes === undefined) return definition
  return { ...definition, sensitive: [...new Set([...sensitive, ...Object.values(classes).flat()])] }
}

/** The class of what is sensitive and of no other. */
export const SENSITIVE = 'sensitive'

/** The classes of fields that these types name. */
export const classesOf = (types: readonly Pick<TypeDefinition, 'classes'>[]): readonly string[] => [
  ...new Set([SENSITIVE, ...types.flatMap(({ classes = {} }) => Object.keys(classes))]),
]

function checkCaseOf(
  { name, caseOf }: TypeDefinition,
  index: number,
  types: ReadonlyMap<string, TypeDefinition>,
): void {
  if (caseOf === undefined) return
  const native = types.get(caseOf)
  if (!native)
    throw wrong(index, 'caseOf', `${name} is a case of ${caseOf}, which is not defined`, 'a type of this catalogue')
  // One step only: a subscription hears a type by its own name and by one native name.
  if (native.caseOf !== undefined) {
    throw wrong(index, 'caseOf', `${name} is a case of ${caseOf}, itself a case of ${native.caseOf}`, native.caseOf)
  }
}

const wrong = (index: number, member: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_config', `${message}.`, { field: `catalogue[${index}].${member}`, expected })
