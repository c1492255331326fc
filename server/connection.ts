/**
 * How a request came to us: from which address, and whether over TLS with a certificate of the client's.
 */
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PluginConnection } from '../src/index.js'

export function connectionOf(socket: Socket): PluginConnection {
  const secure = socket instanceof TLSSocket
  return { address: socket.remoteAddress ?? '', secure, certificate: secure ? certificateOf(socket) : null }
}

/** The handshake proved that the client holds its key (RFC 8446, section 4.4.3), whoever issued it. */
function certificateOf(socket: TLSSocket): string | null {
  const { raw } = socket.getPeerCertificate()
  return raw === undefined ? null : createHash('sha256').update(raw).digest('base64url')
}
