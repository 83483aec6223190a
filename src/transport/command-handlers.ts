/** A handler of one command, bound to its connection, with whatever guards, pipes and filters it has. */
export type CommandHandler = (data: unknown) => unknown;

/** Every command that some gateway takes has a place, the same for all connections. */
const places = new Map<string, number>();

function placeOf(command: string): number {
  const place = places.get(command) ?? places.size;
  places.set(command, place);
  return place;
}

/** Makes a command known before any connection has it bound. */
export const declareCommand = (command: string): void => void placeOf(command);

/** Whether some gateway takes it. */
export const isCommand = (command: string): boolean => places.has(command);

/** The handlers that Nest has bound for one connection: a list, because a map of its own would be the largest thing an idle one has. */
export class CommandHandlers {
  private readonly handlers: (CommandHandler | undefined)[] = [];

  set(command: string, handler: CommandHandler): void {
    this.handlers[placeOf(command)] = handler;
  }

  get(command: string): CommandHandler | undefined {
    const place = places.get(command);
    return place === undefined ? undefined : this.handlers[place];
  }
}
