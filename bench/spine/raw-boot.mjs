/**
 * A thread does not inherit the reader of TypeScript.
 */
import { register } from 'tsx/esm/api'

register()
await import('./raw-worker.ts')
