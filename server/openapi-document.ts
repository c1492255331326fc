/**
 * The OpenAPI document, made from the routes.
 */
import { createHub } from '../src/index.js'
import { createServer } from './app.js'

/** The document, as `openapi.yaml` keeps it. */
export async function openapiYaml(): Promise<string> {
  const hub = await createHub({ config: { database: 'memory', log: { level: 'silent' } } })
  const app = createServer(hub)
  await app.ready()
  const text = app.swagger({ yaml: true })
  await app.close()
  await hub.close()
  return text
}
