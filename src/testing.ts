/**
 * `tocsin/testing`: the suites by which a store or a transport of your own proves itself, and rehearsals of plug-ins on recorded
 * events, with any test runner.
 */

import { EgressClient } from './access/egress/client.js'
import { createPolicy } from './access/egress/guard.js'

export { type Rehearsal, type Rehearsed, type RehearsedCall, readEvents, rehearse } from './rehearse.js'
export { type ConformanceTools, storeConformance } from './store/conformance.js'
export {
  type BadTarget,
  type ConformanceRun,
  type ReceivedMessage,
  type TransportUnderTest,
  transportConformance,
} from './transports/conformance.js'

/** A guarded client that may reach this machine alone: for a transport's own test. */
export const loopbackEgress = (): EgressClient =>
  new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8', '::1/128'] }) })
