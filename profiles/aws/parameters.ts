/**
 * What a caller sent, field by field.
 */
import { isObject } from '../../src/index.js'
import { AwsError } from './aws-error.js'

export type Json = Readonly<Record<string, unknown>>

export class Parameters {
  readonly fields: Json
  readonly #path: string

  constructor(fields: Json, path = '') {
    this.fields = fields
    this.#path = path
  }

  /** @throws AwsError for one that is not known: what would be ignored is refused */
  only(...names: readonly string[]): this {
    const stranger = Object.keys(this.fields).find((name) => !names.includes(name))
    if (stranger === undefined) return this
    throw invalid(`${this.at(stranger)} is not supported here.`)
  }

  at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  get(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? (this.fields[name] ?? undefined) : undefined
  }

  text(name: string): string {
    const value = this.optionalText(name)
    if (value !== undefined && value !== '') return value
    throw new AwsError('MissingParameter', `The request must contain the parameter ${this.at(name)}.`)
  }

  optionalText(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw invalid(`${this.at(name)} must be a string.`)
  }

  /** A number, or its digits: the query protocol has nothing else. */
  optionalNumber(name: string, least: number, most: number): number | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
    throw invalid(`${this.at(name)} must be a whole number from ${least} to ${most}.`)
  }

  number(name: string, least: number, most: number): number {
    const value = this.optionalNumber(name, least, most)
    if (value !== undefined) return value
    throw new AwsError('MissingParameter', `The request must contain the parameter ${this.at(name)}.`)
  }

  optionalFlag(name: string): boolean {
    const value = this.get(name)
    if (value === undefined) return false
    if (typeof value === 'boolean') return value
    if (value === 'true' || value === 'false') return value === 'true'
    throw invalid(`${this.at(name)} must be true or false.`)
  }

  texts(name: string): readonly string[] {
    const value = this.#listOrMap(name) ?? []
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
    throw invalid(`${this.at(name)} must be a list of strings.`)
  }

  /** A map of strings. */
  map(name: string): Readonly<Record<string, string>> {
    const value = this.#listOrMap(name) ?? {}
    if (isObject(value) && Object.values(value).every((each) => typeof each === 'string'))
      return value as Readonly<Record<string, string>>
    throw invalid(`${this.at(name)} must be a map of strings.`)
  }

  objects(name: string): readonly Parameters[] {
    const value = this.#listOrMap(name) ?? []
    if (Array.isArray(value) && value.every(isObject))
      return value.map((each, index) => new Parameters(each, `${this.at(name)}.${index + 1}`))
    throw invalid(`${this.at(name)} must be a list of objects.`)
  }

  object(name: string): Parameters {
    const value = this.#listOrMap(name) ?? {}
    if (isObject(value)) return new Parameters(value, this.at(name))
    throw invalid(`${this.at(name)} must be an object.`)
  }

  /** In the query protocol an empty text stands for one that is empty. */
  #listOrMap(name: string): unknown {
    const value = this.get(name)
    return value === '' ? undefined : value
  }
}

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message)
