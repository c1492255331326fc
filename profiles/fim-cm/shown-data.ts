/**
 * What people may see of a registration's initializationData: all of it, or, when any of it may be a secret, nothing.
 */
import { looksSecret } from '../secrets.js'

/** `Password=`, `"apiKey":`, `<add key="pin"`, ... */
const NAMED = /([\w .-]{1,64})["']?\s*[=:]/g
const CREDENTIALS = /:\/\/[^/\s@]*:[^/\s@]*@|-----BEGIN /
/** Keys in base64 or hex; paths and names of classes have dots, slashes or spaces before that many. */
const LONG_TOKEN = /[A-Za-z0-9+_=-]{32,}/

export function shownData(data: string): string {
  const names = [...data.matchAll(NAMED)].map(([, name = '']) => name.trim())
  const secret = names.some((name) => looksSecret(name) || /key$|credential|authorization/i.test(name))
  return secret || CREDENTIALS.test(data) || LONG_TOKEN.test(data) ? '***' : data
}
