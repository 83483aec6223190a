import { Journal1767225600000 } from './1767225600000-journal.js';

/** In order; a new migration is added at the end. */
export const MIGRATIONS = [Journal1767225600000];
