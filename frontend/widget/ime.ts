// Enter that confirms a candidate of a Chinese input method must never send.
export class EnterGuard {
  private composing = false;
  private endedAt = Number.NEGATIVE_INFINITY;

  attach(input: HTMLTextAreaElement, onSend: () => void): void {
    input.addEventListener("compositionstart", () => (this.composing = true));
    input.addEventListener("compositionend", (event) => {
      this.composing = false;
      this.endedAt = event.timeStamp;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || !this.mayAct(event)) return;
      event.preventDefault();
      onSend();
    });
  }

  private mayAct(event: KeyboardEvent): boolean {
    // Safari ends the composition before the keydown of the confirming Enter.
    const justEnded = event.timeStamp - this.endedAt < 30;
    return !(this.composing || event.isComposing || event.keyCode === 229 || justEnded);
  }
}
