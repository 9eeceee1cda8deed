/**
 * The audio of one leg between this browser and the gateway: one RTCPeerConnection, used once.
 *
 *     const media = new Media(microphoneStream);
 *     const offer = await media.prepare();          // beforehand: gathering takes 150 ms
 *     await media.answer(sdpFromTheGateway);        // resolves when audio flows both ways
 *     media.muted = true;
 *     media.sendDigits('12#');
 *     media.close();
 */

import { reroute, route } from './devices.js';
import { MediaError } from './errors.js';

/**
 * new -> preparing -> ready -> connecting -> connected <-> interrupted -> failed; closed from anywhere.
 * interrupted: no packets for some seconds, the browser still tries. failed: make a new Media and reattach.
 * @typedef {'new' | 'preparing' | 'ready' | 'connecting' | 'connected' | 'interrupted' | 'failed' | 'closed'} MediaState
 */

/**
 * Totals since the start, except the last three.
 * @typedef {object} Statistics
 * @property {number} sent packets
 * @property {number} received packets
 * @property {number} lost packets that should have been received
 * @property {number} jitterMs
 * @property {number | null} rttMs round trip, browser to gateway and back, which Firefox gives in whole ms; null while unknown
 * @property {number} farLossPercent of what is sent, as the far end reports (RTCP); 0 while it reports nothing
 */

const GATHERING_MS = 2000; // no candidate for that long: offer what there is
const CONNECTING_MS = 5000;
const FIRST_PACKET_MS = 3000; // after `connected`: a cell and the gateway's test send at once
const LOOK_MS = 20;
const WATCH_MS = 1000;
const SILENT_MS = 2000; // a cell sends 50 packets in each second of a call, silence too; the browser itself notices after 5 s or more
const TONE_MS = 120; // RFC 4733 asks for at least 40 ms; some switchboards want 100
const GAP_MS = 70;
const CODECS = ['audio/pcma', 'audio/pcmu', 'audio/telephone-event'];
/** @type {Partial<Record<RTCPeerConnectionState, MediaState>>} */
const STATES = { connected: 'connected', disconnected: 'interrupted', failed: 'failed' };

/** Dispatches CustomEvent 'state' with detail `{ state: MediaState }`. */
export class Media extends EventTarget {
  /** @type {RTCPeerConnection} */ #peer;
  /** @type {RTCRtpSender} */ #sender;
  /** @type {MediaStreamTrack} */ #track;
  /** @type {MediaState} */ #state = 'new';
  #element = new Audio();
  #heard = { received: 0, at: 0 };
  #watch = 0;
  /** @type {(error: MediaError) => void} */ #giveUp = () => {};
  /** @type {Promise<never>} rejects with `closed` */
  #end = new Promise((_, reject) => (this.#giveUp = reject));

  /** @param {MediaStream} microphone stays the caller's: this object speaks through a copy of its track */
  constructor(microphone) {
    super();
    this.microphone = microphone;
    this.#track = microphone.getAudioTracks()[0].clone();
    this.#peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    const transceiver = this.#peer.addTransceiver(this.#track, { direction: 'sendrecv' });
    this.#sender = transceiver.sender;
    transceiver.setCodecPreferences?.(telephoneCodecs());
    this.#element.srcObject = new MediaStream([transceiver.receiver.track]);
    this.#peer.onconnectionstatechange = () => this.#moved();
    this.#end.catch(() => {}); // whether somebody waits or not
  }

  /** @returns {MediaState} */
  get state() {
    return this.#state;
  }

  /** What the other party says; for a level meter. */
  get remoteStream() {
    return /** @type {MediaStream} */ (this.#element.srcObject);
  }

  /** A muted person sends silence (packets go on). */
  get muted() {
    return !this.#track.enabled;
  }

  set muted(muted) {
    this.#track.enabled = !muted;
  }

  /**
   * Gather an offer. It stays good until the network changes.
   * @returns {Promise<string>} SDP
   * @throws {MediaError} closed
   */
  async prepare() {
    this.#enter('preparing');
    await this.unlessClosed(this.#gather());
    this.#enter('ready');
    return this.offer;
  }

  /** The gathered offer; '' before `prepare`. */
  get offer() {
    return this.#peer.localDescription?.sdp ?? '';
  }

  /**
   * Take the gateway's answer.
   * @param {string} sdp
   * @returns {Promise<void>} resolves when audio flows
   * @throws {MediaError} bad-answer, no-media-path, closed
   */
  async answer(sdp) {
    this.#enter('connecting');
    await this.unlessClosed(this.#flow(sdp));
    if (this.#closed) throw new MediaError('closed');
    this.#watch = setInterval(() => void this.#watchPackets(), WATCH_MS);
  }

  /**
   * Send telephone events (RFC 4733), after those that are still being sent.
   * @param {string} digits of 0-9 A-D * #
   */
  sendDigits(digits) {
    const dtmf = this.#sender.dtmf;
    if (dtmf?.canInsertDTMF) dtmf.insertDTMF(dtmf.toneBuffer + digits, TONE_MS, GAP_MS);
  }

  /**
   * Another microphone, in mid-call too.
   * @param {MediaStream} microphone
   */
  async useMicrophone(microphone) {
    const track = microphone.getAudioTracks()[0].clone();
    track.enabled = this.#track.enabled;
    await this.unlessClosed(this.#sender.replaceTrack(track)).catch((error) => {
      track.stop();
      throw error;
    });
    this.#track.stop();
    this.#track = track;
    this.microphone = microphone;
  }

  /** Call after another speaker was chosen, or one was plugged in or out. */
  async rerouted() {
    await reroute(this.#element, 'speaker');
  }

  /** How the call goes; quality.js says how that sounds. @returns {Promise<Statistics>} */
  async statistics() {
    /** @type {Statistics} */
    const figures = { sent: 0, received: 0, lost: 0, jitterMs: 0, rttMs: null, farLossPercent: 0 };
    for (const report of (await this.#peer.getStats()).values()) collect(figures, report);
    return figures;
  }

  /** End. Nothing of this object works afterwards. */
  close() {
    if (this.#closed) return;
    clearInterval(this.#watch);
    this.#peer.close();
    this.#track.stop();
    this.#element.pause();
    this.#element.srcObject = new MediaStream();
    this.#enter('closed');
    this.#giveUp(new MediaError('closed'));
  }

  /**
   * What a peer connection was at when it was closed never ends, neither well nor badly (WebRTC 1.0, 4.4.1.6), and what a gateway says of
   * it then is of no use: nobody waits for either.
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   * @throws {MediaError} closed
   */
  unlessClosed(work) {
    return Promise.race([this.#end, work]);
  }

  async #gather() {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    await gathered(this.#peer);
  }

  /** @param {string} sdp */
  async #flow(sdp) {
    try {
      await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    } catch (error) {
      throw new MediaError(this.#closed ? 'closed' : 'bad-answer', error);
    }
    await Promise.all([this.#connected().then(() => this.#heardSomething()), this.#listen()]);
  }

  get #closed() {
    return this.#state === 'closed';
  }

  /** interrupted <-> connected by what arrives. A leg that never sent anything is not watched. */
  async #watchPackets() {
    const { received } = await this.statistics();
    const now = performance.now();
    if (received > this.#heard.received) this.#heard = { received, at: now };
    const silent = received > 0 && now - this.#heard.at > SILENT_MS;
    if (silent && this.#state === 'connected') this.#enter('interrupted');
    if (!silent && this.#state === 'interrupted' && this.#peer.connectionState === 'connected') this.#enter('connected');
  }

  async #listen() {
    await route(this.#element, 'speaker');
    await this.#element.play().catch((error) => {
      if (!this.#closed) throw error;
    });
  }

  #connected() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new MediaError('no-media-path')), CONNECTING_MS);
      const look = () => {
        if (this.#state === 'connecting') return;
        clearTimeout(timer);
        this.removeEventListener('state', look);
        if (this.#state === 'connected') resolve(undefined);
        else reject(new MediaError(this.#closed ? 'closed' : 'no-media-path'));
      };
      this.addEventListener('state', look);
      look();
    });
  }

  /** The handshake ends before the gateway looks at our certificate: only what it sends proves that it has let us in. */
  async #heardSomething() {
    const until = performance.now() + FIRST_PACKET_MS;
    while (!(await this.statistics()).received) {
      if (this.#closed) throw new MediaError('closed');
      if (performance.now() > until) throw new MediaError('no-media-path');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #moved() {
    const state = STATES[this.#peer.connectionState];
    if (state && !this.#closed) this.#enter(state);
  }

  /** @param {MediaState} state */
  #enter(state) {
    if (this.#closed) throw new MediaError('closed');
    this.#state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: { state } }));
  }
}

function telephoneCodecs() {
  const all = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
  return all.filter(({ mimeType, clockRate }) => CODECS.includes(mimeType.toLowerCase()) && clockRate === 8000);
}

/** @param {RTCPeerConnection} peer */
function gathered(peer) {
  return new Promise((resolve) => {
    const look = () => peer.iceGatheringState === 'complete' && resolve(undefined);
    peer.addEventListener('icegatheringstatechange', look);
    peer.addEventListener('signalingstatechange', () => peer.signalingState === 'closed' && resolve(undefined));
    setTimeout(resolve, GATHERING_MS);
    look();
  });
}

/**
 * @param {Statistics} figures
 * @param {any} report
 */
function collect(figures, report) {
  if (report.type === 'outbound-rtp') figures.sent = report.packetsSent;
  if (report.type === 'inbound-rtp') {
    figures.received = report.packetsReceived;
    figures.lost = Math.max(0, report.packetsLost);
    figures.jitterMs = 1000 * (report.jitter ?? 0);
  }
  if (report.type === 'remote-inbound-rtp') figures.farLossPercent = 100 * (report.fractionLost ?? 0);
  if (report.type === 'candidate-pair' && report.nominated && report.currentRoundTripTime !== undefined) figures.rttMs = 1000 * report.currentRoundTripTime;
}
