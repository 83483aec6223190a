import { ContactDirectory } from './contact-directory.js';

/** For an installation without contacts: nobody is one, and nobody is blocked. */
export class NoContacts extends ContactDirectory {
  override async contactsOf(): Promise<readonly string[]> {
    return [];
  }

  override async areContacts(): Promise<boolean> {
    return false;
  }

  override async hasBlocked(): Promise<boolean> {
    return false;
  }

  override async blockersOf(): Promise<ReadonlySet<string>> {
    return NOBODY;
  }

  override async blockedBy(): Promise<ReadonlySet<string>> {
    return NOBODY;
  }
}

const NOBODY: ReadonlySet<string> = new Set();
