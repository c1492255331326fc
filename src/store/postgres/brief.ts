import { createHash } from 'node:crypto'

/** An index row may have about 2,700 bytes, and a key has up to three names. */
const LONGEST = 300
const DIGEST = 'sha256:'

/** Stands for a name in a key: the name itself, or the digest of a long one. What looks like a digest gets one too. */
export const brief = (name: string): string =>
  (name.length * 3 <= LONGEST || Buffer.byteLength(name) <= LONGEST) && !name.startsWith(DIGEST)
    ? name
    : `${DIGEST}${createHash('sha256').update(name).digest('base64url')}`
