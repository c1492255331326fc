/**
 * Which members of a foreign object hold a secret, judged by their names. Rather one too many: what is taken away here
 * can be read back from the source system by those who may; what is let through is kept and sent.
 */

const SECRET_WORDS = new Set([
  'password',
  'passwords',
  'passwd',
  'pwd',
  'passphrase',
  'passcode',
  'secret',
  'secrets',
  'pin',
  'pins',
  'puk',
  'otp',
  'token',
  'tokens',
  'seed',
])
const SECRET_PAIRS = new Set([
  'admin key',
  'private key',
  'api key',
  'unlock code',
  'unblock code',
  'recovery code',
  'master key',
])

/** `newPassword`, `admin_pin`, `AdminKey`, `one-time password`, ... */
export function looksSecret(name: string): boolean {
  const words = wordsOf(name)
  return (
    words.some((word, index) => SECRET_WORDS.has(word) || SECRET_PAIRS.has(`${word} ${words[index + 1]}`)) ||
    SECRET_WORDS.has(words.join(''))
  )
}

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
