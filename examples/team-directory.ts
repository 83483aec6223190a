/**
 * A contact directory in the place of Rookery's: whoever is in the same team knows one another. Presence, calls,
 * invitations and `MESSAGE_POLICY=contacts` go by it.
 *
 * createApp(config, [TeamsModule], { contactDirectory: TeamDirectory })
 */
import { Global, Injectable, Module } from '@nestjs/common';
import { ContactDirectory } from 'rookery';

/** Stands for where your teams are kept: a table, LDAP, a service. */
@Injectable()
export class Teams {
  private readonly teamOf = new Map<string, string>();

  assign(user: string, team: string): void {
    this.teamOf.set(user, team);
  }

  of(user: string): string | undefined {
    return this.teamOf.get(user);
  }

  members(team: string): string[] {
    return [...this.teamOf].filter(([, each]) => each === team).map(([user]) => user);
  }
}

@Injectable()
export class TeamDirectory extends ContactDirectory {
  constructor(private readonly teams: Teams) {
    super();
  }

  override async contactsOf(user: string): Promise<readonly string[]> {
    const team = this.teams.of(user);
    if (team === undefined) return [];
    return this.teams
      .members(team)
      .filter((each) => each !== user)
      .toSorted();
  }

  override async areContacts(a: string, b: string): Promise<boolean> {
    const team = this.teams.of(a);
    return team !== undefined && team === this.teams.of(b);
  }

  override async hasBlocked(): Promise<boolean> {
    return false;
  }
}

/** Global: Rookery makes the directory, and has to find what it injects. */
@Global()
@Module({ providers: [Teams], exports: [Teams] })
export class TeamsModule {}
