/** Its failure is told where it is awaited, which may be later. */
export function unheard<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {})
  return promise
}
