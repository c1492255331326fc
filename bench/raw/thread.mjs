/**
 * A thread does not inherit the reader of TypeScript. `workerData` names the module that it runs, and what that is given.
 */
import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
const { start } = await import(workerData.module)
start(workerData.given)
