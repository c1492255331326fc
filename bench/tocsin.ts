/**
 * What is measured: the package as it is published, compiled. Its name does not lead here from a workspace of its own.
 */

export { createServer } from '../dist/server/app.js'
export * from '../dist/src/index.js'
