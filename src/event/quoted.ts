/** Printable ASCII but for `"` and `\`: what JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A text as JSON has it, as `JSON.stringify` writes it; in half the time for what needs no escape, which is most. */
export const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
