#!/usr/bin/env node
import { processIo } from './lib/io.js'
import { run } from './program.js'

// A reader that went away (`tocsin events list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await run(process.argv.slice(2), processIo())
