/**
 * Client libraries that not everybody needs: optional peers, imported when first used.
 */
import { Unavailable } from '../errors.js'

/** Each message may ask, and an import looks for the file again. */
const imported = new Map<string, unknown>()

/**
 * @param name of the package, or of a part of it: `nodemailer/lib/smtp-connection`.
 * @throws Unavailable `unavailable`, naming the package, if it is not installed.
 */
export async function optionalPackage<Module>(name: string, transport: string): Promise<Module> {
  try {
    const found = imported.get(name) ?? (await import(name))
    imported.set(name, found)
    return found as Module
  } catch (error) {
    if (!isMissing(error)) throw error
    const [installed = name] = /^(@[^/]+\/)?[^/]+/.exec(name) ?? []
    throw new Unavailable('unavailable', `The transport ${transport} needs the package ${installed}.`, {
      field: 'transport',
      // Node does not look again for what it did not find.
      expected: `npm install ${installed}, where Tocsin is installed (with -g if it was installed so), and a new start`,
      data: { package: installed },
      cause: error,
    })
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
