import { Injectable } from '@nestjs/common';

/** Whether this process is on its way out; readiness and admission ask it. */
@Injectable()
export class ShutdownState {
  private begun = false;

  get isShuttingDown(): boolean {
    return this.begun;
  }

  begin(): void {
    this.begun = true;
  }
}
