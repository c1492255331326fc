/**
 * `console/src/api/schema.d.ts`: the types of the client, made from `server/openapi.yaml` wherever types are checked and never
 * kept in the repository, so they cannot fall behind it. What is built for browsers does not need them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import openapi, { astToString } from 'openapi-typescript'
import { parse } from 'yaml'

const TYPES = new URL('src/api/schema.d.ts', import.meta.url)

const yaml = readFileSync(new URL('../server/openapi.yaml', import.meta.url), 'utf8')
const text = `/** Made from server/openapi.yaml by console/client-types.ts. */\n${astToString(await openapi(parse(yaml)))}`
if (!existsSync(TYPES) || readFileSync(TYPES, 'utf8') !== text) writeFileSync(TYPES, text)
