/** Bounds what a question costs where rules make it grow without end. */

/** What may be done before it takes too long. */
export class Effort {
  private left: number;

  constructor(most: number) {
    this.left = most;
  }

  /** Whether so much was left. */
  spend(amount: number): boolean {
    this.left -= amount;
    return !this.isOver;
  }

  get isOver(): boolean {
    return this.left < 0;
  }
}
