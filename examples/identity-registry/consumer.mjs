#!/usr/bin/env node
/**
 * A consumer of the Identity Registry's messages, written from the description of UWIT-1 and UWIT-2 alone: it imports nothing of
 * Tocsin. Each line of its input is one message; each line it prints is what the message says.
 *
 *     tail -F source.uwit | node consumer.mjs --certificate https://groups.uw.edu/pubkeys/sign1.crt=sign1.crt --key iamcrypt1=iamcrypt1.key
 *
 * A certificate is believed for the address it is given with, and for no other.
 */
import { constants, createDecipheriv, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
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

function argumentsNamed(name, args) {
  const values = args.filter((_, index) => args[index - 1] === `--${name}`)
  return values.map((value) => [value.slice(0, value.lastIndexOf('=')), value.slice(value.lastIndexOf('=') + 1)])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const trust = {
    certificates: new Map(argumentsNamed('certificate', args).map(([url, file]) => [url, readFileSync(file)])),
    keys: new Map(argumentsNamed('key', args).map(([id, file]) => [id, fromBase64(readFileSync(file, 'utf8'))])),
  }
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const { context, body } = openMessage(line, trust)
      console.log(JSON.stringify({ ...context, ...body }))
    } catch (error) {
      console.error(`refused: ${error.message}`)
    }
  }
}
