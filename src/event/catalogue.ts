/**
 * The catalogue: which event types there are, what their data looks like, which native type each is a case of.
 */

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

export type Category = 'device' | 'credential' | 'request' | 'user' | 'workflow' | 'resource' | 'registry' | 'tocsin'

export interface TypeDefinition {
  /** `noun.verb`, a profile's own name under its prefix, or a URI. */
  readonly name: string
  readonly title: string
  readonly category: Category
  /** The native type this is a case of, for a profile's own name. */
  readonly caseOf?: string
  /** Schema of `data`; absent: any object. */
  readonly schema?: JsonSchema
  /** Data fields (dotted paths) that the redaction class `sensitive` removes. */
  readonly sensitive?: readonly string[]
  readonly defaults?: { readonly priority?: 'high' | 'normal'; readonly phase?: 'pre' | 'post' }
  /** False: the type refuses asynchronous processors. */
  readonly asynchronous?: false
  /** Where the fact that this type exists is documented. */
  readonly documentation?: string
}
