/**
 * A thread that tells numbers at a steady rate, each with the time at which it was due, in milliseconds since the epoch.
 */
import { parentPort, workerData } from 'node:worker_threads'

const { rate, count } = workerData
/** Nobody wakes it: to wait for it is to sleep, and to less than a millisecond. */
const never = new Int32Array(new SharedArrayBuffer(4))
const now = () => performance.timeOrigin + performance.now()
const begun = now()

for (let index = 0; index < count; index++) {
  const due = begun + (index * 1_000) / rate
  for (let left = due - now(); left > 0; left = due - now()) Atomics.wait(never, 0, 0, left)
  parentPort.postMessage([index, due])
}
