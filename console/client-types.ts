/**
 * The types of the client, as the description of the API gives them.
 */
import { createHash } from 'node:crypto'
import { parse } from 'yaml'

/** The first line of the types: which description they were made from. */
export const madeFrom = (yaml: string): string =>
  `/** Written by \`npm run openapi\` from server/openapi.yaml (SHA-256 ${createHash('sha256').update(yaml).digest('hex')}). */\n`

/** @param yaml OpenAPI 3.1 */
export async function clientTypes(yaml: string): Promise<string> {
  const { default: openapi, astToString } = await import('openapi-typescript')
  return madeFrom(yaml) + astToString(await openapi(parse(yaml)))
}
