/**
 * Writes server/openapi.yaml from the routes.
 */
import { writeFileSync } from 'node:fs'
import { openapiYaml } from '../server/openapi-document.js'

writeFileSync(new URL('../server/openapi.yaml', import.meta.url), await openapiYaml())
