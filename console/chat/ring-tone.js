const PERIOD = 3000;
/** Hertz, and seconds from the beginning of a period to the end of the sound. */
const TONES = {
  incoming: { notes: [659, 784], length: 1.2 },
  outgoing: { notes: [440], length: 1 },
};
const VOLUME = 0.08;

/** A sound that is repeated until it is stopped; browsers allow it after the first click on a page. */
export class RingTone {
  #kind;
  #audio;

  /** `incoming`, `outgoing`, or undefined for silence. */
  play(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    clearInterval(this.timer);
    void this.#audio?.close();
    this.#audio = undefined;
    if (!kind) return;
    this.#audio = new AudioContext();
    this.#sound(TONES[kind]);
    this.timer = setInterval(() => this.#sound(TONES[kind]), PERIOD);
  }

  #sound({ notes, length }) {
    const audio = this.#audio;
    const part = length / notes.length;
    for (const [index, frequency] of notes.entries()) {
      const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
      const start = audio.currentTime + index * part;
      oscillator.frequency.value = frequency;
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(VOLUME, start + 0.03);
      gain.gain.linearRampToValueAtTime(0, start + part);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(start);
      oscillator.stop(start + part);
    }
  }
}
