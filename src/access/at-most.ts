/**
 * For a cache of very many: by `max` it would take the room for all of them when it is made, which was a tenth of what
 * opening a hub takes.
 */
export const atMost = (count: number) => ({ maxSize: count, sizeCalculation: () => 1 }) as const
