import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openapiYaml } from './openapi-document.js'

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >
  readonly 'x-scope': string
}

const BODILESS = ['204', '302', '303', '304']

const hasShape = ({ content = {} }: Described['responses'][string]): boolean =>
  Object.keys(content).length > 0 &&
  Object.values(content).every(({ schema }) => schema !== undefined && Object.keys(schema).length > 0)

describe('openapi.yaml', async () => {
  const text = await openapiYaml()
  const document = parse(text) as { openapi: string; paths: Record<string, Record<string, Described>> }
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

  it('is what the routes say; `npm run openapi` writes it', () => {
    expect(readFileSync(new URL('./openapi.yaml', import.meta.url), 'utf8')).toBe(text)
  })

  it('is OpenAPI 3.1 without dangling references', () => {
    expect(document.openapi).toBe('3.1.0')
    const names = new Set([...text.matchAll(/#\/components\/schemas\/([\w-]+)/g)].map((match) => match[1]))
    const known = Object.keys((document as unknown as { components: { schemas: object } }).components.schemas)
    expect([...names].filter((name) => name === undefined || !known.includes(name))).toEqual([])
  })

  it('says of every operation what it answers when all is well, with the shape of the body', () => {
    const untold = operations.filter(({ responses }) => {
      const good = Object.entries(responses).filter(([status]) => /^[23]\d\d$/.test(status))
      return good.length === 0 || !good.every(([status, answer]) => BODILESS.includes(status) || hasShape(answer))
    })
    expect(untold.map(({ operationId }) => operationId)).toEqual([])
  })

  it('gives every operation an id of its own, a summary, a tag, a scope and problems', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const operation of operations) {
      expect(operation, operation.operationId).toMatchObject({
        summary: expect.stringMatching(/\S/),
        tags: [expect.stringMatching(/\S/)],
        'x-scope': expect.stringMatching(/^(open|any|own|[a-z]+:[a-z]+)$/),
        responses: { '4XX': expect.anything(), '5XX': expect.anything() },
      })
    }
  })
})
