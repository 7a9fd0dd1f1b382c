/** Bounds the work of an analysis that rules can make exponential. */

/** A budget of steps. */
export class Effort {
  private left: number;

  constructor(most: number) {
    this.left = most;
  }

  /** Takes steps from the budget; false where it did not have so many. */
  spend(amount: number): boolean {
    this.left -= amount;
    return !this.isOver;
  }

  get isOver(): boolean {
    return this.left < 0;
  }
}
