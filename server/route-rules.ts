/**
 * What holds for every route, checked when it is added.
 */
import type { FastifyRequest, RouteOptions } from 'fastify'
import { InvalidInput } from '../src/index.js'

/**
 * No route is open by forgetting: each names its scope. A route without a body schema takes no body.
 * @throws TypeError when the scope is missing.
 */
export function applyRules(route: RouteOptions): void {
  if (route.config?.scope === undefined)
    throw new TypeError(`The route ${route.url} does not say which scope it needs.`)
  if (route.schema?.body === undefined) route.preValidation = refuseBody
}

async function refuseBody(request: FastifyRequest): Promise<void> {
  if (request.body === undefined || request.body === null) return
  throw new InvalidInput('invalid_request', 'This call takes no body.', { field: 'body', expected: 'no body' })
}
