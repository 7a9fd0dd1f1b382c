/** Preloaded into a process: its wall clock jumps by years, back and forth, ten times a second. Timers and the monotonic clock are as ever. */

const Real = Date;
const YEARS = 10 * 365 * 86_400_000;

const offset = () => (Math.floor(performance.now() / 100) % 2 === 0 ? YEARS : -YEARS);

globalThis.Date = class extends Real {
  constructor(...args) {
    if (args.length === 0) super(Real.now() + offset());
    else super(...args);
  }

  static now() {
    return Real.now() + offset();
  }
};
