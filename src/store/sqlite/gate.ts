/**
 * Who goes into SQLite on a thread goes through a gate. Node ends its threads when the process exits, and a thread that is ended
 * while it is inside takes the process with it: it aborts, whatever it was to exit with. So the exit of the process waits until
 * nobody is inside, and lets nobody in any more.
 */

/** Shared by all threads of the process. */
export type Gate = Int32Array<SharedArrayBuffer>

const INSIDE = 0
const SHUT = 1

/** Milliseconds that an exit waits: a commit takes a few, a backup of a large file seconds. */
const PATIENCE = 10_000

let gate: Gate | null = null

/** For the threads that this one starts. */
export function gateOfProcess(): Gate {
  if (gate !== null) return gate
  const made = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  gate = made
  process.once('exit', () => shut(made))
  return made
}

/** What a thread does when it is called, inside the gate from beginning to end. */
export type Through = <Arguments extends readonly unknown[], Result>(
  work: (...given: Arguments) => Result,
) => (...given: Arguments) => Result

export const through =
  (gate: Gate): Through =>
  (work) =>
  (...given) => {
    enter(gate)
    try {
      return work(...given)
    } finally {
      leave(gate)
    }
  }

/** Who finds it shut waits for the end of the process. */
function enter(gate: Gate): void {
  Atomics.add(gate, INSIDE, 1)
  if (Atomics.load(gate, SHUT) === 0) return
  leave(gate)
  Atomics.wait(gate, SHUT, 1)
}

function leave(gate: Gate): void {
  Atomics.sub(gate, INSIDE, 1)
  Atomics.notify(gate, INSIDE)
}

function shut(gate: Gate): void {
  Atomics.store(gate, SHUT, 1)
  const until = Date.now() + PATIENCE
  for (let inside = Atomics.load(gate, INSIDE); inside > 0; inside = Atomics.load(gate, INSIDE))
    if (Atomics.wait(gate, INSIDE, inside, until - Date.now()) === 'timed-out') return
}
