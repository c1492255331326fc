/** Works when first asked, and then remembers. */
export function once<Value>(work: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: work() }
    return made.value
  }
}
