#!/usr/bin/env node
/**
 * A consumer of the Identity Registry's messages, written from the description of UWIT-1 and UWIT-2 alone: it imports nothing of
 * Tocsin. Each request to its port, or without a port each line of its input, is one message; each line it prints is what that says.
 *
 *     node consumer.mjs --port 8900 --certificate https://groups.uw.edu/pubkeys/sign1.crt=sign1.crt --key iamcrypt1=iamcrypt1.key
 *     tail -F source.uwit | node consumer.mjs --certificate https://groups.uw.edu/pubkeys/sign1.crt=sign1.crt
 *
 * A certificate is believed for the address it is given with, and for no other.
 */
import { constants, createDecipheriv, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const fromBase64 = (text) => Buffer.from(text, 'base64')

/** `{ header, context, body }`, or an error that says why the message is not believed. */
export function openMessage(line, { certificates, keys }) {
  const { header, body } = JSON.parse(fromBase64(line).toString('utf8'))
  const certificate = certificates.get(header.signingCertUrl)
  if (!certificate) throw new Error(`no certificate is known for ${header.signingCertUrl}`)
  if (!isSigned(header, body, new X509Certificate(certificate).publicKey)) throw new Error('the signature is wrong')
  return {
    header,
    context: JSON.parse(fromBase64(header.messageContext).toString('utf8')),
    body: JSON.parse(header.keyId ? decrypt(header, body, keys) : fromBase64(body).toString('utf8')),
  }
}

function isSigned(header, body, key) {
  const secrecy = header.keyId ? [header.iv, header.keyId] : []
  const { contentType, messageContext, messageId, messageType, sender, signingCertUrl, timestamp, version } = header
  const values = [contentType, ...secrecy, messageContext, messageId, messageType, sender, signingCertUrl, timestamp]
  const text = Buffer.from(`${[...values, version, body].join('\n')}\n`)
  const signature = fromBase64(header.signature)
  if (version === 'UWIT-1') return verify('RSA-SHA1', text, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
  if (version !== 'UWIT-2') throw new Error(`unknown version ${version}`)
  return verify('RSA-SHA256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature)
}

function decrypt({ keyId, iv }, body, keys) {
  const key = keys.get(keyId)
  if (!key) throw new Error(`unknown key ${keyId}`)
  const cipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, fromBase64(iv))
  return Buffer.concat([cipher.update(fromBase64(body)), cipher.final()]).toString('utf8')
}

/** Prints what a message says, or why it is not believed; whether it is. */
export function tell(line, trust) {
  try {
    const { context, body } = openMessage(line, trust)
    console.log(JSON.stringify({ ...context, ...body }))
    return true
  } catch (error) {
    console.error(`refused: ${error.message}`)
    return false
  }
}

function listen(port, trust) {
  const server = createServer(async (request, response) => {
    const line = (await request.toArray()).join('')
    response.writeHead(tell(line, trust) ? 204 : 400).end()
  })
  server.listen(port, '127.0.0.1', () => console.error(`Waits at http://127.0.0.1:${server.address().port}/`))
}

export const valuesOf = (name, args) => args.filter((_, index) => args[index - 1] === `--${name}`)

const pairsOf = (name, args) =>
  valuesOf(name, args).map((value) => [value.slice(0, value.lastIndexOf('=')), value.slice(value.lastIndexOf('=') + 1)])

/** The certificates and keys that a command line names. */
export const trustIn = (args) => ({
  certificates: new Map(pairsOf('certificate', args).map(([url, file]) => [url, readFileSync(file)])),
  keys: new Map(pairsOf('key', args).map(([id, file]) => [id, fromBase64(readFileSync(file, 'utf8'))])),
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const trust = trustIn(args)
  const [port] = valuesOf('port', args)
  if (port !== undefined) listen(Number(port), trust)
  else for await (const line of createInterface({ input: process.stdin })) tell(line, trust)
}
