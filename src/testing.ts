/**
 * `tocsin/testing`: the suites by which a store or a transport of your own proves itself, with any test runner.
 */
export { type ConformanceTools, storeConformance } from './store/conformance.js'
export { transportConformance } from './transports/conformance.js'
