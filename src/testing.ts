/**
 * `tocsin/testing`: the suites by which a store or a transport of your own proves itself, and rehearsals of plug-ins on recorded
 * events, with any test runner.
 */

export { type Rehearsal, type Rehearsed, type RehearsedCall, readEvents, rehearse } from './rehearse.js'
export { type ConformanceTools, storeConformance } from './store/conformance.js'
export { transportConformance } from './transports/conformance.js'
