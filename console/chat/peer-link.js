/**
 * Sound and picture from browser to browser (WebRTC). What the other side must know goes out through `send(payload)`:
 * a `description`, a `candidate`, or the wish for a `restart`, which is the caller's to make.
 */
export class PeerLink {
  #connection;
  /** Own candidates before the other side can be reached. */
  #held = [];
  /** The other side's candidates before its description. */
  #early = [];
  remote;

  /** `changed()`: `state` or `remote` did. */
  constructor({ iceServers, stream, caller, send, changed }) {
    Object.assign(this, { caller, send, changed });
    const connection = (this.#connection = new RTCPeerConnection({ iceServers }));
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
    connection.onicecandidate = ({ candidate }) => candidate && this.#tell({ candidate: candidate.toJSON() });
    connection.ontrack = ({ streams }) => {
      [this.remote] = streams;
      changed();
    };
    connection.onconnectionstatechange = () => {
      changed();
      if (this.state === 'failed') void this.restart();
    };
  }

  /** As RTCPeerConnection has it: `new`, `connecting`, `connected`, `disconnected`, `failed`, `closed`. */
  get state() {
    return this.#connection.connectionState;
  }

  /** The first description of the caller. */
  async offer() {
    await this.#connection.setLocalDescription();
    return this.#connection.localDescription.toJSON();
  }

  /** The answer to the description of the caller. */
  async accept(description) {
    await this.#hear(description);
    await this.#connection.setLocalDescription();
    return this.#connection.localDescription.toJSON();
  }

  /** From now on the other side can be reached. */
  open() {
    const held = this.#held;
    this.#held = undefined;
    for (const payload of held ?? []) this.send(payload);
  }

  /** What the other side has sent; it may be anything. */
  async take(payload) {
    const { description, candidate, restart } = payload ?? {};
    if (restart && this.caller) return this.restart();
    if (candidate) return this.#candidate(candidate);
    if (description?.type === 'offer') return this.send({ description: await this.accept(description) });
    if (description?.type === 'answer') return this.#hear(description);
  }

  /** Looks for a new way, after the old one was lost. */
  async restart() {
    if (!this.caller) return this.#tell({ restart: true });
    this.#connection.restartIce();
    const description = await this.offer();
    this.#tell({ description });
  }

  close() {
    this.#connection.onconnectionstatechange = null;
    this.#connection.close();
  }

  async #hear(description) {
    await this.#connection.setRemoteDescription(description);
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) await this.#connection.addIceCandidate(candidate);
  }

  async #candidate(candidate) {
    if (this.#connection.remoteDescription) await this.#connection.addIceCandidate(candidate);
    else this.#early.push(candidate);
  }

  #tell(payload) {
    if (this.#held) this.#held.push(payload);
    else this.send(payload);
  }
}
