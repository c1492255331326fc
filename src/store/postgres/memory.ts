/** What one process remembers between transactions. Nothing of it decides what is true. */
export interface Memory {
  /** What each contended lane owes its tasks above NORMAL; worth nothing after a restart, so never written. */
  readonly credits: Map<string, number>
}

export const emptyMemory = (): Memory => ({ credits: new Map() })
