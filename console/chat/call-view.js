import { $, paintAvatar } from './dom.js';
import { durationOf } from './format.js';
import { RingTone } from './ring-tone.js';

const STATES = {
  asking: 'Asking for the microphone…',
  calling: 'Calling…',
  ringing: 'Ringing…',
  connecting: 'Connecting…',
};
const TONES = { incoming: 'incoming', calling: 'outgoing', ringing: 'outgoing' };

/** What is seen and heard of a call. */
export class CallView {
  #tone = new RingTone();
  #shown;

  /** `calls`: see {@link Calls}. */
  constructor({ store, calls }) {
    Object.assign(this, { store, calls });
    $('chat-call').onclick = () => void calls.start(store.active.peer, 'audio');
    $('chat-video').onclick = () => void calls.start(store.active.peer, 'video');
    $('call-answer').onclick = () => void calls.answer(store.call.media);
    $('call-answer-audio').onclick = () => void calls.answer('audio');
    $('call-mute').onclick = () => calls.toggle('audio');
    $('call-camera').onclick = () => calls.toggle('video');
    $('call-full').onclick = () => void $('call').requestFullscreen();
    $('call-hang-up').onclick = () => calls.hangUp();
  }

  stop() {
    this.calls.hangUp();
    this.store.call = undefined;
    this.render();
  }

  render() {
    const { call } = this.store;
    this.#heads(call);
    this.#tone.play(TONES[call?.state]);
    $('call').hidden = call === undefined;
    if (!call) return void (this.#shown = undefined);
    if (this.#shown !== call) this.#begin(call);
    const { state, media, stream, remote } = call;
    setText($('call-state'), textOf(call));
    setText($('call-time'), state === 'active' ? durationOf((Date.now() - call.since) / 1000) : '');
    setStream($('call-remote'), remote);
    setStream($('call-local'), state === 'ended' ? undefined : stream);
    const picture = [stream, remote].some((each) => each?.getVideoTracks().length > 0) && state !== 'ended';
    $('call-videos').hidden = !picture;
    $('call').dataset.state = state;
    const incoming = state === 'incoming';
    $('call-answer').hidden = !incoming;
    $('call-answer-audio').hidden = !incoming || media !== 'video';
    this.#toggle($('call-mute'), stream?.getAudioTracks(), state, ['Mute', 'Muted']);
    this.#toggle($('call-camera'), stream?.getVideoTracks(), state, ['Camera off', 'Camera is off']);
    $('call-full').hidden = !picture || !document.fullscreenEnabled;
    $('call-hang-up').hidden = state === 'ended';
    setText($('call-hang-up'), incoming ? 'Decline' : 'Hang up');
  }

  #begin({ peer, media, state }) {
    this.#shown = this.store.call;
    $('call-peer').textContent = peer;
    paintAvatar($('call-avatar'), peer);
    $('call').setAttribute('aria-label', `${media === 'video' ? 'Video call' : 'Call'} with ${peer}`);
    // A window over the page would keep hand and keyboard away from the call.
    if (state === 'incoming')
      for (const each of document.querySelectorAll('dialog:modal:not(#stopped)')) each.close();
    if (document.fullscreenElement) void document.exitFullscreen();
  }

  #heads(call) {
    const { active, me, connection } = this.store;
    const possible = active?.kind === 'direct' && active.peer !== undefined && active.peer !== me;
    const free = connection.state === 'connected' && (call === undefined || call.state === 'ended');
    for (const button of [$('chat-call'), $('chat-video')]) {
      button.hidden = !possible;
      button.disabled = !free;
    }
  }

  #toggle(button, tracks, state, [on, off]) {
    const [track] = tracks ?? [];
    button.hidden = track === undefined || state === 'ended';
    const stopped = track?.enabled === false;
    button.setAttribute('aria-pressed', String(stopped));
    setText(button, stopped ? off : on);
  }
}

function textOf({ state, media, since, note }) {
  if (state === 'ended') return note;
  if (state === 'incoming') return media === 'video' ? 'Incoming video call' : 'Incoming call';
  if (state === 'active') return 'Connected';
  return since ? 'Reconnecting…' : STATES[state];
}

/** A status is read out when it changes, and not when it is set again. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setStream(element, stream) {
  if (element.srcObject !== (stream ?? null)) element.srcObject = stream ?? null;
}
