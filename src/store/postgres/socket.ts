/**
 * What is asked in one turn is sent in one go: `pg` corks the socket for each statement, and it is uncorked when no more
 * follow. One call of the system instead of one each, and the server is woken once. (Encrypted connections write past it.)
 */
import { Socket } from 'node:net'

export class GatheringSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => super.uncork())
  }
}
