#!/usr/bin/env node
import { processIo } from './lib/io.js'
import { run } from './program.js'

// A reader that went away (`tocsin events list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

// Nor is a terminal that closed: what a server would say there has no reader, and its work goes on.
process.stderr.on('error', () => {})

process.exitCode = await run(process.argv.slice(2), processIo())
