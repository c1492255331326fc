/**
 * Where the package's own files lie. `npm run build` puts every module it makes one folder below `dist/`, whichever it was
 * joined into, as this one is one folder below the package: so from any of them what is built is found the same way.
 */

/** Run from its TypeScript sources, as tests do. */
export const IS_SOURCE = import.meta.url.endsWith('.ts')

/** The URL of something in `dist/`: a program of ours, the console's folder. From sources, what was built last. */
export const built = (path: string): URL => new URL(`${IS_SOURCE ? '../dist' : '..'}/${path}`, import.meta.url)

/** The package's manifest. */
export const MANIFEST = new URL(IS_SOURCE ? '../package.json' : '../../package.json', import.meta.url)
