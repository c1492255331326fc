/**
 * The OpenAPI document, made from the routes: ours, and those of the profiles in the box.
 */
import { profiles } from '../profiles/index.js'
import { createHub } from '../src/index.js'
import { createServer } from './app.js'

/** The document, as `openapi.yaml` keeps it. */
export async function openapiYaml(): Promise<string> {
  const hub = await createHub({ plugins: profiles, config: { database: 'memory', log: { level: 'silent' } } })
  const app = createServer(hub)
  await app.ready()
  const text = app.swagger({ yaml: true })
  await app.close()
  await hub.close()
  return text
}
