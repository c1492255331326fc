/**
 * Writes server/openapi.yaml from the routes, and the types of the console's client from that.
 */
import { writeFileSync } from 'node:fs'
import { clientTypes } from '../console/client-types.js'
import { openapiYaml } from '../server/openapi-document.js'

const yaml = await openapiYaml()
writeFileSync(new URL('../server/openapi.yaml', import.meta.url), yaml)
writeFileSync(new URL('../console/src/api/schema.ts', import.meta.url), await clientTypes(yaml))
