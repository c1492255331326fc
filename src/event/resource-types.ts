/**
 * The types of resources, which may implement one another: who asks for a base type means all that implement it.
 */
import { InvalidInput } from '../errors.js'
import type { JsonSchema } from './catalogue.js'

export interface ResourceTypeDefinition {
  /** `identity-role`, `http://aps-standard.org/types/core/user/1.0`, ... */
  readonly name: string
  readonly title?: string
  /** Base types, by name. */
  readonly implements?: readonly string[]
  /** Of the type, as its authors count; a change that its users would notice is a type with another name. */
  readonly version?: string
  /** Schema of `properties`; absent: any object. What a base type says of them holds too. */
  readonly schema?: JsonSchema
}

/** What a customer has bought: it can be bound to a domain, its limits change, it is renewed. */
export const SUBSCRIPTION_TYPE = 'subscription'

/** Those that Tocsin itself knows. */
export const NATIVE_RESOURCE_TYPES: readonly ResourceTypeDefinition[] = [
  {
    name: SUBSCRIPTION_TYPE,
    title: 'What a customer has bought',
    schema: { type: 'object', properties: { limits: { type: 'object', description: 'The limits by name.' } } },
  },
]

/** Visible ASCII without `*`, which patterns use. */
const NAME = /^[!-)+-~]+$/

/** The resource types an instance knows. A type that is not known stands for itself alone. */
export class ResourceTypes {
  readonly #coded: readonly ResourceTypeDefinition[]
  #types: ReadonlyMap<string, ResourceTypeDefinition> = new Map()
  #lineages: ReadonlyMap<string, readonly string[]> = new Map()
  #own: readonly ResourceTypeDefinition[] = []

  /** @throws InvalidInput `invalid_config` for a bad or double name and for types that implement one another in a circle. */
  constructor(definitions: readonly ResourceTypeDefinition[]) {
    this.#coded = definitions
    this.#lay([])
  }

  /** Those that were defined at run time. */
  get own(): readonly ResourceTypeDefinition[] {
    return this.#own
  }

  /** The same types with others of the instance's own: to look before one leaps. @throws InvalidInput `invalid_config` */
  with(own: readonly ResourceTypeDefinition[]): ResourceTypes {
    const other = new ResourceTypes(this.#coded)
    other.#lay(own)
    return other
  }

  /** The instance's own types are these from now on. @throws InvalidInput `invalid_config`; then nothing is changed */
  replaceOwn(own: readonly ResourceTypeDefinition[]): void {
    this.#lay(own)
  }

  /** Whether the code defines it. */
  isCoded(name: string): boolean {
    return this.#types.has(name) && !this.#own.some((each) => each.name === name)
  }

  #lay(own: readonly ResourceTypeDefinition[]): void {
    const definitions = [...this.#coded, ...own]
    const types = byName(definitions)
    const lineages = new Map(definitions.map(({ name }, index) => [name, lineageOf(name, types, index)]))
    this.#types = types
    this.#lineages = lineages
    this.#own = own
  }

  get(name: string): ResourceTypeDefinition | undefined {
    return this.#types.get(name)
  }

  /** In the order in which they were defined. */
  list(): readonly ResourceTypeDefinition[] {
    return [...this.#types.values()]
  }

  /** The type itself, then every type it implements, those of its own first. */
  lineage(name: string): readonly string[] {
    return this.#lineages.get(name) ?? [name]
  }
}

function byName(definitions: readonly ResourceTypeDefinition[]): ReadonlyMap<string, ResourceTypeDefinition> {
  const types = new Map<string, ResourceTypeDefinition>()
  definitions.forEach((definition, index) => {
    const { name } = definition
    if (!NAME.test(name))
      throw wrong(index, 'name', `${JSON.stringify(name)} is no resource type name`, 'visible ASCII without *')
    if (types.has(name)) throw wrong(index, 'name', `The resource type ${name} is defined twice`, 'a name of its own')
    types.set(name, definition)
  })
  return types
}

/** Breadth first; a base type that nobody defined counts by its name. */
function lineageOf(name: string, types: ReadonlyMap<string, ResourceTypeDefinition>, index: number): readonly string[] {
  const lineage = [name]
  for (const each of lineage) {
    for (const base of types.get(each)?.implements ?? []) {
      if (base === name)
        throw wrong(index, 'implements', `${name} implements itself, by ${each}`, 'types that do not lead back')
      if (!lineage.includes(base)) lineage.push(base)
    }
  }
  return lineage
}

const wrong = (index: number, member: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_config', `${message}.`, { field: `resourceTypes[${index}].${member}`, expected })
