/** SQL statements; the same numbers give the same. */
export function population(people: number): Iterable<string>
export function changes(people: number, count: number, seed: number): Iterable<string>
